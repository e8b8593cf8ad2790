using System.Collections.Immutable;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Jobs;

/// <summary>Something that happened to a job.</summary>
public abstract record JobEvent
{
    private JobEvent()
    {
    }

    /// <summary>The scheduler took the job in.</summary>
    /// <param name="HasDependencies">Whether the whole job waits for others.</param>
    /// <param name="ChildrenWait">Whether each child of an array waits for one of its own.</param>
    public sealed record Accepted(bool HasDependencies, bool ChildrenWait = false) : JobEvent;

    /// <summary>All children of an array have ended, see <see cref="ArrayJobs.Ended"/>.</summary>
    /// <param name="HaveAllSucceeded">Whether all SUCCEEDED.</param>
    /// <param name="FirstStartedAt">When the first of them reached RUNNING; null when none did.</param>
    /// <param name="At">When the last of them ended.</param>
    public sealed record ChildrenEnded(bool HaveAllSucceeded, DateTimeOffset? FirstStartedAt, DateTimeOffset At) : JobEvent;

    /// <summary>Every job that it depends on SUCCEEDED.</summary>
    public sealed record DependenciesMet : JobEvent;

    /// <summary>A job that it depends on FAILED.</summary>
    public sealed record DependencyFailed(DateTimeOffset At) : JobEvent;

    /// <summary>It was given a place: an attempt begins. Safe to repeat for one reservation.</summary>
    public sealed record Placed(JobPlacement Placement) : JobEvent;

    /// <summary>Of a multi-node job: all its nodes were given places, and an attempt of each begins.</summary>
    public sealed record GangPlaced : JobEvent;

    /// <summary>Of a multi-node job: its main node runs. Safe to repeat.</summary>
    /// <param name="At">Since when.</param>
    public sealed record MainStarted(DateTimeOffset At) : JobEvent;

    /// <summary>Of a multi-node job: no process of any node is left.</summary>
    /// <param name="Attempt">The main node's attempt.</param>
    /// <param name="Kind">How that ended.</param>
    public sealed record GangEnded(JobAttempt Attempt, AttemptEndKind Kind) : JobEvent;

    /// <summary>Of a node: the main node's attempt is over, and this node is stopped. Safe to repeat.</summary>
    public sealed record MainNodeEnded : JobEvent;

    /// <summary>Of a node: its job is tried again, as a whole.</summary>
    public sealed record TriedAgain : JobEvent;

    /// <summary>What the agent says of one attempt. From any attempt but the live one it changes nothing.</summary>
    /// <param name="Fence">Which attempt.</param>
    public abstract record OfAttempt(long Fence) : JobEvent
    {
        /// <summary>What became of each container, of a job that has several; null otherwise.</summary>
        public IReadOnlyList<ContainerOutcome>? Containers { get; init; }
    }

    /// <summary>Its process is up.</summary>
    /// <param name="Fence">Which attempt.</param>
    /// <param name="At">Since when.</param>
    /// <param name="Unlimited">Why its limits are not enforced; null when they are.</param>
    public sealed record Started(long Fence, DateTimeOffset At, string? Unlimited = null) : OfAttempt(Fence);

    /// <summary>Its process ended, by itself or because it was stopped.</summary>
    /// <param name="Fence">Which attempt.</param>
    /// <param name="ExitCode">128 + n after signal n; null when there was none.</param>
    /// <param name="Reason">The runtime's own text; null after a plain exit.</param>
    /// <param name="StartedAt">When its process was up, if known.</param>
    /// <param name="At">When it ended.</param>
    /// <param name="Usage">What it used, if known.</param>
    public sealed record Exited(
        long Fence, int? ExitCode, string? Reason, DateTimeOffset? StartedAt, DateTimeOffset At, AttemptUsage? Usage = null) : OfAttempt(Fence);

    /// <summary>It ran longer than its timeout and was stopped.</summary>
    /// <param name="Fence">Which attempt.</param>
    /// <param name="ExitCode">As in <see cref="Exited"/>.</param>
    /// <param name="StartedAt">When its process was up, if known.</param>
    /// <param name="At">When it ended.</param>
    /// <param name="Usage">As in <see cref="Exited"/>.</param>
    public sealed record TimedOut(
        long Fence, int? ExitCode, DateTimeOffset? StartedAt, DateTimeOffset At, AttemptUsage? Usage = null) : OfAttempt(Fence);

    /// <summary>It could not be started.</summary>
    public sealed record FailedToStart(long Fence, string Reason, DateTimeOffset At) : OfAttempt(Fence);

    /// <summary>It was stopped before it was started, and never will be.</summary>
    public sealed record Refused(long Fence, DateTimeOffset At) : OfAttempt(Fence);

    /// <summary>Its host is gone.</summary>
    public sealed record HostLost(long Fence, DateTimeOffset At) : OfAttempt(Fence);

    /// <summary>
    /// Its host is taken away by the environment: interrupted, or replaced. It is stopped; when its process is gone the attempt ends as one whose host was lost.
    /// </summary>
    /// <param name="Fence">Which attempt.</param>
    public sealed record HostReclaimed(long Fence) : OfAttempt(Fence);

    /// <summary>CancelJob came.</summary>
    public sealed record Cancelled(string Reason, DateTimeOffset At) : JobEvent;

    /// <summary>TerminateJob came.</summary>
    public sealed record Terminated(string Reason, DateTimeOffset At) : JobEvent;

    /// <summary>Its queue is being deleted.</summary>
    public sealed record QueueDeleted(DateTimeOffset At) : JobEvent;

    /// <summary>No task can be made of it, see <see cref="Submission.TaskRefusal"/>. Known when it is RUNNABLE, and never tried again.</summary>
    public sealed record TaskRefused(string Reason, DateTimeOffset At) : JobEvent;

    /// <summary>It stands at the head of its queue and cannot be placed, since then for this reason.</summary>
    public sealed record Blocked(string StatusReason, DateTimeOffset Since) : JobEvent;

    /// <summary>What blocked it is over.</summary>
    public sealed record Unblocked : JobEvent;

    /// <summary>Its tags were changed: these are all of them now.</summary>
    public sealed record Retagged(IReadOnlyDictionary<string, string> Tags) : JobEvent;

    /// <summary>What an agent's report says happened, in order.</summary>
    /// <remarks>
    /// An attempt that ran passes through RUNNING, however short it was: the report of its end brings the start along.
    /// When a process exited and nobody knows since when it was up, its end is the only time known.
    /// </remarks>
    /// <exception cref="ArgumentException">The report lacks the time that its outcome needs.</exception>
    public static ImmutableArray<JobEvent> From(AttemptReport report)
    {
        var fence = report.Attempt.Fence;
        return report.Outcome switch
        {
            AttemptOutcome.Started => [new Started(fence, report.StartedAt ?? throw Incomplete(report), report.Unlimited)],
            AttemptOutcome.Exited =>
            [
                new Started(fence, report.StartedAt ?? End(report), report.Unlimited),
                new Exited(fence, report.ExitCode, report.Reason, report.StartedAt, End(report), report.Usage) { Containers = report.Containers },
            ],
            AttemptOutcome.TimedOut =>
            [
                new Started(fence, report.StartedAt ?? End(report), report.Unlimited),
                new TimedOut(fence, report.ExitCode, report.StartedAt, End(report), report.Usage) { Containers = report.Containers },
            ],
            AttemptOutcome.FailedToStart =>
                [new FailedToStart(fence, report.Reason ?? "CannotStartContainerError", End(report)) { Containers = report.Containers }],
            AttemptOutcome.Refused => [new Refused(fence, End(report)) { Containers = report.Containers }],
            AttemptOutcome.Lost when report.StartedAt is { } at =>
                [new Started(fence, at, report.Unlimited), new HostLost(fence, End(report)) { Containers = report.Containers }],
            AttemptOutcome.Lost => [new HostLost(fence, End(report)) { Containers = report.Containers }],
            _ => throw new ArgumentException($"Attempt {report.Attempt} reports an outcome that is none: {report.Outcome}.", nameof(report)),
        };
    }

    private static DateTimeOffset End(AttemptReport report) => report.StoppedAt ?? throw Incomplete(report);

    private static ArgumentException Incomplete(AttemptReport report) =>
        new($"Attempt {report.Attempt} reports {report.Outcome} without saying when.", nameof(report));
}
