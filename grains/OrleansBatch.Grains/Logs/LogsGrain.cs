using Orleans.Concurrency;
using OrleansBatch.Core.Logs;
using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Grains.Nodes;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Grains.Logs;

/// <summary>Reads logs where they were written. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class LogsGrain(IAgentLinks links) : Grain, ILogsGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public async Task<GetLogEventsResponse> GetEvents(GetLogEventsRequest request, CancellationToken cancellationToken)
    {
        var query = LogRules.GetEvents(request, Scope);
        var link = links.Local ?? throw new LogsClientException("ServiceUnavailableException", "The node that holds the logs is not connected.");
        return LogRules.Answer(query, await link.ReadLogAsync(query, cancellationToken));
    }
}
