using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Core.Scheduling;

/// <summary>A queue at the beginning of a round.</summary>
public sealed record QueueSnapshot
{
    /// <summary>Its RUNNABLE jobs in order. Read only as far as jobs fit, and the one that does not.</summary>
    public required IEnumerable<WaitingJob> Runnable { get; init; }

    /// <summary>Its environments in order.</summary>
    public required ImmutableArray<EnvironmentSnapshot> Environments { get; init; }

    /// <summary>Placements at most in one round.</summary>
    public required int Limit { get; init; }

    /// <summary>Thousandths of a vCPU that stay free for shares that are not active yet, of all usable environments together.</summary>
    public long ReservedVcpuMillis { get; init; }

    /// <summary>What is left of each consumable resource; one that is not named has nothing.</summary>
    public IReadOnlyDictionary<string, long> Consumables { get; init; } = new Dictionary<string, long>();
}

/// <summary>A RUNNABLE job.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="Needs">What it needs of a host.</param>
/// <param name="Consumables">What it takes of consumable resources; null: nothing.</param>
public sealed record WaitingJob(string JobId, ResourceNeeds Needs, IReadOnlyList<ConsumableNeed>? Consumables = null);

/// <summary>An environment at the beginning of a round.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsValid">Whether it is VALID.</param>
/// <param name="IsEnabled">Whether it is ENABLED.</param>
/// <param name="Free">What it can give now.</param>
/// <param name="Maximum">What it could give to one job if nothing else ran: vCPUs as far as its maximum, memory and GPUs as far as its largest host.</param>
public sealed record EnvironmentSnapshot(string Name, bool IsValid, bool IsEnabled, ResourceNeeds Free, ResourceNeeds Maximum)
{
    /// <summary>Whether new jobs may be placed on it.</summary>
    public bool IsUsable => IsValid && IsEnabled;
}
