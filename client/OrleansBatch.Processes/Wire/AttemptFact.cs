namespace OrleansBatch.Processes.Wire;

/// <summary>What the supervisor knows of one attempt.</summary>
public sealed record AttemptFact
{
    /// <summary>Job id.</summary>
    public required string Job { get; init; }

    /// <summary>Fence of the attempt.</summary>
    public required long Fence { get; init; }

    /// <summary>As in the order; empty when there never was one.</summary>
    public string Reservation { get; init; } = "";

    /// <summary>As in the order; empty when there never was one.</summary>
    public string Environment { get; init; } = "";

    /// <summary>How far it is.</summary>
    public required AttemptPhase Phase { get; init; }

    /// <summary>How it ended; null before that.</summary>
    public AttemptEnd? End { get; init; }

    /// <summary>When its process was up, in milliseconds since 1970.</summary>
    public long? StartedAt { get; init; }

    /// <summary>When it ended, in milliseconds since 1970.</summary>
    public long? StoppedAt { get; init; }

    /// <summary>0 to 255; null when there was none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it could not be started.</summary>
    public string? Reason { get; init; }

    /// <summary>The most memory that it had at a time, in bytes; null: not known.</summary>
    public long? PeakMemory { get; init; }

    /// <summary>Processor time of all its processes, in microseconds; null: not known.</summary>
    public long? CpuTime { get; init; }

    /// <summary>Why its limits are not enforced; null when they are, or when it never had a process.</summary>
    public string? Unlimited { get; init; }

    /// <summary>What became of each container of an attempt that has several and is over; null otherwise. Its peak memory is then the sum of theirs, an upper bound.</summary>
    public ContainerFact[]? Containers { get; init; }

    /// <summary>Which attempt.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public AttemptKey Key => new(Job, Fence);
}

/// <summary>How far an attempt is.</summary>
public enum AttemptPhase
{
    /// <summary>Journalled, its process not up yet.</summary>
    Accepted,

    /// <summary>Its process is up.</summary>
    Running,

    /// <summary>Over.</summary>
    Ended,
}

/// <summary>How an attempt ended.</summary>
public enum AttemptEnd
{
    /// <summary>Its process ended, by itself or stopped by order.</summary>
    Exited,

    /// <summary>It ran too long and was stopped.</summary>
    TimedOut,

    /// <summary>It could not be started.</summary>
    FailedToStart,

    /// <summary>Never started, and never will be.</summary>
    Refused,

    /// <summary>Gone, and nobody knows how; or stopped because the host's lease had lapsed.</summary>
    Lost,
}
