using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Api.Operations;

/// <summary>GetLogEvents of CloudWatch Logs.</summary>
internal static class GetLogEvents
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<GetLogEventsRequest, GetLogEventsResponse>(
        nameof(GetLogEvents),
        BatchJson.Default.GetLogEventsResponse,
        static call => call.Grain<ILogsGrain>().GetEvents(call.Request, call.Aborted))
    {
        Dialect = Dialect.Logs,
    };
}
