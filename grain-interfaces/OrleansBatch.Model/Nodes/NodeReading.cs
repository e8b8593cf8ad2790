using System.Collections.Immutable;

namespace OrleansBatch.Model.Nodes;

/// <summary>A node, as its grain tells it to those who place on it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeReading")]
public sealed record NodeReading
{
    /// <summary>The node, in the form <c>i-0123456789abcdef0</c>.</summary>
    [Id(0)] public required string NodeId { get; init; }

    /// <summary>The version of its row: what is told of an older one is out of date.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>The incarnation of its agent: attempts of an earlier one are lost.</summary>
    [Id(2)] public required string Incarnation { get; init; }

    /// <summary>Where it is in its life.</summary>
    [Id(3)] public required NodeState State { get; init; }

    /// <summary>Whether its agent can be reached now. While not, nothing new is placed there; what runs there goes on.</summary>
    [Id(4)] public required bool IsReachable { get; init; }

    /// <summary>As its agent said, see <see cref="AgentHello.Joins"/>.</summary>
    [Id(5)] public required ImmutableArray<string> Joins { get; init; }

    /// <summary>What the host really has.</summary>
    [Id(6)] public required ResourceNeeds Capacity { get; init; }

    /// <summary>Whether attempts may be placed on it.</summary>
    public bool TakesAttempts => State == NodeState.Connected && IsReachable;

    /// <summary>Whether it comes back as another incarnation only, if at all.</summary>
    public bool IsOver => State is NodeState.Lost or NodeState.Gone;

    /// <summary>Whether two readings say the same to those who place on the node: renewals of its lease do not count.</summary>
    public static bool IsSame(NodeReading one, NodeReading other) =>
        one with { Version = 0, Joins = [] } == other with { Version = 0, Joins = [] } && one.Joins.SequenceEqual(other.Joins);
}

/// <summary>Where a node is in its life. It may begin again from each of them.</summary>
[GenerateSerializer, Alias("OrleansBatch.NodeState")]
public enum NodeState
{
    /// <summary>Its agent has introduced itself, and its lease runs.</summary>
    Connected = 0,

    /// <summary>Nothing new comes; what runs there goes on.</summary>
    Leaving = 1,

    /// <summary>Its lease has run out for sure: what ran there is over, and this incarnation is never taken again.</summary>
    Lost = 2,

    /// <summary>It left, and nothing runs there any more.</summary>
    Gone = 3,
}

/// <summary>A node, and the incarnation of its agent.</summary>
/// <param name="NodeId">In the form <c>i-0123456789abcdef0</c>.</param>
/// <param name="Incarnation">Attempts that are placed on it are never started by another.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeReference")]
public sealed record NodeReference([property: Id(0)] string NodeId, [property: Id(1)] string Incarnation);
