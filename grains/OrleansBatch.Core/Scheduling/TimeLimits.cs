using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Core.Scheduling;

/// <summary>The job that blocks a queue.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="StatusReason">Why, as its status reason says.</param>
/// <param name="Since">Since when for that reason.</param>
public sealed record BlockedHead(string JobId, string StatusReason, DateTimeOffset Since)
{
    /// <summary>What blocks the queue after a look; null: nothing.</summary>
    /// <param name="before">After the look before.</param>
    /// <param name="jobId">The job at the head.</param>
    /// <param name="statusReason">Why it is blocked; null: it is not, or the queue is merely busy.</param>
    /// <param name="now">The time. The clock starts anew with another job and with another reason.</param>
    public static BlockedHead? Next(BlockedHead? before, string jobId, string? statusReason, DateTimeOffset now) =>
        statusReason is null ? null
        : before is not null && before.JobId == jobId && before.StatusReason == statusReason ? before
        : new(jobId, statusReason, now);
}

/// <summary>What to do about the job that blocks a queue.</summary>
/// <param name="CancelReason">It is to be cancelled, with this status reason; null: nothing is to be done now.</param>
/// <param name="LookAgainAt">When a limit is reached next, if nothing changes; null: never.</param>
public sealed record TimeLimitDecision(string? CancelReason, DateTimeOffset? LookAgainAt);

/// <summary>Decides when a job has blocked its queue for too long.</summary>
/// <remarks>Source: AWS Batch API, JobStateTimeLimitAction; AWS Batch user guide, "Jobs stuck in RUNNABLE".</remarks>
public static class TimeLimits
{
    private static readonly TimeLimitDecision Nothing = new(null, null);

    /// <summary>What to do now, and when to look next.</summary>
    /// <param name="head">What blocks the queue; null: nothing.</param>
    /// <param name="actions">The queue's, each reason once; null: none.</param>
    /// <param name="now">The time.</param>
    public static TimeLimitDecision Decide(BlockedHead? head, IReadOnlyList<JobStateTimeLimitAction>? actions, DateTimeOffset now)
    {
        if (head is null || actions?.FirstOrDefault(action => IsAbout(action.Reason!, head.StatusReason)) is not { } limit)
        {
            return Nothing;
        }

        var due = head.Since + TimeSpan.FromSeconds(limit.MaxTimeSeconds!.Value);
        return due <= now ? new(StatusReasons.TimeLimit(limit.Reason!), null) : new(null, due);
    }

    /// <summary>A status reason is the action's reason and a text for people.</summary>
    private static bool IsAbout(string reason, string statusReason) =>
        statusReason.StartsWith(reason, StringComparison.Ordinal) && (statusReason.Length == reason.Length || statusReason[reason.Length] == ' ');
}
