namespace OrleansBatch.Processes.Wire;

/// <summary>One container of an attempt that has several.</summary>
public sealed record ContainerStart
{
    /// <summary>Unique in the attempt.</summary>
    public required string Name { get; init; }

    /// <summary>Program and arguments.</summary>
    public string[] Command { get; init; } = [];

    /// <summary>Its environment, as in <see cref="AttemptStart.Variables"/>.</summary>
    public string[] Variables { get; init; } = [];

    /// <summary>Absolute path of its log.</summary>
    public string Log { get; init; } = "";

    /// <summary>Whether the attempt fails with it; it succeeds when all essential ones have.</summary>
    public bool IsEssential { get; init; }

    /// <summary>All of these must hold before it starts.</summary>
    public ContainerWait[] DependsOn { get; init; } = [];

    /// <summary>Milliseconds from its start within which it must have ended as those want that wait for its end; null: no limit.</summary>
    public long? StartTimeout { get; init; }

    /// <summary>Milliseconds from SIGTERM to SIGKILL.</summary>
    public long StopTimeout { get; init; }

    /// <summary>What it may use, as in <see cref="AttemptStart.Limits"/>.</summary>
    public AttemptLimits? Limits { get; init; }

    /// <summary>Set when it cannot be started, whatever the supervisor does.</summary>
    public string? Unstartable { get; init; }
}

/// <summary>What must have happened to another container.</summary>
/// <param name="Container">Its place in the order.</param>
/// <param name="Condition">What.</param>
public readonly record struct ContainerWait(int Container, ContainerCondition Condition);

/// <summary>What one container can wait for at another.</summary>
public enum ContainerCondition
{
    /// <summary>Its process is, or was, up.</summary>
    Start,

    /// <summary>It has ended, however.</summary>
    Complete,

    /// <summary>It has ended with exit code 0.</summary>
    Success,
}

/// <summary>What became of one container.</summary>
public sealed record ContainerFact
{
    /// <summary>As in the order.</summary>
    public required string Name { get; init; }

    /// <summary>As in the order.</summary>
    public bool IsEssential { get; init; }

    /// <summary>When its process was up, in milliseconds since 1970; null: never, or nobody knows.</summary>
    public long? StartedAt { get; init; }

    /// <summary>When it ended, in milliseconds since 1970; null: it never began, or nobody knows.</summary>
    public long? StoppedAt { get; init; }

    /// <summary>0 to 255; null when there was none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it could not be started, or what is to be said of its end.</summary>
    public string? Reason { get; init; }
}
