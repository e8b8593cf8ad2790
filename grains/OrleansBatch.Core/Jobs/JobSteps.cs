using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>The moves that the transition table is made of.</summary>
internal static class JobSteps
{
    /// <summary>Ends a job that has no live attempt. Earlier attempts and their times stay.</summary>
    public static JobState FailUnstarted(this JobState job, string reason, DateTimeOffset at) =>
        job with { Status = JobStatus.Failed, StatusReason = reason, StoppedAt = at, BlockedSince = null };

    /// <summary>Begins the next attempt. A reason why the job had to wait is over.</summary>
    public static JobState BeginAttempt(this JobState job, JobPlacement? placement) => job with
    {
        Status = JobStatus.Starting,
        StatusReason = null,
        BlockedSince = null,
        Fence = job.Fence + 1,
        Placement = placement is null ? null : placement with { StartedAt = null },
    };

    /// <summary>Whether the live attempt is the one that this placement began.</summary>
    public static bool IsPlacedBy(this JobState job, JobPlacement placement) =>
        job.Placement is { } live
        && (live.Environment, live.Epoch, live.ReservationId) == (placement.Environment, placement.Epoch, placement.ReservationId);

    /// <summary>Whoever has a process, or had one, is or was RUNNING. The first time known stays.</summary>
    public static JobState BeRunning(this JobState job, DateTimeOffset at, string? unlimited = null) =>
        job.Placement is { StartedAt: null } placement
            ? job with { Status = JobStatus.Running, StartedAt = at, Placement = placement with { StartedAt = at, Unlimited = unlimited } }
            : job;

    /// <summary>Records the live attempt and decides what becomes of the job.</summary>
    public static JobState EndAttempt(this JobState job, RetryStrategy strategy, AttemptEnd end)
    {
        if (job.Placement!.IsReclaimed && end.Kind is AttemptEndKind.Exited or AttemptEndKind.NotStarted)
        {
            end = end.AsHostLost(job.Placement.HostId);
        }

        var attempt = Record(job.Placement, end);
        return job.Role == JobRole.Node
            ? NodeTransitions.EndNode(job.WithoutLive(attempt), job, attempt, end)
            : job.After(strategy, attempt, end.Kind);
    }

    /// <summary>The job after an attempt that is recorded.</summary>
    public static JobState After(this JobState job, RetryStrategy strategy, JobAttempt attempt, AttemptEndKind kind)
    {
        var over = job.WithoutLive(attempt);

        // Stopped means failed, whatever the exit code.
        if (job.StopReason is { } reason
#if PLANTED_BUGS
            && !(job.IsTerminated && job.Fence < (strategy.Attempts ?? 1) && PlantedBugs.Planted.Is("retry-after-terminate"))
#endif
            )
        {
            return over with { Status = JobStatus.Failed, StatusReason = reason, StoppedAt = attempt.StoppedAt };
        }

        if (AttemptEnd.IsSuccessOf(kind, attempt.ExitCode))
        {
            return over with { Status = JobStatus.Succeeded, StatusReason = attempt.StatusReason, StoppedAt = attempt.StoppedAt };
        }

        return RetryDecision.Retries(job, strategy, attempt, kind)
            ? over with { Status = JobStatus.Runnable, StatusReason = null }
            : over with { Status = JobStatus.Failed, StatusReason = attempt.StatusReason, StoppedAt = attempt.StoppedAt };
    }

    private static JobState WithoutLive(this JobState job, JobAttempt attempt) =>
        job with { Placement = null, StopReason = null, Attempts = job.Attempts.Add(attempt) };

    private static JobAttempt Record(JobPlacement placement, AttemptEnd end) => new()
    {
        StartedAt = placement.StartedAt,
        StoppedAt = end.At,
        StatusReason = end.StatusReason,
        ExitCode = end.ExitCode,
        Reason = StatusReasons.OfContainer(end.ContainerReason),
        TaskArn = placement.TaskArn,
        ContainerInstanceArn = placement.ContainerInstanceArn,
        LogStream = placement.StartedAt is null ? null : placement.LogStream,
        Usage = end.Usage,
        Unlimited = placement.Unlimited,
        Address = placement.Address,
        CostUsd = CostRules.OfAttempt(placement.UsdPerHour, placement.StartedAt, end.At),
        Containers = end.Containers is { } containers
            ? [.. containers.Select(container => container with { Reason = StatusReasons.OfContainer(container.Reason) })]
            : null,
    };
}
