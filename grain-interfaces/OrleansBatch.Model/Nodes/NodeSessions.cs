using System.Collections.Immutable;

namespace OrleansBatch.Model.Nodes;

/// <summary>An agent introduces itself: who it is and what it still has.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AgentHello")]
public sealed record AgentHello
{
    /// <summary>The node, in the form <c>i-0123456789abcdef0</c>.</summary>
    [Id(0)] public required string NodeId { get; init; }

    /// <summary>Boot id and journal id: changes when earlier attempts can no longer be running.</summary>
    [Id(1)] public required string Incarnation { get; init; }

    /// <summary>Every attempt that it knows and whose end has not been settled: live, starting or ended.</summary>
    [Id(2)] public required ImmutableArray<AttemptId> Attempts { get; init; }

    /// <summary>What the host really has.</summary>
    [Id(3)] public required ResourceNeeds Capacity { get; init; }

    /// <summary>Names of the compute environments, or of the pools, that it serves. Empty: every environment that names no pool.</summary>
    [Id(4)] public ImmutableArray<string> Joins { get; init; } = [];

    /// <summary>How long its supervisor lets attempts run after the last renewal, counted from when that was sent; null: without end, the agent of this silo's own process.</summary>
    [Id(5)] public TimeSpan? Lease { get; init; }

    /// <summary>
    /// Grows with each hello of an incarnation. One that comes late, after a newer one, is not taken: what it says the agent has is not what it has now. 0: an agent of an
    /// earlier version, which numbers none. Default: 0.
    /// </summary>
    [Id(6)] public long Number { get; init; }
}

/// <summary>What an agent that introduced itself is told. Taken: this counts as a renewal of its lease, from when the hello was sent.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeWelcome")]
public sealed record NodeWelcome
{
    /// <summary>
    /// Why it was not taken: this incarnation was declared lost, or another one of the same node came after it. The agent must end all it has, and come as
    /// another incarnation. Null: it was taken.
    /// </summary>
    [Id(0)] public string? Refused { get; init; }

    /// <summary>The session: orders carry it, and one of a smaller number than the agent has seen is refused.</summary>
    [Id(1)] public long Session { get; init; }
}

/// <summary>What became of a renewal.</summary>
[GenerateSerializer, Alias("OrleansBatch.NodeRenewal")]
public enum NodeRenewal
{
    /// <summary>The lease counts from when the renewal was sent.</summary>
    Renewed = 0,

    /// <summary>It is renewed, but the node's grain has no connection to its agent, as after the death of its silo: the agent introduces itself again.</summary>
    RenewedSayHello = 1,

    /// <summary>The node is lost, or another incarnation has taken its place: the agent must end all it has, and come as another incarnation.</summary>
    Lost = 2,
}

/// <summary>A node's incarnation was declared lost, or another has taken its place: what it reports is not taken any more.</summary>
[GenerateSerializer, Alias("OrleansBatch.NodeLostException")]
public sealed class NodeLostException(string nodeId, string incarnation)
    : Exception($"Incarnation {incarnation} of node {nodeId} is lost: its agent must end all it has, and come as another.");

/// <summary>An order came over a session that another one has followed.</summary>
[GenerateSerializer, Alias("OrleansBatch.StaleSessionException")]
public sealed class StaleSessionException(long session, long newest)
    : Exception($"An order of session {session} is refused: session {newest} has begun.");
