using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Model.Jobs;

/// <summary>What was submitted, with definition, overrides and parameters worked in. Written once.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobSpec")]
public sealed record JobSpec
{
    /// <summary>The job's name.</summary>
    [Id(0)] public required string JobName { get; init; }

    /// <summary>The job queue's name.</summary>
    [Id(1)] public required string JobQueue { get; init; }

    /// <summary>The job definition's name.</summary>
    [Id(2)] public required string DefinitionName { get; init; }

    /// <summary>The job definition's revision.</summary>
    [Id(3)] public required int DefinitionRevision { get; init; }

    /// <summary>The container after overrides and parameter substitution.</summary>
    [Id(4)] public required ContainerProperties Container { get; init; }

    /// <summary>What it needs of a host.</summary>
    [Id(5)] public required ResourceNeeds Needs { get; init; }

    /// <summary>The retry strategy in force; attempts are always set.</summary>
    [Id(6)] public required RetryStrategy RetryStrategy { get; init; }

    /// <summary>The timeout in force; null: none.</summary>
    [Id(7)] public JobTimeout? Timeout { get; init; }

    /// <summary>The definition's parameters with the submission's over them.</summary>
    [Id(8)] public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>The job's own tags.</summary>
    [Id(9)] public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The definition's tags, which count for the task only.</summary>
    [Id(10)] public IReadOnlyDictionary<string, string> DefinitionTags { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether tags go on to the task.</summary>
    [Id(11)] public bool PropagateTags { get; init; }

    /// <summary><c>EC2</c> or <c>FARGATE</c>.</summary>
    [Id(12)] public required string PlatformCapability { get; init; }

    /// <summary>Characters of the submission's container overrides as JSON for the task; 0 when there were none.</summary>
    [Id(13)] public int OverridesLength { get; init; }

    /// <summary>Children of an array job; null: a single job.</summary>
    [Id(14)] public int? ArraySize { get; init; }

    /// <summary>What it waits for, ids without ARNs.</summary>
    [Id(15)] public IReadOnlyList<JobDependency> DependsOn { get; init; } = [];

    /// <summary>What each attempt takes of consumable resources, each resource once; null: nothing.</summary>
    [Id(16)] public IReadOnlyList<ConsumableNeed>? ConsumableResources { get; init; }

    /// <summary>Its share; null: its queue goes first in, first out.</summary>
    [Id(17)] public string? ShareIdentifier { get; init; }

    /// <summary>Inside its share, 0 to 9999, higher first; null: its queue goes first in, first out.</summary>
    [Id(18)] public int? SchedulingPriority { get; init; }

    /// <summary>The task of a job of several containers, after overrides and parameter substitution; then <see cref="Container"/> is empty. Null: the one container.</summary>
    [Id(20)] public EcsTaskProperties? EcsTask { get; init; }

    /// <summary>The nodes of a multi-node job, after overrides and parameter substitution; then <see cref="Container"/> is empty and <see cref="Needs"/> are those of all nodes together. Null: it is none.</summary>
    [Id(21)] public NodeProperties? Nodes { get; init; }
}

/// <summary>A job as stored: one row.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobRecord")]
public sealed record JobRecord
{
    /// <summary>Lower-case UUID.</summary>
    [Id(0)] public required string JobId { get; init; }

    /// <summary>Whose job it is.</summary>
    [Id(1)] public required Scope Scope { get; init; }

    /// <summary>The number that the store gave at insert: the order of a queue. A child has its parent's.</summary>
    [Id(2)] public required long Sequence { get; init; }

    /// <summary>Grows by one with every write; 0: a child that has no row yet and is as its parent's row says.</summary>
    [Id(3)] public required long Version { get; init; }

    /// <summary>When SubmitJob was accepted.</summary>
    [Id(4)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What was submitted.</summary>
    [Id(5)] public required JobSpec Spec { get; init; }

    /// <summary>What changes.</summary>
    [Id(6)] public required JobState State { get; init; }

    /// <summary>Of an array's child, or of a node of a multi-node job: which; null for other jobs.</summary>
    [Id(7)] public ArrayChild? Child { get; init; }

    /// <summary>Of an array, or a multi-node job: its children, or nodes, by status; null for other jobs, and where they were not asked for.</summary>
    [Id(8)] public ArrayCounts? Children { get; init; }
}
