using System.Collections.Immutable;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity;

/// <summary>Capacity held for one attempt.</summary>
/// <param name="Id">Unique within its environment, over all activations.</param>
/// <param name="JobId">Whose it is.</param>
/// <param name="Needs">How much.</param>
/// <param name="At">When it was made.</param>
/// <param name="IsLaunched">Whether its attempt was launched.</param>
public sealed record Reservation(string Id, string JobId, ResourceNeeds Needs, DateTimeOffset At, bool IsLaunched)
{
    /// <summary>Whether it holds all of its host, as a node of a multi-node parallel job does; then that is how much. Default: false.</summary>
    public bool IsWholeHost { get; init; }

    /// <summary>Which of its machine's GPUs it holds, by index from 0. Empty: none, or of a modelled host, which has none to name. Default: empty.</summary>
    public ImmutableArray<int> Gpus { get; init; } = [];
}
