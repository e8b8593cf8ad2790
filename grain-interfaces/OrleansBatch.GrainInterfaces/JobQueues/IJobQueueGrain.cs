using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;

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

    /// <summary>Creates the queue over the environments given.</summary>
    [Alias("Create")]
    Task<JobQueueConfiguration> Create(CreateJobQueueRequest request, ImmutableArray<ComputeEnvironmentConfiguration> environments, CancellationToken cancellationToken);

    /// <summary>Changes the queue; the environments are those that the request names.</summary>
    [Alias("Update")]
    Task<JobQueueConfiguration> Update(UpdateJobQueueRequest request, ImmutableArray<ComputeEnvironmentConfiguration> environments, CancellationToken cancellationToken);

    /// <summary>Begins to delete the queue: its jobs are ended, then it is gone. Nothing happens when it does not exist.</summary>
    [Alias("Delete")]
    Task Delete(CancellationToken cancellationToken);

    /// <summary>Takes jobs that have become RUNNABLE.</summary>
    [Alias("Enqueue")]
    Task Enqueue(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken);

    /// <summary>Lets go of jobs that are not RUNNABLE any more.</summary>
    [Alias("Remove")]
    Task Remove(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken);

    /// <summary>Capacity may have come free, or there may be unfinished work.</summary>
    [Alias("Wake")]
    Task Wake(CancellationToken cancellationToken);
}
