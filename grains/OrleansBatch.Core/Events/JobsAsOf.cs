using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Events;

/// <summary>What a job was when an event was recorded: made of what it is now, for attempts are only ever added, and what is final stays.</summary>
public static class JobsAsOf
{
    /// <summary>The state as of an event.</summary>
    /// <param name="now">The job's state, at the event's time or any later.</param>
    /// <param name="change">One of its events.</param>
    public static JobState State(JobState now, JobChange change)
    {
        // A node of a multi-node job may begin anew.
        if (change.Status.IsTerminal() && (now.Role != JobRole.Node || (now.Status == change.Status && now.Attempts.Length == change.Attempts)))
        {
            return now;
        }

        var attempts = now.Attempts.Length > change.Attempts ? now.Attempts[..change.Attempts] : now.Attempts;
        var live = change.Status.IsPlaced() ? Live(now, change) : null;
        return now with
        {
            Status = change.Status,
            StatusReason = change.StatusReason,
            IsCancelled = change.IsCancelled,
            IsTerminated = change.IsTerminated,
            Placement = live,
            Attempts = attempts,
            StartedAt = live?.StartedAt ?? attempts.LastOrDefault(attempt => attempt.StartedAt is not null)?.StartedAt,
            StoppedAt = null,
            StopReason = null,
            BlockedSince = null,
        };
    }

    private static JobPlacement? Live(JobState now, JobChange change)
    {
        var isRunning = change.Status == JobStatus.Running;
        if (now.Attempts.Length <= change.Attempts)
        {
            return isRunning ? now.Placement : now.Placement is { } live ? live with { StartedAt = null, Unlimited = null } : null;
        }

        // It is over by now: what was told of it then is told of it still.
        var attempt = now.Attempts[change.Attempts];
        return new()
        {
            Environment = "",
            Epoch = 0,
            ReservationId = "",
            NodeId = "",
            Incarnation = "",
            TaskArn = attempt.TaskArn,
            ContainerInstanceArn = attempt.ContainerInstanceArn,
            LogStream = attempt.LogStream ?? "",
            StartedAt = isRunning ? attempt.StartedAt : null,
            Unlimited = isRunning ? attempt.Unlimited : null,
        };
    }
}
