using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Api.Operations;

/// <summary>FilterLogEvents of CloudWatch Logs.</summary>
internal static class FilterLogEvents
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<FilterLogEventsRequest, FilterLogEventsResponse>(
        nameof(FilterLogEvents),
        BatchJson.Default.FilterLogEventsResponse,
        static call => call.Grain<ILogsGrain>().FilterEvents(call.Request, call.Aborted))
    {
        Dialect = Dialect.Logs,
    };
}
