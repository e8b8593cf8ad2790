using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
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

    /// <summary>The job of several nodes that the environments were asked about: <see cref="EnvironmentSnapshot.GangOutlook"/> is said of it and of no other. Default: null, the first in <see cref="Runnable"/> if it is one.</summary>
    public GangNeeds? AskedFor { get; init; }
}

/// <summary>A RUNNABLE job.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="Needs">What it needs of a host; of a multi-node parallel job, the sum over its nodes.</param>
/// <param name="Consumables">What it takes of consumable resources; null: nothing.</param>
/// <param name="Gang">Of a multi-node parallel job: its hosts; null of any other.</param>
public sealed record WaitingJob(string JobId, ResourceNeeds Needs, IReadOnlyList<ConsumableNeed>? Consumables = null, GangNeeds? Gang = null);

/// <summary>An environment at the beginning of a round.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsValid">Whether it is VALID.</param>
/// <param name="IsEnabled">Whether it is ENABLED.</param>
/// <param name="Hosts">The hosts that take jobs now.</param>
/// <param name="Maximum">What it could give to one job if nothing else ran: vCPUs as far as its maximum, memory and GPUs as far as any host has.</param>
public sealed record EnvironmentSnapshot(string Name, bool IsValid, bool IsEnabled, ImmutableArray<HostGroup> Hosts, ResourceNeeds Maximum)
{
    /// <summary>An environment that is one host.</summary>
    public EnvironmentSnapshot(string name, bool isValid, bool isEnabled, ResourceNeeds free, ResourceNeeds maximum)
        : this(name, isValid, isEnabled, [new HostGroup(free, 1)], maximum)
    {
    }

    /// <summary>The hosts that are being launched: a job that fits on one of them waits for it. Default: none.</summary>
    public ImmutableArray<HostGroup> Coming { get; init; } = [];

    /// <summary>The largest hosts that it could have. Default: one with its maximum.</summary>
    public ImmutableArray<LargestHost> Largest { get; init; } = [new LargestHost(Maximum, IsWithinMaximum: true)];

    /// <summary>What would need hosts that are not to be had now. Default: nothing.</summary>
    public ImmutableArray<HostShortage> Shortages { get; init; } = [];

    /// <summary>What it could do for the multi-node parallel job of <see cref="QueueSnapshot.AskedFor"/>, were it VALID and ENABLED. That it takes none holds for all. Default: possible.</summary>
    public GangOutlook GangOutlook { get; init; }

    /// <summary>Whether it could ever take a job, were it VALID and ENABLED.</summary>
    /// <param name="job">Which.</param>
    /// <param name="isAsked">Whether <see cref="GangOutlook"/> is said of it. If not, it is possible unless the environment takes none.</param>
    public bool IsPossible(WaitingJob job, bool isAsked) => job.Gang is null
        ? IsPossible(job.Needs)
        : GangOutlook == GangOutlook.Possible || (!isAsked && TakesGangs);

    /// <summary>Whether its maximum of vCPUs alone rules a job out.</summary>
    /// <param name="job">Which.</param>
    /// <param name="isAsked">Whether <see cref="GangOutlook"/> is said of it.</param>
    public bool IsMaximumTooLow(WaitingJob job, bool isAsked) => job.Gang is null ? IsMaximumTooLow(job.Needs) : isAsked && GangOutlook == GangOutlook.MaximumTooLow;

    /// <summary>Whether it takes multi-node parallel jobs at all.</summary>
    public bool TakesGangs => GangOutlook != GangOutlook.NotTaken;

    /// <summary>Whether it could ever take a job of one node, were it VALID and ENABLED.</summary>
    public bool IsPossible(ResourceNeeds needs) => Maximum.Covers(needs) && Largest.Any(host => host.IsWithinMaximum && host.Capacity.Covers(needs));

    /// <summary>Whether its maximum of vCPUs alone rules a job of one node out: the job's own, or those of every host that is large enough.</summary>
    public bool IsMaximumTooLow(ResourceNeeds needs) => Maximum.VcpuMillis < needs.VcpuMillis
        || (Largest.Any(host => host.Capacity.Covers(needs)) && !Largest.Any(host => host.IsWithinMaximum && host.Capacity.Covers(needs)));

    /// <summary>Whether new jobs may be placed on it.</summary>
    public bool IsUsable => IsValid && IsEnabled;
}
