namespace OrleansBatch.Chaos.Checker;

/// <summary>The life of one process of a job, as far as it is known: never longer than the truth.</summary>
public sealed record ProcessLife
{
    /// <summary>AWS_BATCH_JOB_ID.</summary>
    public required string JobId { get; init; }

    /// <summary>AWS_BATCH_JOB_ATTEMPT.</summary>
    public required int Attempt { get; init; }

    /// <summary>The node in whose folder it wrote.</summary>
    public required string Node { get; init; }

    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>It lived from here on at the latest.</summary>
    public required long From { get; init; }

    /// <summary>It lived until here at least; without an end, and never seen to be gone, for ever.</summary>
    public long Until { get; init; } = long.MaxValue;

    /// <summary>What it said that it ends with; null: it did not come to say so.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Whether it is still alive as far as anyone knows.</summary>
    public bool IsOpen => Until == long.MaxValue;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{JobId} attempt {Attempt} on {Node} as process {Pid}, {Clock.Of(From)} to {(IsOpen ? "nobody knows when" : Clock.Of(Until))}{(ExitCode is { } code ? $", exit {code}" : "")}";
}

/// <summary>How times are printed.</summary>
internal static class Clock
{
    public static string Of(long nanoseconds) => FormattableString.Invariant($"{nanoseconds / 1e9:F3} s");
}
