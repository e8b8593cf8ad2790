using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Api.Operations;

/// <summary>CreateJobQueue.</summary>
internal static class CreateJobQueue
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<CreateJobQueueRequest, JobQueueResponse>(
        nameof(CreateJobQueue),
        BatchJson.Default.JobQueueResponse,
        static call => call.Grain<IJobQueuesGrain>().Create(call.Request, call.Invocation, CancellationToken.None))
    {
        IsIdentified = true,
    };
}
