using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Model.JobDefinitions;

/// <summary>A multi-node parallel job, as registered, or after overrides and substitution.</summary>
/// <remarks>Source: AWS Batch API, NodeProperties.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeProperties")]
public sealed record NodeProperties
{
    /// <summary>Nodes, 1 to 1000.</summary>
    [Id(0)] public int? NumNodes { get; init; }

    /// <summary>Index of the node whose end is the job's.</summary>
    [Id(1)] public int? MainNode { get; init; }

    /// <summary>1 to 5; together they name every node.</summary>
    [Id(2)] public IReadOnlyList<NodeRangeProperty>? NodeRangeProperties { get; init; }
}

/// <summary>What some of a multi-node job's nodes run.</summary>
/// <remarks>Source: AWS Batch API, NodeRangeProperty.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeRangeProperty")]
public sealed record NodeRangeProperty
{
    /// <summary>Which: <c>a:b</c>, <c>a:</c>, <c>:b</c> or <c>a</c>. A range inside another counts for its nodes instead of that.</summary>
    [Id(0)] public string? TargetNodes { get; init; }

    /// <summary>The container of each of these nodes; or else <see cref="EcsProperties"/>.</summary>
    [Id(1)] public ContainerProperties? Container { get; init; }

    /// <summary>At most one; with <see cref="EcsProperties"/> only.</summary>
    [Id(2)] public IReadOnlyList<string>? InstanceTypes { get; init; }

    /// <summary>The containers of each of these nodes.</summary>
    [Id(3)] public EcsProperties? EcsProperties { get; init; }

    /// <summary>Jobs on EKS.</summary>
    [Id(4)] public RawJson? EksProperties { get; init; }

    /// <summary>What each of these nodes needs of consumable resources.</summary>
    [Id(5)] public ConsumableResourceProperties? ConsumableResourceProperties { get; init; }
}
