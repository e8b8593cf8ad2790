using System.Collections.Immutable;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Events;

/// <summary>What a recorded event tells.</summary>
/// <remarks>The numbers are stored: never renumber.</remarks>
public enum JobChangeKind
{
    /// <summary>The job has another status.</summary>
    StateChange = 0,

    /// <summary>The job stands at the head of its queue and blocks it, for a reason that is new.</summary>
    QueueBlocked = 1,
}

/// <summary>One event of a job, as it is recorded: as little as tells it from what the job's row says anyway, see <see cref="JobsAsOf"/>.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Status">The status from then on.</param>
/// <param name="StatusReason">The reason from then on; null: none.</param>
/// <param name="Attempts">How many attempts were over.</param>
/// <param name="IsCancelled">Whether CancelJob had come.</param>
/// <param name="IsTerminated">Whether TerminateJob had come.</param>
public sealed record JobChange(
    JobChangeKind Kind, DateTimeOffset At, JobStatus Status, string? StatusReason, int Attempts, bool IsCancelled, bool IsTerminated);

/// <summary>What came of a job to which something happened.</summary>
/// <param name="State">The job now.</param>
/// <param name="Changes">Its events, in order.</param>
/// <param name="UnwrittenChanges">Of an array's parent: those of each child without a row.</param>
public sealed record JobMove(JobState State, ImmutableArray<JobChange> Changes, ImmutableArray<JobChange> UnwrittenChanges);
