using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.JobQueues;

/// <summary>One job queue: the order of its RUNNABLE jobs, and the rounds that place them. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.IJobQueueGrain")]
public interface IJobQueueGrain : IGrainWithStringKey
{
    /// <summary>Its configuration; null when it does not exist.</summary>
    [Alias("Read"), ReadOnly]
    Task<JobQueueConfiguration?> Read(CancellationToken cancellationToken);

    /// <summary>The operator's variables for its jobs; none when it does not exist.</summary>
    [Alias("JobEnvironment"), ReadOnly]
    Task<JobEnvironment> JobEnvironment(CancellationToken cancellationToken);

    /// <summary>Replaces the operator's variables for its jobs. Attempts that start from then on get them.</summary>
    [Alias("SetJobEnvironment")]
    Task SetJobEnvironment(JobEnvironment environment, CancellationToken cancellationToken);

    /// <summary>Creates the queue. The same invocation again gets the first answer, also when the queue has changed or gone since.</summary>
    [Alias("Create")]
    Task<JobQueueResponse> Create(CreateJobQueueRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes the queue.</summary>
    [Alias("Update")]
    Task<JobQueueConfiguration> Update(UpdateJobQueueRequest request, CancellationToken cancellationToken);

    /// <summary>Begins to delete the queue: its jobs are ended, then it is gone. Nothing happens when it does not exist.</summary>
    [Alias("Delete")]
    Task Delete(CancellationToken cancellationToken);

    /// <summary>Takes jobs that have become RUNNABLE.</summary>
    [Alias("Enqueue")]
    Task Enqueue(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken);

    /// <summary>Lets go of jobs that are not RUNNABLE any more.</summary>
    [Alias("Remove")]
    Task Remove(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken);

    /// <summary>How many jobs stand before a job, or before the first child of an array, at most <paramref name="most"/>; null when it does not stand in the line.</summary>
    [Alias("Before"), ReadOnly]
    Task<int?> Before(string jobId, int most, CancellationToken cancellationToken);

    /// <summary>Takes in what is tried again and never came into the line, then looks as for <see cref="Wake"/>.</summary>
    [Alias("Settle")]
    Task Settle(CancellationToken cancellationToken);

    /// <summary>Capacity may have come free, or there may be unfinished work. Answered when the round that looks is over.</summary>
    [Alias("Wake")]
    Task Wake(CancellationToken cancellationToken);

    /// <summary>Takes note of jobs with shares that wait for others: their shares are active.</summary>
    [Alias("Pending")]
    Task Pending(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken);

    /// <summary>Attempts of jobs with shares are over: their shares are charged no more.</summary>
    [Alias("Ended")]
    Task Ended(ImmutableArray<string> jobIds, CancellationToken cancellationToken);

    /// <summary>Whether a job of this share may come in: as many as may be active are, and it is none of them.</summary>
    [Alias("Admits"), ReadOnly]
    Task<bool> Admits(string share, CancellationToken cancellationToken);

    /// <summary>Its front and what its jobs hold; null when it does not exist.</summary>
    [Alias("Snapshot")]
    Task<GetJobQueueSnapshotResponse?> Snapshot(CancellationToken cancellationToken);

    /// <summary>Changes the queue's tags; false when it does not exist.</summary>
    [Alias("ChangeTags")]
    Task<bool> ChangeTags(TagChange change, CancellationToken cancellationToken);
}
