using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Nodes;

/// <summary>Decides whether an agent that introduces itself, renews or reports is the one that its node has.</summary>
public static class NodeConnections
{
    /// <summary>Incarnations of before that a row remembers: of those that come back only the latest matter.</summary>
    public const int MostFormer = 32;

    /// <summary>Why an incarnation is not taken; null: it is.</summary>
    /// <param name="state">Of the node's row; null: there is none yet.</param>
    /// <param name="current">The incarnation in the row.</param>
    /// <param name="former">Those before it: they are over for good.</param>
    /// <param name="incarnation">Which introduces itself.</param>
    public static string? Refusal(NodeState? state, string current, ImmutableArray<string> former, string incarnation) =>
        state == NodeState.Lost && incarnation == current ? $"Incarnation {incarnation} was declared lost: its lease had run out."
        : former.Contains(incarnation) ? $"Incarnation {incarnation} is over: {current} came after it."
        : null;

    /// <summary>Whether a hello comes late, or again: one that is as new, or newer, was taken before.</summary>
    /// <param name="current">The incarnation in the row.</param>
    /// <param name="taken">The number of its newest hello that was taken.</param>
    /// <param name="incarnation">Which introduces itself.</param>
    /// <param name="number">The number of its hello; 0: it numbers none.</param>
    public static bool IsLate(string current, long taken, string incarnation, long number) => current == incarnation && number != 0 && number <= taken;

    /// <summary>The incarnations that are over when this one has taken the place of the current one.</summary>
    public static ImmutableArray<string> Former(string current, ImmutableArray<string> former, string incarnation) =>
        current == incarnation ? former : [.. former.Add(current).TakeLast(MostFormer)];

    /// <summary>Whether what an incarnation says counts.</summary>
    public static bool IsCurrent(NodeState state, string current, string incarnation) => state != NodeState.Lost && current == incarnation;
}
