using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Api.Operations;

/// <summary>DeleteJobQueue.</summary>
internal static class DeleteJobQueue
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DeleteJobQueueRequest, EmptyAnswer>(
        nameof(DeleteJobQueue),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<IJobQueuesGrain>().Delete(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
