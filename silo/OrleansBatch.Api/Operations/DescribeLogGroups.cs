using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeLogGroups of CloudWatch Logs.</summary>
internal static class DescribeLogGroups
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>(
        nameof(DescribeLogGroups),
        BatchJson.Default.DescribeLogGroupsResponse,
        static call => call.Grain<ILogsGrain>().DescribeGroups(call.Request, call.Aborted))
    {
        Dialect = Dialect.Logs,
    };
}
