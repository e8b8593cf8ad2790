using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Jobs;

/// <summary>How an attempt ended, as far as it matters to what comes next.</summary>
public enum AttemptEndKind
{
    /// <summary>Its process ended.</summary>
    Exited,

    /// <summary>It ran longer than its timeout.</summary>
    TimedOut,

    /// <summary>It never had a process.</summary>
    NotStarted,

    /// <summary>Its host was lost.</summary>
    HostLost,
}

/// <summary>The end of an attempt.</summary>
internal sealed record AttemptEnd(
    AttemptEndKind Kind, string StatusReason, int? ExitCode, string? ContainerReason, DateTimeOffset At, AttemptUsage? Usage = null)
{
    /// <summary>What became of each container, of a job that has several; null otherwise.</summary>
    public IReadOnlyList<ContainerOutcome>? Containers { get; init; }

    /// <summary>Whether it did what it was asked to.</summary>
    public bool IsSuccess => IsSuccessOf(Kind, ExitCode);

    /// <summary>Whether an attempt that ended so did what it was asked to.</summary>
    public static bool IsSuccessOf(AttemptEndKind kind, int? exitCode) => kind == AttemptEndKind.Exited && exitCode == 0;

    public static AttemptEnd Of(JobEvent.Exited e)
    {
#if PLANTED_BUGS
        if (e.ExitCode > 128 && PlantedBugs.Planted.Is("take-a-signal-for-success"))
        {
            return Of(e with { ExitCode = 0 });
        }

#endif
        return new(AttemptEndKind.Exited, StatusReasons.ContainerExited, e.ExitCode, e.Reason, e.At, e.Usage) { Containers = e.Containers };
    }

    public static AttemptEnd Of(JobEvent.TimedOut e) => new(AttemptEndKind.TimedOut, StatusReasons.TimedOut, e.ExitCode, null, e.At, e.Usage) { Containers = e.Containers };

    public static AttemptEnd Of(JobEvent.FailedToStart e) =>
        new(AttemptEndKind.NotStarted, StatusReasons.FailedToStart, null, e.Reason, e.At) { Containers = e.Containers };

    /// <summary>What was stopped before it began has no reason of its own.</summary>
    public static AttemptEnd Of(JobEvent.Refused e, string? stopReason) =>
        new(AttemptEndKind.NotStarted, stopReason ?? StatusReasons.FailedToStart, null, null, e.At) { Containers = e.Containers };

    /// <summary>The end of what was stopped because its host was taken away: whatever the process said, the host is why.</summary>
    public AttemptEnd AsHostLost(string nodeId) => this with { Kind = AttemptEndKind.HostLost, StatusReason = StatusReasons.HostTerminated(nodeId) };

    public static AttemptEnd Of(JobEvent.HostLost e, string nodeId) =>
        new(AttemptEndKind.HostLost, StatusReasons.HostTerminated(nodeId), null, null, e.At) { Containers = e.Containers };
}
