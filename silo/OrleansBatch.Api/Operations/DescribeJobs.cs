using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeJobs.</summary>
internal static class DescribeJobs
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeJobsRequest, DescribeJobsResponse>(
        nameof(DescribeJobs),
        BatchJson.Default.DescribeJobsResponse,
        static call => call.Grain<IJobsGrain>().Describe(call.Request, call.Aborted));
}
