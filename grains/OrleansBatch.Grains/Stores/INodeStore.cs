using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Stores;

/// <summary>The rows of all nodes. Whatever is decided of a node is a guarded write of its one row.</summary>
public interface INodeStore
{
    /// <summary>One node; null when there is none.</summary>
    Task<NodeRow?> ReadAsync(string nodeId, CancellationToken cancellationToken);

    /// <summary>All nodes that there ever were, by id.</summary>
    Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The nodes whose lease runs, or that are without one: CONNECTED and LEAVING ones, by id.</summary>
    Task<IReadOnlyList<NodeRow>> ListLiveAsync(CancellationToken cancellationToken);

    /// <summary>Writes a node's row, if the one that is there has the version before this one's; version 1: if there is none.</summary>
    /// <returns>False: another has written it, nothing was done.</returns>
    /// <exception cref="JobStoreException">The store could not write, or could not tell.</exception>
    Task<bool> WriteAsync(NodeRow row, CancellationToken cancellationToken);
}

/// <summary>A node, as it is stored.</summary>
public sealed record NodeRow
{
    /// <summary>The node, in the form <c>i-0123456789abcdef0</c>.</summary>
    public required string NodeId { get; init; }

    /// <summary>Grows by one with each write, from 1.</summary>
    public required long Version { get; init; }

    /// <summary>The incarnation of its agent.</summary>
    public required string Incarnation { get; init; }

    /// <summary>The incarnations before that one, the latest last: none of them is taken again.</summary>
    public ImmutableArray<string> Former { get; init; } = [];

    /// <summary>Where it is in its life.</summary>
    public NodeState State { get; init; }

    /// <summary>As its agent said, see <see cref="AgentHello.Joins"/>.</summary>
    public ImmutableArray<string> Joins { get; init; } = [];

    /// <summary>What the host really has.</summary>
    public required ResourceNeeds Capacity { get; init; }

    /// <summary>The agent's lease; null: none.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>How often this incarnation has renewed its lease.</summary>
    public long Renewals { get; init; }

    /// <summary>The number of the newest hello of this incarnation that was taken, see <see cref="AgentHello.Number"/>.</summary>
    public long Hello { get; init; }

    /// <summary>The node, as it is told to those who place on it.</summary>
    /// <param name="isReachable">Whether its agent can be reached now.</param>
    public NodeReading ToReading(bool isReachable) => new()
    {
        NodeId = NodeId,
        Version = Version,
        Incarnation = Incarnation,
        State = State,
        IsReachable = isReachable,
        Joins = Joins,
        Capacity = Capacity,
    };
}
