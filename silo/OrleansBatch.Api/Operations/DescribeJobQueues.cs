using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeJobQueues.</summary>
internal static class DescribeJobQueues
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeJobQueuesRequest, DescribeJobQueuesResponse>(
        nameof(DescribeJobQueues),
        BatchJson.Default.DescribeJobQueuesResponse,
        static call => call.Grain<IJobQueuesGrain>().Describe(call.Request, call.Aborted));
}
