using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>Tells environments of nodes. What it says is for choosing where to place: that nothing is spent twice, or runs twice, rests on others.</summary>
[Reentrant, KeepAlive]
internal sealed class NodeRegistryGrain(INodeStore rows, Post post) : Grain, INodeRegistryGrain
{
    private readonly Dictionary<string, NodeReading> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _environments = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var row in await rows.ListAsync(cancellationToken))
        {
            // An agent in its silo's own process says so when it is there; of any other its lease says enough until its grain is heard.
            if (row.State != NodeState.Gone)
            {
                _nodes[row.NodeId] = row.ToReading(isReachable: row.Lease is not null);
            }
        }
    }

    public Task<ImmutableArray<NodeReading>> Watch(string environmentKey, CancellationToken cancellationToken)
    {
        _ = _environments.Add(environmentKey);
        return Task.FromResult<ImmutableArray<NodeReading>>([.. _nodes.Values]);
    }

    public Task Announce(NodeReading node, CancellationToken cancellationToken)
    {
        var known = _nodes.GetValueOrDefault(node.NodeId);
        if (known?.Version > node.Version)
        {
            return Task.CompletedTask;
        }

        if (node.State == NodeState.Gone)
        {
            _ = _nodes.Remove(node.NodeId);
        }
        else
        {
            _nodes[node.NodeId] = node;
        }

        if (known is null || !NodeReading.IsSame(known, node))
        {
            foreach (var environment in _environments)
            {
                post.KnowNode(environment, node);
            }
        }

        return Task.CompletedTask;
    }
}
