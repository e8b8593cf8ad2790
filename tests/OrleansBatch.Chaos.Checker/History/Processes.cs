namespace OrleansBatch.Chaos.Checker.History;

/// <summary>Something that a process of a job says of itself, or that was seen of it.</summary>
public abstract record OfProcess : Entry
{
    /// <summary>AWS_BATCH_JOB_ID.</summary>
    public required string JobId { get; init; }

    /// <summary>AWS_BATCH_JOB_ATTEMPT.</summary>
    public required int Attempt { get; init; }

    /// <summary>The node in whose folder it wrote.</summary>
    public required string Node { get; init; }

    /// <summary>Process id.</summary>
    public required int Pid { get; init; }
}

/// <summary>A process wrote, with fsync, that it had started.</summary>
public sealed record ProcessStarted : OfProcess;

/// <summary>A process wrote, with fsync, that it was about to end.</summary>
public sealed record ProcessEnded : OfProcess
{
    /// <summary>What it ends with.</summary>
    public required int ExitCode { get; init; }
}

/// <summary>A process that had written no end was seen to be gone.</summary>
/// <remarks><see cref="Entry.At"/> is when it was last known to live: an interval is never longer than the truth.</remarks>
public sealed record ProcessGone : OfProcess;

/// <summary>The harness sent a signal to a process of a job.</summary>
public sealed record ProcessSignalled : Entry
{
    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>Signal.</summary>
    public required int Signal { get; init; }
}

/// <summary>A line that a witness left half written, as a kill between two writes may: it is told, not guessed.</summary>
public sealed record UnreadableLine : Entry
{
    /// <summary>The node in whose folder it is.</summary>
    public required string Node { get; init; }

    /// <summary>What stands there.</summary>
    public required string Text { get; init; }
}

/// <summary>A fault of the schedule.</summary>
public sealed record FaultInjected : Entry
{
    /// <summary>Kind, such as <c>kill-silo</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whom it was meant for.</summary>
    public required string Target { get; init; }

    /// <summary>When it was over; <see cref="Entry.At"/> is when it began.</summary>
    public required long Until { get; init; }

    /// <summary>Whether it was seen to strike: the process gone or stopped, packets dropped.</summary>
    public required bool Struck { get; init; }

    /// <summary>How that was seen, or why not.</summary>
    public string Evidence { get; init; } = "";
}
