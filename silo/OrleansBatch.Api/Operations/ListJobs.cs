using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>ListJobs.</summary>
internal static class ListJobs
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<ListJobsRequest, ListJobsResponse>(
        nameof(ListJobs),
        BatchJson.Default.ListJobsResponse,
        static call => call.Grain<IJobsGrain>().List(call.Request, call.Aborted));
}
