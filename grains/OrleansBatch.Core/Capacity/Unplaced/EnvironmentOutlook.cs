using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Scaling;

namespace OrleansBatch.Core.Capacity.Unplaced;

/// <summary>An environment of a queue, seen by a job that waits.</summary>
public sealed record EnvironmentOutlook
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is VALID. Default: true.</summary>
    public bool IsValid { get; init; } = true;

    /// <summary>Whether it is ENABLED. Default: true.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>What it may launch; null on Fargate, and for an UNMANAGED one, which has its hosts and no more.</summary>
    public CapacityOffer? Offer { get; init; }

    /// <summary>On Fargate, vCPUs at most; otherwise null.</summary>
    public int? FargateMaxVcpus { get; init; }

    /// <summary>Whether an agent that serves it is connected. Default: true.</summary>
    public bool HasNodes { get; init; } = true;

    /// <summary>Its hosts, in whatever state.</summary>
    public ImmutableArray<Host> Hosts { get; init; } = [];

    /// <summary>Whether new jobs may be placed on it.</summary>
    public bool IsUsable => IsValid && IsEnabled;
}
