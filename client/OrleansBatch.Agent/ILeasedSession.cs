using System.Collections.Immutable;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent;

/// <summary>A session with somebody far away: it can break, and what runs here runs under a lease.</summary>
public interface ILeasedSession : INodeSession
{
    /// <summary>Whose session it is: who follows its orders, and who is told with <see cref="NodeAgent.SayHelloAgain"/> that it broke. Called once, first.</summary>
    void Attach(NodeAgent agent);

    /// <summary>Renews the lease.</summary>
    /// <exception cref="Exception">Any: not renewed, as far as anybody knows.</exception>
    Task<NodeRenewal> RenewAsync(string incarnation, CancellationToken cancellationToken);

    /// <summary>Says that the agent takes no more launches.</summary>
    /// <exception cref="Exception">Any: not said, as far as anybody knows.</exception>
    Task LeaveAsync(string incarnation, CancellationToken cancellationToken);

    /// <summary>Whether somebody is there who keeps logs: not before the hello, nor where the other side is of an earlier version.</summary>
    bool KeepsLogs { get; }

    /// <summary>Ships parts of logs, for when this machine is gone.</summary>
    /// <exception cref="Exception">Any: not kept, as far as anybody knows.</exception>
    Task<LogsKept> ShipLogsAsync(ImmutableArray<LogChunk> chunks, CancellationToken cancellationToken);

    /// <summary>Breaks the connection, if there is one. The next hello goes to another silo.</summary>
    void Drop(string reason);
}

/// <summary>An incarnation is not welcome any more: its agent ends all it has, and comes as another.</summary>
public sealed class NodeRefusedException(string reason) : Exception(reason);
