using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Jobs;

/// <summary>The job life cycle: one row per (status, event). Nothing else assigns a status.</summary>
/// <remarks>Source: AWS Batch user guide, "Job states"; API pages CancelJob and TerminateJob; AWS HPC blog on both.</remarks>
public static class JobTransitions
{
    /// <summary>A job that has just been accepted.</summary>
    public static JobState New() => new() { Status = Submitted };

    /// <summary>An array that has just been accepted.</summary>
    public static JobState NewArray() => New() with { Unwritten = New() };

    /// <summary>A multi-node job that has just been accepted.</summary>
    public static JobState NewGang() => New() with { Role = JobRole.Gang, Unwritten = NodeTransitions.AsNode(New()) };

    /// <summary>The job after something happened to it.</summary>
    /// <returns>The same job where the event changes nothing.</returns>
    /// <exception cref="IllegalTransitionException">No row allows the event.</exception>
    public static JobState Next(JobState job, RetryStrategy strategy, JobEvent happened) => job.Role switch
    {
        JobRole.Gang => NodeTransitions.NextOfGang(job, strategy, happened, other => NextOfJob(other, strategy, happened)),
        JobRole.Node => NodeTransitions.NextOfNode(job, happened, other => NextOfJob(other, strategy, happened)),
        _ => job.Unwritten is null ? NextOfJob(job, strategy, happened) : NextOfArray(job, strategy, happened),
    };

    private static JobState NextOfJob(JobState job, RetryStrategy strategy, JobEvent happened) => (job.Status, happened) switch
    {
        // Tags are no part of the life: they change in every status, also in the last.
        (_, Retagged e) => job with { Tags = e.Tags },

        // Finished is final; a command may still come and finds nothing to do.
        (Succeeded or Failed, _) => job,

        // Reports can come twice, late, or from an attempt that is over.
        (Submitted or Pending or Runnable, OfAttempt) => job,
        (Starting or Running, OfAttempt report) when report.Fence != job.Fence
#if PLANTED_BUGS
            && !PlantedBugs.Planted.Is("believe-old-reports")
#endif
            => job,

        (Submitted, Accepted { HasDependencies: true }) => job with { Status = Pending },
        (Submitted, Accepted) => job with { Status = Runnable },
        (Submitted or Pending, DependenciesMet) => job with { Status = Runnable },
        // Told more than once.
        (Runnable or Starting or Running, DependenciesMet) => job,
        (Submitted or Pending, DependencyFailed e) => job.FailUnstarted(StatusReasons.DependencyFailed, e.At),

        (Runnable, Placed e) => job.BeginAttempt(e.Placement),
        // Told more than once: placing is repeated until it is answered.
        (Starting or Running, Placed e) when job.IsPlacedBy(e.Placement) => job,

        (Starting, Started e) => job.BeRunning(e.At, e.Unlimited),
        (Running, Started) => job,
        (Starting or Running, Exited e) => job.BeRunning(e.StartedAt ?? e.At).EndAttempt(strategy, AttemptEnd.Of(e)),
        (Starting or Running, TimedOut e) => job.BeRunning(e.StartedAt ?? e.At).EndAttempt(strategy, AttemptEnd.Of(e)),
        (Starting, FailedToStart e) => job.EndAttempt(strategy, AttemptEnd.Of(e)),
        (Starting, Refused e) => job.EndAttempt(strategy, AttemptEnd.Of(e, job.StopReason)),
        // It ran, and its agent knows nothing of it any more: with the journal the process is gone.
        (Running, Refused e) => job.EndAttempt(strategy, AttemptEnd.Of(new HostLost(e.Fence, e.At) { Containers = e.Containers }, job.Placement!.HostId)),
        (Starting or Running, HostLost e) => job.EndAttempt(strategy, AttemptEnd.Of(e, job.Placement!.HostId)),
        // On its host until the agent says that it is gone.
        (Starting or Running, HostReclaimed) => job with { Placement = job.Placement! with { IsReclaimed = true } },

        (Submitted or Pending or Runnable, Cancelled e) => job.FailUnstarted(e.Reason, e.At) with { IsCancelled = true },
        // The stronger command is under way already.
        (Starting or Running, Cancelled) when job.IsTerminated => job,
        // What runs may finish, but is not tried again.
        (Starting or Running, Cancelled) => job with { IsCancelled = true },

        (Submitted or Pending or Runnable, Terminated e) => job.FailUnstarted(e.Reason, e.At) with { IsTerminated = true },
        // On its host until the agent says that it is gone. The first reason stays.
        (Starting or Running, Terminated e) => job with { IsTerminated = true, StopReason = job.StopReason ?? e.Reason },

        (Submitted or Pending or Runnable, QueueDeleted e) => job.FailUnstarted(StatusReasons.QueueDeleted, e.At),
        (Starting or Running, QueueDeleted) => job with { StopReason = job.StopReason ?? StatusReasons.QueueDeleted },

        (Runnable, TaskRefused e) => job.FailUnstarted(e.Reason, e.At),

        (Runnable, Blocked e) => job with { StatusReason = e.StatusReason, BlockedSince = e.Since },
        (Runnable, Unblocked) => job with { StatusReason = null, BlockedSince = null },
        // The queue's word crossed with the placement, which cleared the reason.
        (Starting or Running, Blocked or Unblocked) => job,

        _ => throw new IllegalTransitionException(job.Status, happened),
    };

    /// <summary>
    /// An array's parent is PENDING until its last child has ended, and never placed itself. What happens to it happens to each child
    /// that has no row yet; those that have one take it from the sweep that is stored with it.
    /// </summary>
    private static JobState NextOfArray(JobState job, RetryStrategy strategy, JobEvent happened)
    {
        return (job.Status, happened) switch
        {
            (_, Retagged e) => job with { Tags = e.Tags },
            (Succeeded or Failed, _) => job,
            // A parent has no attempt.
            (_, OfAttempt) => job,

            (Submitted, Accepted e) => ToChildren(job with { Status = Pending }, new Accepted(e.HasDependencies || e.ChildrenWait)),
            (Pending, DependenciesMet) => ToChildren(job, happened),
            (Pending, DependencyFailed) => ToChildren(job with { StopReason = job.StopReason ?? StatusReasons.DependencyFailed }, happened),
            (Pending, TaskRefused e) => ToChildren(job with { StopReason = job.StopReason ?? e.Reason }, happened),

            // The stronger command is under way already.
            (Pending, Cancelled) when job.IsTerminated => job,
            (Pending, Cancelled e) => ToChildren(job with { IsCancelled = true, StopReason = job.StopReason ?? e.Reason }, happened),
            (Pending, Terminated) when job.IsTerminated => job,
            // Stronger than a cancel that came before: its reason counts.
            (Pending, Terminated e) => ToChildren(job with { IsTerminated = true, StopReason = e.Reason }, happened),
            (Pending, QueueDeleted) => ToChildren(job with { StopReason = job.StopReason ?? StatusReasons.QueueDeleted }, happened),

            (Pending, ChildrenEnded e) => job with
            {
                Status = e.HaveAllSucceeded ? Succeeded : Failed,
                StatusReason = e.HaveAllSucceeded ? null : job.StopReason ?? StatusReasons.ChildFailed,
                StartedAt = e.FirstStartedAt,
                StoppedAt = e.At,
            },

            _ => throw new IllegalTransitionException(job.Status, happened),
        };

        JobState ToChildren(JobState parent, JobEvent e) => parent with { Unwritten = NextOfJob(parent.Unwritten!, strategy, e) };
    }

    /// <summary>Whether the live attempt's process is to be stopped: terminated, its queue is being deleted, or its host is taken away.</summary>
    public static bool NeedsStop(JobState job) => job is { Placement: { } placement } && job.Status.IsPlaced() && (job.StopReason is not null || placement.IsReclaimed);
}
