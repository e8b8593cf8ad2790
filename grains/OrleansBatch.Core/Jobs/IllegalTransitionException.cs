using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Something happened to a job that cannot happen to it in its status: a broken invariant of ours.</summary>
public sealed class IllegalTransitionException(JobStatus status, JobEvent happened)
    : InvalidOperationException($"A job that is {status.ToWire()} cannot meet {happened}.")
{
    /// <summary>The job's status.</summary>
    public JobStatus Status { get; } = status;

    /// <summary>What happened.</summary>
    public JobEvent Happened { get; } = happened;
}
