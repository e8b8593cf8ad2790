using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Nodes;

/// <summary>What becomes of a modelled host with the node that backs it.</summary>
public static class NodeHosts
{
    /// <summary>Why a host takes no jobs any more, and goes with its last; null: it stays.</summary>
    /// <param name="nodeId">The node that backs it.</param>
    /// <param name="incarnation">The incarnation of its agent that the host was launched on.</param>
    /// <param name="node">The node as it is now; null: it is there no more.</param>
    /// <param name="serves">Whether it serves the host's environment.</param>
    public static string? EndReason(string nodeId, string incarnation, NodeReading? node, bool serves) => node switch
    {
        null or { State: NodeState.Gone } => $"its node {nodeId} left",
        _ when node.Incarnation != incarnation => "its machine was started anew",
        { State: NodeState.Lost } => $"its node {nodeId} was lost",
        { State: NodeState.Leaving } => $"its node {nodeId} is leaving",
        _ => serves ? null : $"its node {nodeId} serves its environment no more",
    };
}
