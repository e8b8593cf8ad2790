using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeLogStreams of CloudWatch Logs.</summary>
internal static class DescribeLogStreams
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>(
        nameof(DescribeLogStreams),
        BatchJson.Default.DescribeLogStreamsResponse,
        static call => call.Grain<ILogsGrain>().DescribeStreams(call.Request, call.Aborted))
    {
        Dialect = Dialect.Logs,
    };
}
