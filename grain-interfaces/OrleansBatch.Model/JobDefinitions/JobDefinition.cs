using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Model.JobDefinitions;

/// <summary>One revision of a job definition, as stored. Only its status ever changes.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobDefinition")]
public sealed record JobDefinition
{
    /// <summary>Name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>1 for the first, never reused.</summary>
    [Id(1)] public required int Revision { get; init; }

    /// <summary>False once deregistered: new submissions to it are refused.</summary>
    [Id(2)] public required bool IsActive { get; init; }

    /// <summary><c>container</c> or <c>multinode</c>.</summary>
    [Id(3)] public required string Type { get; init; }

    /// <summary>Defaults for <c>Ref::</c>.</summary>
    [Id(4)] public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>0 to 9999; counts on fair-share queues only.</summary>
    [Id(5)] public int? SchedulingPriority { get; init; }

    /// <summary>The container; empty when there are several, or several nodes.</summary>
    [Id(6)] public required ContainerProperties Container { get; init; }

    /// <summary>Retry strategy; null: none given.</summary>
    [Id(7)] public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>Timeout; null: none.</summary>
    [Id(8)] public JobTimeout? Timeout { get; init; }

    /// <summary>Whether tags go on to the task.</summary>
    [Id(9)] public bool PropagateTags { get; init; }

    /// <summary>As registered: one of <c>EC2</c>, <c>FARGATE</c> or <c>MANAGED_INSTANCES</c>, or nothing, which is <c>EC2</c>.</summary>
    [Id(10)] public IReadOnlyList<string> PlatformCapabilities { get; init; } = [];

    /// <summary>Tags.</summary>
    [Id(11)] public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>What its jobs need of consumable resources, as registered; null: nothing.</summary>
    [Id(12)] public ConsumableResourceProperties? ConsumableResourceProperties { get; init; }

    /// <summary>The task of a job of several containers; null: the one container.</summary>
    [Id(20)] public EcsTaskProperties? EcsTask { get; init; }

    /// <summary>The nodes of a multi-node job; null: it is none.</summary>
    [Id(21)] public NodeProperties? Nodes { get; init; }

    /// <summary><c>FARGATE</c>, <c>MANAGED_INSTANCES</c> or, by default, <c>EC2</c>.</summary>
    public string PlatformCapability => PlatformCapabilities.Count > 0 ? PlatformCapabilities[0] : "EC2";
}
