using System.Collections.Concurrent;
using OrleansBatch.Core.Nodes;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Logs;

/// <summary>Where one request reads its logs: where they were written, which has all of them and at once; or what was shipped from there.</summary>
/// <param name="all">All nodes that there ever were.</param>
/// <param name="grains">For the nodes.</param>
/// <param name="shipped">What was shipped.</param>
internal sealed class LogSources(IReadOnlyList<NodeRow> all, IGrainFactory grains, ShippedLogReader shipped)
{
    private readonly LogNode[] _nodes = [.. all.Select(node => new LogNode(node.NodeId, IsLeased: node.Lease is not null))];

    /// <summary>Those whose logs are nowhere else: silos' own machines.</summary>
    private readonly HashSet<string> _only = [.. all.Where(node => node.Lease is null).Select(node => node.NodeId)];

    /// <summary>Those that cannot be asked now: one that did not answer is not waited for with every stream.</summary>
    private readonly ConcurrentDictionary<string, bool> _away = new(
        all.Where(node => node.State is NodeState.Lost or NodeState.Gone).Select(node => KeyValuePair.Create(node.NodeId, true)));

    /// <summary>A page of a log; null: nobody has any of it, and a node that may have it is away.</summary>
    /// <exception cref="LogsClientException">The log is on a silo's own machine, which cannot be asked now: only while the program begins.</exception>
    public async Task<LogPage?> ReadAsync(LogQuery query, CancellationToken cancellationToken)
    {
        var (isAway, isOnlyThere) = (false, _nodes.Length == 0);
        foreach (var node in LogNodes.Of(query.Log.Stream, _nodes))
        {
            if (_away.ContainsKey(node) || await grains.Refer<INodeGrain>(node).ReadLog(query, cancellationToken) is not { } page)
            {
                isAway = true;
                isOnlyThere |= _only.Contains(node);
                _ = _away.TryAdd(node, true);
            }
            else if (page.Exists)
            {
                return page;
            }
        }

        if (isOnlyThere)
        {
            throw new LogsClientException("ServiceUnavailableException", "The node that holds the logs is not connected.");
        }

        var kept = await shipped.ReadAsync(query, cancellationToken);
        return kept.Exists || !isAway ? kept : null;
    }
}
