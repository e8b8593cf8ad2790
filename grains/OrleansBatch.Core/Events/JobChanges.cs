using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Events;

/// <summary>Says which events a step of a job's life makes: one for each status that it passes through, however short.</summary>
/// <remarks>Source: AWS Batch user guide, "Batch job events" and "Job queue blocked events".</remarks>
public static class JobChanges
{
    /// <summary>The job after all of it has happened, and the events.</summary>
    /// <exception cref="IllegalTransitionException">See <see cref="JobTransitions"/>.</exception>
    public static JobMove Fold(JobState job, RetryStrategy strategy, ImmutableArray<JobEvent> happened, DateTimeOffset at)
    {
        ImmutableArray<JobChange> changes = [];
        ImmutableArray<JobChange> unwritten = [];
        foreach (var each in happened)
        {
            var next = JobTransitions.Next(job, strategy, each);
            changes = Add(changes, job, next, each, at);
            if (next.Unwritten is { } children)
            {
                unwritten = Add(unwritten, job.Unwritten!, children, each, at);
            }

            job = next;
        }

        return new(job, changes, unwritten);
    }

    private static ImmutableArray<JobChange> Add(ImmutableArray<JobChange> changes, JobState before, JobState after, JobEvent happened, DateTimeOffset at)
    {
        if (PassesRunning(before, after))
        {
            changes = changes.Add(Of(JobChangeKind.StateChange, before with { Status = JobStatus.Running, StatusReason = null }, at));
        }

        if (after.Status != before.Status)
        {
            return changes.Add(Of(JobChangeKind.StateChange, after, at));
        }

        return happened is JobEvent.Blocked && after.StatusReason != before.StatusReason
            ? changes.Add(Of(JobChangeKind.QueueBlocked, after, at))
            : changes;
    }

    /// <summary>An end can be the first that is heard of an attempt that ran.</summary>
    private static bool PassesRunning(JobState before, JobState after) =>
        before.Status == JobStatus.Starting && after.Attempts.Length > before.Attempts.Length && after.Attempts[^1].StartedAt is not null;

    private static JobChange Of(JobChangeKind kind, JobState job, DateTimeOffset at) =>
        new(kind, at, job.Status, job.StatusReason, job.Attempts.Length, job.IsCancelled, job.IsTerminated);
}
