using System.Collections.Immutable;

namespace OrleansBatch.Core.Nodes;

/// <summary>Where to read a log: it is where its attempt ran.</summary>
public static class LogNodes
{
    /// <summary>The nodes to ask, one after another.</summary>
    /// <param name="stream">The log stream.</param>
    /// <param name="nodes">All that there ever were.</param>
    /// <remarks>A stream of before streams said it is on a node that is a silo's own machine: there were no others.</remarks>
    public static ImmutableArray<string> Of(string stream, IEnumerable<LogNode> nodes)
    {
        LogNode[] all = [.. nodes];
        if (all.Length == 1)
        {
            return [all[0].NodeId];
        }

        ImmutableArray<string> marked = [.. all.Where(node => NodeMarks.IsOn(stream, node.NodeId)).Select(node => node.NodeId)];
        return marked.IsEmpty ? [.. all.Where(node => !node.IsLeased).Select(node => node.NodeId)] : marked;
    }
}

/// <summary>A node that may have logs.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="IsLeased">Whether its agent is another program than a silo.</param>
public readonly record struct LogNode(string NodeId, bool IsLeased);
