using System.Collections.Immutable;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Nodes;

/// <summary>Which nodes serve which compute environments.</summary>
public static class NodePools
{
    /// <summary>The tag of a compute environment that names its pool of agents. Of ours.</summary>
    public const string Tag = "orleansbatch:pool";

    /// <summary>The pool that an environment names; null: none.</summary>
    public static string? Of(IReadOnlyDictionary<string, string> tags) => tags.GetValueOrDefault(Tag);

    /// <summary>Checks the pool that tags name, if any.</summary>
    /// <exception cref="BatchClientException">It is no name.</exception>
    public static void Check(IReadOnlyDictionary<string, string> tags)
    {
        if (tags.TryGetValue(Tag, out var pool) && !ResourceNames.IsValid(pool))
        {
            throw new BatchClientException($"The value of tag '{Tag}' names a pool of agents: 1 to 128 letters, digits, hyphens and underscores, not '{pool}'.");
        }
    }

    /// <summary>Whether an agent serves an environment.</summary>
    /// <param name="joins">What the agent joins; empty: every environment that names no pool.</param>
    /// <param name="environment">The environment's name.</param>
    /// <param name="pool">The pool that it names; null: none. Then only agents that join that pool serve it.</param>
    public static bool Serves(ImmutableArray<string> joins, string environment, string? pool) => pool is not null
        ? joins.Contains(pool)
        : joins.IsEmpty || joins.Contains(environment);
}
