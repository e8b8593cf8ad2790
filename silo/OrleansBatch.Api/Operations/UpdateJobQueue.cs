using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Api.Operations;

/// <summary>UpdateJobQueue.</summary>
internal static class UpdateJobQueue
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<UpdateJobQueueRequest, JobQueueResponse>(
        nameof(UpdateJobQueue),
        BatchJson.Default.JobQueueResponse,
        static call => call.Grain<IJobQueuesGrain>().Update(call.Request, CancellationToken.None));
}
