using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Nodes;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>The nodes that are behind the environment's hosts.</summary>
/// <remarks>An UNMANAGED environment's hosts are its nodes. A modelled host is backed by the node that was chosen at its launch, and goes with it.</remarks>
internal sealed partial class ComputeEnvironmentGrain
{
    /// <summary>How often it asks which nodes there are: whoever should have told may have died.</summary>
    private static readonly TimeSpan WatchesAgain = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, NodeReading> _nodes = new(StringComparer.Ordinal);

    /// <summary>Those that serve it and take attempts, by id.</summary>
    private ImmutableArray<NodeReading> _serving = [];

    /// <summary>Those that serve it, in whatever state, unless they are over.</summary>
    private ImmutableArray<NodeReading> _joined = [];

    private Dictionary<string, NodeReference> _references = new(StringComparer.Ordinal);
    private DateTimeOffset? _watchedAt;

    private string? Pool => Configuration is { } configuration ? NodePools.Of(configuration.Tags) : null;

    private bool HasMachines => Configuration is { ComputeResources: null };

    public Task KnowNodes(ImmutableArray<NodeReading> nodes, CancellationToken cancellationToken)
    {
        var before = _serving;
        foreach (var node in nodes)
        {
            Take(node);
        }

        UseNodes();
        if (!before.SequenceEqual(_serving))
        {
            _ = Waiting.WalkAsync();
        }

        if (_hostRows.Count > 0 || HasModelledHosts)
        {
            ScaleAt(time.GetUtcNow());
        }

        return Task.CompletedTask;
    }

    /// <summary>Asks which nodes there are, unless it has done so lately.</summary>
    private async ValueTask WatchAgainAsync(CancellationToken cancellationToken)
    {
        if (!(time.GetUtcNow() - _watchedAt < WatchesAgain))
        {
            await WatchNodesAsync(cancellationToken);
        }
    }

    private async Task WatchNodesAsync(CancellationToken cancellationToken)
    {
        try
        {
            HashSet<string> unheard = [.. _nodes.Keys];
            foreach (var node in await GrainFactory.Refer<INodeRegistryGrain>(INodeRegistryGrain.Key).Watch(Name.Key, cancellationToken))
            {
                _ = unheard.Remove(node.NodeId);
                Take(node);
            }

            // Those that came while it was asked are not among them.
            foreach (var gone in unheard)
            {
                _ = _nodes.Remove(gone);
            }

            _watchedAt = time.GetUtcNow();
            UseNodes();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What it knew is true as far as anybody knows; it asks again.
            LogNodesNotSeen(exception, Name.Key);
        }
    }

    private void Take(NodeReading node)
    {
        if (_nodes.TryGetValue(node.NodeId, out var known) && known.Version > node.Version)
        {
            return;
        }

        if (node.State == NodeState.Gone)
        {
            _ = _nodes.Remove(node.NodeId);
        }
        else
        {
            _nodes[node.NodeId] = node;
        }
    }

    /// <summary>Hosts follow their nodes. After each change of nodes, of the environment's pool, and of the ledger as a whole.</summary>
    private void UseNodes()
    {
        _joined = [.. _nodes.Values.Where(node => !node.IsOver && Serves(node)).OrderBy(node => node.NodeId, StringComparer.Ordinal)];
        _serving = [.. _joined.Where(node => node.TakesAttempts)];
        _references = _joined.ToDictionary(node => node.NodeId, node => new NodeReference(node.NodeId, node.Incarnation), StringComparer.Ordinal);
        if (HasMachines)
        {
            UseMachines();
        }
        else
        {
            UseModelledHosts();
        }
    }

    private bool Serves(NodeReading node) => NodePools.Serves(node.Joins, Name.Name, Pool);

    private void UseMachines()
    {
        foreach (var node in _joined)
        {
            if (_ledger.Find(node.NodeId) is not { } known)
            {
                if (node.TakesAttempts)
                {
                    _ = _ledger.Add(MachineHosts.Of(node.NodeId, node.Capacity, time.GetUtcNow()));
                }

                continue;
            }

            if (known.Capacity != node.Capacity)
            {
                _ = _ledger.Resize(node.NodeId, InstanceType.OfMachine("machine", node.Capacity), node.Capacity);
            }

            MoveTo(known, node.State == NodeState.Leaving ? HostState.Draining : HostState.Active, isClosed: !node.IsReachable);
        }

        EndMachines();
    }

    /// <summary>A machine that is there no more takes nothing, and goes with its last attempt.</summary>
    private void EndMachines()
    {
        if (!HasMachines || _ledger.HostCount == _joined.Length)
        {
            return;
        }

        foreach (var host in _ledger.Snapshot().Where(host => !_references.ContainsKey(host.Id)))
        {
            if (host.Reservations > 0)
            {
                MoveTo(host, HostState.Draining, isClosed: false);
            }
            else
            {
                _ = _ledger.Remove(host.Id);
            }
        }
    }

    private void UseModelledHosts()
    {
        foreach (var row in _hostRows.Values)
        {
            if (row.NodeId is null && _nodes.Values.FirstOrDefault(node => node.Incarnation == row.Incarnation) is { } backing)
            {
                // Of a program that knew of one node only.
                _hostRows[row.HostId] = row with { NodeId = backing.NodeId };
                _ = _ledger.Back(row.HostId, backing.NodeId);
            }
        }

        var serving = _serving.ToDictionary(node => node.NodeId, node => node.Incarnation, StringComparer.Ordinal);
        foreach (var row in _hostRows.Values)
        {
            _ = _ledger.Close(row.HostId, row.NodeId is null || serving.GetValueOrDefault(row.NodeId) != row.Incarnation);
        }
    }

    private void MoveTo(Host host, HostState state, bool isClosed)
    {
        if (host.State != state)
        {
            _ = _ledger.Move(host.Id, state);
        }

        _ = _ledger.Close(host.Id, isClosed);
    }

    /// <summary>Hosts go with the nodes that back them.</summary>
    private async Task DrainWithNodesAsync(CancellationToken cancellationToken)
    {
        if (_watchedAt is null)
        {
            return;
        }

        List<HostRow> going = [];
        foreach (var row in _hostRows.Values.Where(row => row.State is HostState.Active or HostState.Launching))
        {
            var node = row.NodeId is null ? null : _nodes.GetValueOrDefault(row.NodeId);
            var reason = row.NodeId is not null ? NodeHosts.EndReason(row.NodeId, row.Incarnation, node, node is not null && Serves(node))
                : _serving.IsEmpty ? null
                : "its machine was started anew";
            if (reason is not null)
            {
                going.Add(row with { State = HostState.Draining, EndReason = reason });
            }
        }

        await MoveAsync(going, cancellationToken);
    }

    /// <summary>The node for the next modelled host.</summary>
    /// <param name="planned">Thousandths of vCPUs of hosts that are about to be launched, by node; null: none.</param>
    private NodeReading ChooseNode(Dictionary<string, long>? planned = null)
    {
        if (_serving.Length == 1)
        {
            return _serving[0];
        }

        var chosen = NodeChoice.Choose(_serving.Select(node =>
            new NodeLoad(node.NodeId, _ledger.LoadOf(node.NodeId) + (planned?.GetValueOrDefault(node.NodeId) ?? 0), node.Capacity.VcpuMillis)));
        return _nodes[chosen!];
    }

    private NodeReference NodeOf(string hostId) => _references[_ledger.NodeOf(hostId)!];
}
