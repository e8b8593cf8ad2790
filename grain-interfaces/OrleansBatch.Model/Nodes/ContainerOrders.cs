using System.Collections.Immutable;

namespace OrleansBatch.Model.Nodes;

/// <summary>One container of an attempt that has several.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerOrder")]
public sealed record ContainerOrder
{
    /// <summary>Unique in the attempt.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>As in the launch.</summary>
    [Id(1)] public required ImmutableArray<string> Command { get; init; }

    /// <summary>As in the launch, whole.</summary>
    [Id(2)] public required ImmutableArray<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Where its stdout and stderr go.</summary>
    [Id(3)] public required LogLocation Log { get; init; }

    /// <summary>Whether the attempt fails with it; it succeeds when all essential ones have.</summary>
    [Id(4)] public required bool IsEssential { get; init; }

    /// <summary>All of these must hold before it starts.</summary>
    [Id(5)] public ImmutableArray<ContainerDependency> DependsOn { get; init; } = [];

    /// <summary>From its start: by then it must have ended as those want that wait for its end. Null: no limit.</summary>
    [Id(6)] public TimeSpan? StartTimeout { get; init; }

    /// <summary>From SIGTERM to SIGKILL.</summary>
    [Id(7)] public required TimeSpan StopTimeout { get; init; }

    /// <summary>What it may use; null: no limits.</summary>
    [Id(8)] public AttemptLimits? Limits { get; init; }
}

/// <summary>What must have happened to another container.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerDependency")]
public sealed record ContainerDependency([property: Id(0)] string Container, [property: Id(1)] ContainerCondition Condition);

/// <summary>What one container can wait for at another.</summary>
[GenerateSerializer, Alias("OrleansBatch.ContainerCondition")]
public enum ContainerCondition
{
    /// <summary>Its process is, or was, up.</summary>
    Start = 0,

    /// <summary>It has ended, however.</summary>
    Complete = 1,

    /// <summary>It has ended with exit code 0.</summary>
    Success = 2,
}

/// <summary>What became of one container.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerOutcome")]
public sealed record ContainerOutcome
{
    /// <summary>Which.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>As in the order: a retry strategy looks at essential containers only.</summary>
    [Id(1)] public bool IsEssential { get; init; }

    /// <summary>When its process was up; null if it never was.</summary>
    [Id(2)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null if it never began, or nobody knows.</summary>
    [Id(3)] public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>0 to 255, 128 + n after signal n; null when there was none.</summary>
    [Id(4)] public int? ExitCode { get; init; }

    /// <summary>Why it could not be started, or what the runtime says of its end; null otherwise.</summary>
    [Id(5)] public string? Reason { get; init; }
}
