using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>TerminateJobs.</summary>
internal static class TerminateJobs
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<StopJobsRequest, StopJobsResponse>(
        nameof(TerminateJobs),
        BatchJson.Default.StopJobsResponse,
        static call => call.Grain<IJobsGrain>().TerminateMany(call.Request, CancellationToken.None));
}
