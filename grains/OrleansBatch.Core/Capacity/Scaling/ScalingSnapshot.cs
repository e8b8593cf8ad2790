using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>An environment of EC2 or Spot, and what waits for it.</summary>
public sealed record ScalingSnapshot
{
    /// <summary>What it may launch.</summary>
    public required CapacityOffer Offer { get; init; }

    /// <summary>Whether it is VALID and ENABLED. If not, nothing is launched for jobs, but its minimum is kept. Default: true.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>vCPUs kept. Default: 0.</summary>
    public int MinVcpus { get; init; }

    /// <summary>vCPUs that were asked for by hand and never reached: <see cref="ScalingPlan.AskedVcpus"/> of the plan before. Default: 0.</summary>
    public int AskedVcpus { get; init; }

    /// <summary>Its hosts, in whatever state.</summary>
    public required ImmutableArray<Host> Hosts { get; init; }

    /// <summary>What waits for it, in order; jobs with the same needs may be taken together.</summary>
    public ImmutableArray<Demand> Waiting { get; init; } = [];

    /// <summary>How long a host is idle before it goes. Default: 60 s.</summary>
    public TimeSpan IdleDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same, for hosts that had a job: minScaleDownDelayMinutes. Default: none, <see cref="IdleDelay"/> holds for all.</summary>
    public TimeSpan ScaleDownDelay { get; init; }

    /// <summary>How long a launch takes. Default: no time.</summary>
    public TimeSpan LaunchDelay { get; init; }

    /// <summary>When to try again after none were to be had. Default: 30 s.</summary>
    public TimeSpan ShortageRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>Jobs that wait, all with the same needs.</summary>
/// <param name="Needs">Of each.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="Gang">Of multi-node parallel jobs: the hosts of each, which count instead of <paramref name="Needs"/>; null of other jobs.</param>
public readonly record struct Demand(ResourceNeeds Needs, int Count, GangNeeds? Gang = null);
