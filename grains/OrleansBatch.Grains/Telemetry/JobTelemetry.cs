using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Telemetry;

/// <summary>Tells of a job's moves, as metrics and as spans of its trace, once they are stored.</summary>
internal sealed class JobTelemetry(BatchMetrics metrics, TimeProvider time)
{
    /// <summary>When the live placement was made; null: an earlier activation made it.</summary>
    private DateTimeOffset? _placedAt;

    /// <summary>A job, a child or a node has moved.</summary>
    /// <param name="job">As it was before.</param>
    /// <param name="after">Its state now.</param>
    public void Moved(JobRecord job, JobState after)
    {
        var before = job.State;
        var (queue, now) = (job.Spec.JobQueue, time.GetUtcNow());
        if (after.Status.IsPlaced() && !before.Status.IsPlaced())
        {
            var since = before.Attempts is [.., var last] ? last.StoppedAt : job.CreatedAt;
            metrics.Placed(queue, now - since);
            JobTraces.Tell("job.wait", job.JobId, since, now, new("orleansbatch.job.queue", queue), new("orleansbatch.attempt", after.Attempts.Length + 1));
            _placedAt = now;
        }

        var started = after.Placement?.StartedAt ?? (after.Attempts.Length > before.Attempts.Length ? after.Attempts[^1].StartedAt : null);
        if (started is { } at && before.Placement is { StartedAt: null } && _placedAt is { } placed)
        {
            metrics.Started(queue, at - placed);
            JobTraces.Tell("attempt.start", job.JobId, placed, at);
        }

        if (after.Attempts.Length > before.Attempts.Length)
        {
            AttemptEnded(job, after.Attempts[^1]);
        }

        if (after.Status.IsTerminal() && !before.Status.IsTerminal())
        {
            metrics.Ended(queue, after.Status);
            JobTraces.Tell("job", job.JobId, job.CreatedAt, now, new("orleansbatch.job.queue", queue), new("orleansbatch.job.status", after.Status.ToWire()));
        }
    }

    private void AttemptEnded(JobRecord job, JobAttempt attempt)
    {
        metrics.AttemptEnded(job.Spec.JobQueue, attempt);
        if (attempt.StartedAt is { } started)
        {
            JobTraces.Tell(
                "attempt.run",
                job.JobId,
                started,
                attempt.StoppedAt,
                new("orleansbatch.attempt.exit_code", attempt.ExitCode),
                new("orleansbatch.attempt.reason", attempt.StatusReason));
        }
    }
}
