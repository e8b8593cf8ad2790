using Microsoft.Extensions.Logging;

namespace OrleansBatch.Grains.Nodes;

internal sealed partial class NodeGrain
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Agent of node {NodeId} connected as {Incarnation} with {Attempts} attempts: {Launches} launched again, {Stops} stopped, {Lost} lost")]
    private partial void LogConnected(string nodeId, string incarnation, int attempts, int launches, int stops, int lost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId} could not be told what became of its attempt; the agent repeats it")]
    private partial void LogNotTold(Exception exception, string jobId);
}
