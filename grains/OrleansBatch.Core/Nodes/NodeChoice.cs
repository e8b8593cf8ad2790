namespace OrleansBatch.Core.Nodes;

/// <summary>Chooses the node that backs a modelled host.</summary>
public static class NodeChoice
{
    /// <summary>The one that carries the fewest modelled vCPUs for each real one; of equal ones the first by id. Null when there is none.</summary>
    public static string? Choose(IEnumerable<NodeLoad> nodes)
    {
        NodeLoad? best = null;
        foreach (var node in nodes)
        {
            if (best is not { } least || Compare(node, least) < 0)
            {
                best = node;
            }
        }

        return best?.NodeId;
    }

    private static int Compare(NodeLoad one, NodeLoad other)
    {
        // one / real < other / real, without dividing.
        var order = ((Int128)one.ModelledVcpuMillis * Real(other)).CompareTo((Int128)other.ModelledVcpuMillis * Real(one));
        return order != 0 ? order : string.CompareOrdinal(one.NodeId, other.NodeId);
    }

    private static long Real(NodeLoad node) => Math.Max(1, node.RealVcpuMillis);
}

/// <summary>What a node carries.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="ModelledVcpuMillis">Thousandths of vCPUs of the modelled hosts that it backs.</param>
/// <param name="RealVcpuMillis">Thousandths of vCPUs that it has.</param>
public readonly record struct NodeLoad(string NodeId, long ModelledVcpuMillis, long RealVcpuMillis);
