using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Api.Operations;

/// <summary>GetJobQueueSnapshot.</summary>
internal static class GetJobQueueSnapshot
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<GetJobQueueSnapshotRequest, GetJobQueueSnapshotResponse>(
        nameof(GetJobQueueSnapshot),
        BatchJson.Default.GetJobQueueSnapshotResponse,
        static call => call.Grain<IJobQueuesGrain>().Snapshot(call.Request, call.Aborted));
}
