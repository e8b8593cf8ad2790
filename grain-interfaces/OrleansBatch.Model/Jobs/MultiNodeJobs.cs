using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Model.Jobs;

/// <summary>What a submission changes of its definition's nodes.</summary>
/// <remarks>Source: AWS Batch API, NodeOverrides.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeOverrides")]
public sealed record NodeOverrides
{
    /// <summary>Instead of the definition's, which must have a range that is open to the end.</summary>
    [Id(0)] public int? NumNodes { get; init; }

    /// <summary>In their order, each over what came before.</summary>
    [Id(1)] public IReadOnlyList<NodePropertyOverride>? NodePropertyOverrides { get; init; }
}

/// <summary>What a submission changes of some nodes.</summary>
/// <remarks>Source: AWS Batch API, NodePropertyOverride.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodePropertyOverride")]
public sealed record NodePropertyOverride
{
    /// <summary>Which, written as in a definition.</summary>
    [Id(0)] public string? TargetNodes { get; init; }

    /// <summary>Over the nodes' container.</summary>
    [Id(1)] public ContainerOverrides? ContainerOverrides { get; init; }

    /// <summary>Over the nodes' containers.</summary>
    [Id(2)] public EcsPropertiesOverride? EcsPropertiesOverride { get; init; }

    /// <summary>At most one; for nodes of several containers only.</summary>
    [Id(3)] public IReadOnlyList<string>? InstanceTypes { get; init; }

    /// <summary>Jobs on EKS.</summary>
    [Id(4)] public RawJson? EksPropertiesOverride { get; init; }

    /// <summary>Over the nodes' quantities, resource by resource.</summary>
    [Id(5)] public ConsumableResourceProperties? ConsumableResourcePropertiesOverride { get; init; }
}

/// <summary>Which node of a multi-node job it is.</summary>
/// <remarks>Source: AWS Batch API, NodeDetails.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeDetails")]
public sealed record NodeDetails
{
    /// <summary>From 0.</summary>
    [Id(0)] public required int NodeIndex { get; init; }

    /// <summary>Whether its end is the job's.</summary>
    [Id(1)] public required bool IsMainNode { get; init; }
}

/// <summary>A multi-node job, or a node of one, in short.</summary>
/// <remarks>Source: AWS Batch API, NodePropertiesSummary.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodePropertiesSummary")]
public sealed record NodePropertiesSummary
{
    /// <summary>Of a node: whether its end is the job's.</summary>
    [Id(0)] public bool? IsMainNode { get; init; }

    /// <summary>Nodes of the job.</summary>
    [Id(1)] public int? NumNodes { get; init; }

    /// <summary>Of a node: which, from 0.</summary>
    [Id(2)] public int? NodeIndex { get; init; }
}

/// <summary>A network interface of an attempt.</summary>
/// <remarks>Source: AWS Batch API, NetworkInterface.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NetworkInterface")]
public sealed record NetworkInterface
{
    /// <summary>The address at which the other nodes reach it.</summary>
    [Id(0)] public string? PrivateIpv4Address { get; init; }
}
