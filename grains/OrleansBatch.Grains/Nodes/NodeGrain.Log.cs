using Microsoft.Extensions.Logging;

namespace OrleansBatch.Grains.Nodes;

internal sealed partial class NodeGrain
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Agent of node {NodeId} connected as {Incarnation} with {Attempts} attempts: {Launches} launched again, {Stops} stopped, {Lost} lost")]
    private partial void LogConnected(string nodeId, string incarnation, int attempts, int launches, int stops, int lost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Agent of node {NodeId} was refused as {Incarnation}: {Reason}")]
    private partial void LogRefused(string nodeId, string incarnation, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Agent of node {NodeId} did not answer; what it did not confirm is given again")]
    private partial void LogNotReached(Exception exception, string nodeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {NodeId} is lost as {Incarnation}: its lease of {Lease} was not renewed")]
    private partial void LogLost(string nodeId, string incarnation, TimeSpan lease);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {NodeId} is leaving: nothing new comes to it")]
    private partial void LogLeaving(string nodeId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {NodeId} has left")]
    private partial void LogGone(string nodeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of node {NodeId} could not be looked at; it is looked at again")]
    private partial void LogLeaseNotSeen(Exception exception, string nodeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId} could not be told what became of its attempt; the agent repeats it")]
    private partial void LogNotTold(Exception exception, string jobId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Node {NodeId} could not be asked for log stream {Stream}; what was shipped of it is read instead")]
    private partial void LogLogNotRead(Exception exception, string nodeId, string stream);
}
