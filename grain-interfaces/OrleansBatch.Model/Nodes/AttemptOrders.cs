using System.Collections.Immutable;

namespace OrleansBatch.Model.Nodes;

/// <summary>Names one attempt of one job.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptId")]
public readonly record struct AttemptId([property: Id(0)] string JobId, [property: Id(1)] long Fence)
{
    /// <inheritdoc/>
    public override string ToString() => $"{JobId}/{Fence}";
}

/// <summary>Start one attempt. Safe to repeat: an agent starts a fence once.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LaunchOrder")]
public sealed record LaunchOrder
{
    /// <summary>Which attempt.</summary>
    [Id(0)] public required AttemptId Attempt { get; init; }

    /// <summary>The incarnation of the agent that may start it; any other calls it lost.</summary>
    [Id(1)] public required string Incarnation { get; init; }

    /// <summary>The reservation it fills; comes back in reports.</summary>
    [Id(2)] public required string ReservationId { get; init; }

    /// <summary>Key of the environment that holds the reservation; comes back in reports.</summary>
    [Id(3)] public required string EnvironmentKey { get; init; }

    /// <summary>Program and arguments as given: no shell. May be empty, which cannot start.</summary>
    [Id(4)] public required ImmutableArray<string> Command { get; init; }

    /// <summary>The whole environment in order of precedence, later wins; the agent puts the host's minimum below it.</summary>
    [Id(5)] public required ImmutableArray<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Where stdout and stderr go.</summary>
    [Id(6)] public required LogLocation Log { get; init; }

    /// <summary>How long it may run from its start; null: no limit.</summary>
    [Id(7)] public TimeSpan? Timeout { get; init; }

    /// <summary>From SIGTERM to SIGKILL.</summary>
    [Id(8)] public required TimeSpan StopTimeout { get; init; }

    /// <summary>What it may use; null: no limits.</summary>
    [Id(9)] public AttemptLimits? Limits { get; init; }

    /// <summary>Key of the job's queue.</summary>
    [Id(10)] public required string QueueKey { get; init; }

    /// <summary>The containers of a job that has several, 1 to 10: then command, log and stop timeout of this order mean nothing. Empty: the one command.</summary>
    [Id(20)] public ImmutableArray<ContainerOrder> Containers { get; init; } = [];
}

/// <summary>What one attempt may use of its host.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptLimits")]
public sealed record AttemptLimits
{
    /// <summary>Hard limit, in MiB: beyond it the kernel kills the job.</summary>
    [Id(0)] public required long MemoryMiB { get; init; }

    /// <summary>Swap beside the memory, in MiB.</summary>
    [Id(1)] public long SwapMiB { get; init; }

    /// <summary>Processor time, in thousandths of a vCPU: a weight against other jobs when processors are short.</summary>
    [Id(2)] public required long VcpuMillis { get; init; }

    /// <summary>Whether it never gets more processor time than that, as on Fargate.</summary>
    [Id(3)] public bool IsCpuCapped { get; init; }
}

/// <summary>A log stream inside its scope and group.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogLocation")]
public sealed record LogLocation
{
    /// <summary>Whose log it is.</summary>
    [Id(0)] public required Scope Scope { get; init; }

    /// <summary>Log group, such as <c>/aws/batch/job</c>.</summary>
    [Id(1)] public required string Group { get; init; }

    /// <summary>Log stream, such as <c>sleep/default/0123…</c>.</summary>
    [Id(2)] public required string Stream { get; init; }
}

/// <summary>Stop one attempt: SIGTERM, the stop timeout, SIGKILL. Safe to repeat: the clock of the first runs.</summary>
/// <remarks>A stop that overtakes its launch is a refusal of that fence: it is never started.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.StopOrder")]
public sealed record StopOrder([property: Id(0)] AttemptId Attempt);

/// <summary>What became of an attempt.</summary>
[GenerateSerializer, Alias("OrleansBatch.AttemptOutcome")]
public enum AttemptOutcome
{
    /// <summary>Its process is up.</summary>
    Started = 0,

    /// <summary>Its process ended, by itself or stopped by order; the exit code is set.</summary>
    Exited = 1,

    /// <summary>It ran too long and was stopped by the supervisor.</summary>
    TimedOut = 2,

    /// <summary>It could not be started; the reason says why.</summary>
    FailedToStart = 3,

    /// <summary>A stop came before the start: it was never started and never will be.</summary>
    Refused = 4,

    /// <summary>It is gone and nobody knows how it ended.</summary>
    Lost = 5,
}

/// <summary>One fact about one attempt. Repeated until it is answered.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptReport")]
public sealed record AttemptReport
{
    /// <summary>Which attempt.</summary>
    [Id(0)] public required AttemptId Attempt { get; init; }

    /// <summary>As in the launch.</summary>
    [Id(1)] public required string ReservationId { get; init; }

    /// <summary>As in the launch.</summary>
    [Id(2)] public required string EnvironmentKey { get; init; }

    /// <summary>What happened.</summary>
    [Id(3)] public required AttemptOutcome Outcome { get; init; }

    /// <summary>When its process was up; null if it never was, or nobody knows.</summary>
    [Id(4)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null in a report of a start.</summary>
    [Id(5)] public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>0 to 255, 128 + n after signal n; null when there was none.</summary>
    [Id(6)] public int? ExitCode { get; init; }

    /// <summary>Why it could not be started, or what the runtime says of its end; null otherwise.</summary>
    [Id(7)] public string? Reason { get; init; }

    /// <summary>What it used; null before its end, or when nobody knows.</summary>
    [Id(8)] public AttemptUsage? Usage { get; init; }

    /// <summary>Why its limits are not enforced; null when they are, or when it never had a process.</summary>
    [Id(9)] public string? Unlimited { get; init; }

    /// <summary>What became of each container, in the order of the launch, of an attempt that has several and is over; null otherwise.</summary>
    [Id(20)] public IReadOnlyList<ContainerOutcome>? Containers { get; init; }
}

/// <summary>What an attempt used, all its processes together.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptUsage")]
public sealed record AttemptUsage
{
    /// <summary>The most memory at a time, in bytes; null: not known.</summary>
    [Id(0)] public long? PeakMemoryBytes { get; init; }

    /// <summary>Processor time; null: not known.</summary>
    [Id(1)] public TimeSpan? CpuTime { get; init; }
}
