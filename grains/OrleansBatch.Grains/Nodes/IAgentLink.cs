using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>The way to one node's agent, in this process or in another.</summary>
public interface IAgentLink
{
    /// <summary>The node, in the form <c>i-0123456789abcdef0</c>.</summary>
    string NodeId { get; }

    /// <summary>The agent's incarnation.</summary>
    string Incarnation { get; }

    /// <summary>What the host really has.</summary>
    ResourceNeeds Capacity { get; }

    /// <summary>Starts attempts. Safe to repeat.</summary>
    ValueTask LaunchAsync(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken);

    /// <summary>Stops attempts. Safe to repeat.</summary>
    ValueTask StopAsync(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken);

    /// <summary>Reads a page of a log.</summary>
    Task<LogPage> ReadLogAsync(LogQuery query, CancellationToken cancellationToken);
}

/// <summary>The agents that can be reached.</summary>
public interface IAgentLinks
{
    /// <summary>The one machine's own agent; null while it is not connected.</summary>
    IAgentLink? Local { get; }

    /// <summary>The agent of a node; null while it is not connected.</summary>
    IAgentLink? Find(string nodeId);
}

/// <summary>No agent of the node is connected now. The order is kept by its rows and given again.</summary>
public sealed class AgentAwayException(string nodeId) : Exception($"The agent of node {nodeId} is not connected.");
