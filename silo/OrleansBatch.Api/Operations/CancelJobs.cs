using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>CancelJobs.</summary>
internal static class CancelJobs
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<StopJobsRequest, StopJobsResponse>(
        nameof(CancelJobs),
        BatchJson.Default.StopJobsResponse,
        static call => call.Grain<IJobsGrain>().CancelMany(call.Request, CancellationToken.None));
}
