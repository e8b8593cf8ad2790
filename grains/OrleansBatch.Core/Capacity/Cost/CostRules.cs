using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity.Cost;

/// <summary>What hosts cost, and how much of it is whose.</summary>
/// <remarks>
/// A job's part follows from its own needs and time alone, so it is known at its end, whoever else was there. What is nobody's is idle. Parts
/// are cut, and the whole is raised, at the twelfth decimal of a USD: they always add up.
/// Source: AWS Data Exports user guide, "Example of split cost allocation data": a vCPU weighs as much as 9 GiB. That
/// GPUs carry nine tenths of the cost of a host that has any is ours.
/// </remarks>
public static class CostRules
{
    /// <summary>The least time that a host is paid for.</summary>
    /// <remarks>Source: EC2 and Fargate pricing: by the second, a minute at least.</remarks>
    public static readonly TimeSpan LeastTime = TimeSpan.FromMinutes(1);

    private const decimal Grain = 1_000_000_000_000m;

    /// <summary>What a host has cost from its launch on, in USD.</summary>
    /// <param name="host">The host.</param>
    /// <param name="until">Now, or when it went.</param>
    public static decimal OfHost(Host host, DateTimeOffset until)
    {
        var span = until - host.LaunchedAt;
        return Math.Ceiling(Usd(host, span > LeastTime ? span : LeastTime) * Grain) / Grain;
    }

    /// <summary>A job's part of its host's cost, in USD.</summary>
    /// <param name="host">The host.</param>
    /// <param name="needs">What the job held of it.</param>
    /// <param name="span">For how long; none or less costs nothing.</param>
    public static decimal OfJob(Host host, ResourceNeeds needs, TimeSpan span) =>
        span > TimeSpan.Zero ? Math.Floor(Usd(host, span) * ShareOf(host.Capacity, needs) * Grain) / Grain : 0;

    /// <summary>What a job's part of a host costs in an hour, in USD; null: nothing.</summary>
    /// <param name="host">The host.</param>
    /// <param name="needs">What the job holds of it.</param>
    public static decimal? PerHour(Host host, ResourceNeeds needs) => OfJob(host, needs, TimeSpan.FromHours(1)) is var usd and > 0 ? usd : null;

    /// <summary>What an attempt has cost, in USD; null: nothing.</summary>
    /// <param name="usdPerHour">As by <see cref="PerHour"/>.</param>
    /// <param name="from">When it reached RUNNING; null: never, and what never ran costs nothing.</param>
    /// <param name="to">When it ended.</param>
    public static decimal? OfAttempt(decimal? usdPerHour, DateTimeOffset? from, DateTimeOffset to) => usdPerHour is { } price && from is { } start && to > start
        ? Math.Floor(price * (to - start).Ticks / TimeSpan.TicksPerHour * Grain) / Grain
        : null;

    /// <summary>How much of a host a job holds, 0 to 1. The parts of jobs that fit together are not more than 1.</summary>
    /// <param name="capacity">Of the host.</param>
    /// <param name="needs">Of the job.</param>
    public static decimal ShareOf(ResourceNeeds capacity, ResourceNeeds needs)
    {
        var whole = Weight(capacity);
        var plain = whole == 0 ? 0 : Weight(needs) / whole;
        return capacity.Gpus > 0 ? ((9m * needs.Gpus / capacity.Gpus) + plain) / 10 : plain;
    }

    // 9 for a vCPU, 1 for a GiB, in thousandths of a MiB.
    private static decimal Weight(ResourceNeeds of) => (9m * 1024 * of.VcpuMillis) + (1000m * of.MemoryMiB);

    private static decimal Usd(Host host, TimeSpan span) => host.Type.PriceOf(host.Purchase) * span.Ticks / TimeSpan.TicksPerHour;
}

/// <summary>What a host has cost so far, and whose it was.</summary>
/// <param name="TotalUsd">All of it.</param>
/// <param name="JobsUsd">Of it, the jobs' parts.</param>
public readonly record struct HostCost(decimal TotalUsd, decimal JobsUsd)
{
    /// <summary>What is nobody's: while it was idle, and what jobs left unused.</summary>
    public decimal IdleUsd => TotalUsd - JobsUsd;

    /// <summary>A host's cost from its launch on.</summary>
    /// <param name="host">The host.</param>
    /// <param name="jobsUsd">The sum of <see cref="CostRules.OfJob"/> of all that it carried.</param>
    /// <param name="until">Now, or when it went.</param>
    public static HostCost Of(Host host, decimal jobsUsd, DateTimeOffset until) => new(CostRules.OfHost(host, until), jobsUsd);
}
