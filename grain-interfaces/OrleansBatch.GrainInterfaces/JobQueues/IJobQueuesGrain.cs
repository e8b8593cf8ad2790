using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.GrainInterfaces.JobQueues;

/// <summary>The job queues of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IJobQueuesGrain")]
public interface IJobQueuesGrain : IGrainWithStringKey
{
    /// <summary>Creates a queue. The same invocation again gets the first answer.</summary>
    [Alias("Create")]
    Task<JobQueueResponse> Create(CreateJobQueueRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes a queue. Safe to repeat.</summary>
    [Alias("Update")]
    Task<JobQueueResponse> Update(UpdateJobQueueRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a disabled queue and ends its jobs. Safe to repeat.</summary>
    [Alias("Delete")]
    Task Delete(DeleteJobQueueRequest request, CancellationToken cancellationToken);

    /// <summary>Describes a page of queues.</summary>
    [Alias("Describe")]
    Task<DescribeJobQueuesResponse> Describe(DescribeJobQueuesRequest request, CancellationToken cancellationToken);

    /// <summary>What stands at a queue's front, and what its jobs hold.</summary>
    [Alias("Snapshot")]
    Task<GetJobQueueSnapshotResponse> Snapshot(GetJobQueueSnapshotRequest request, CancellationToken cancellationToken);

    /// <summary>Replaces the operator's variables for the jobs of a job queue. Safe to repeat.</summary>
    [Alias("SetJobEnvironment")]
    Task<JobEnvironmentNames> SetJobEnvironment(SetJobEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>The names of the operator's variables for the jobs of a job queue.</summary>
    [Alias("JobEnvironment")]
    Task<JobEnvironmentNames> JobEnvironment(string name, CancellationToken cancellationToken);
}
