using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Nodes;

/// <summary>Decides when a node is lost. No agent is asked: the lease alone says when its attempts are over.</summary>
/// <remarks>
/// An agent counts its lease from when it sent the renewal, which is before the row was written; whoever declares a loss counts from when it had read the
/// row, which is after that. So by its own clock alone it waits longer than the lease can last, and its supervisor's grace on top.
/// </remarks>
public static class NodeLeases
{
    /// <summary>How long a row must not have moved until its node is lost; null: it is never lost by time.</summary>
    /// <param name="lease">The agent's; null: none.</param>
    /// <param name="options">Grace and margin.</param>
    public static TimeSpan? Patience(TimeSpan? lease, NodeLeaseOptions options) => lease is { } time ? time + options.Grace + options.Margin : null;

    /// <summary>Decides.</summary>
    public static NodePlan Plan(NodeSnapshot node)
    {
        if (node.State is NodeState.Lost or NodeState.Gone)
        {
            // Something may have been placed there at the last moment.
            return new(node is { State: NodeState.Gone, HasAttempts: true } ? NodeAction.TakeBack : NodeAction.None, null);
        }

        if (node is { State: NodeState.Leaving, HasAttempts: false })
        {
            return new(NodeAction.DeclareGone, null);
        }

        return Patience(node.Lease, node.Options) is not { } patience ? new(NodeAction.None, null)
            : node.Unmoved >= patience ? new(NodeAction.DeclareLost, null)
            : new(NodeAction.None, patience - node.Unmoved);
    }
}

/// <summary>How long after its lease a node is lost.</summary>
public sealed record NodeLeaseOptions
{
    /// <summary>How long its supervisor may take to stop attempts once the lease has lapsed. Default: 30 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is added for clocks that do not run alike. Default: 10 seconds.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A node at one moment, as whoever may declare its loss sees it.</summary>
public sealed record NodeSnapshot
{
    /// <summary>As its row says.</summary>
    public required NodeState State { get; init; }

    /// <summary>As its agent said; null: none.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>How long the row has had the version that it has now, since it was read, by the clock of whoever decides.</summary>
    public TimeSpan Unmoved { get; init; }

    /// <summary>Whether any job's row says that it has an attempt of this incarnation there. Default: null, nobody has looked.</summary>
    public bool? HasAttempts { get; init; }

    /// <summary>Grace and margin.</summary>
    public NodeLeaseOptions Options { get; init; } = new();
}

/// <summary>What to do with a node.</summary>
/// <param name="Action">Now.</param>
/// <param name="LookAgainIn">When to decide anew; null: only when something happens.</param>
public readonly record struct NodePlan(NodeAction Action, TimeSpan? LookAgainIn);

/// <summary>What to do with a node.</summary>
public enum NodeAction
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is lost: write that, unless its row has moved.</summary>
    DeclareLost,

    /// <summary>It has left: write that, unless its row has moved.</summary>
    DeclareGone,

    /// <summary>It had left, and has something to run or to end: it is leaving once more, so that its lease counts.</summary>
    TakeBack,
}
