namespace OrleansBatch.Model.SchedulingPolicies;

/// <summary>How a queue is shared. As stored and described, every member is set.</summary>
/// <remarks>Source: AWS Batch API, FairsharePolicy.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FairsharePolicy")]
public sealed record FairsharePolicy
{
    /// <summary>How far back usage counts, in seconds, 0 to 604800. Default: 0, which counts as 600.</summary>
    [Id(0)] public int? ShareDecaySeconds { get; init; }

    /// <summary>Percent, 0 to 99: what is kept free for shares that are not active yet. Default: 0.</summary>
    [Id(1)] public int? ComputeReservation { get; init; }

    /// <summary>At most 500 entries. A share without one has weight 1.</summary>
    [Id(2)] public IReadOnlyList<ShareAttributes>? ShareDistribution { get; init; }
}

/// <summary>The weight of a share, or of all shares whose identifiers begin alike.</summary>
/// <remarks>Source: AWS Batch API, ShareAttributes.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ShareAttributes")]
public sealed record ShareAttributes
{
    /// <summary>A share identifier, or the beginning of one and <c>*</c>.</summary>
    [Id(0)] public string? ShareIdentifier { get; init; }

    /// <summary>0.0001 to 999.9999; the lower, the more the share gets. Default: 1.</summary>
    [Id(1)] public double? WeightFactor { get; init; }
}

/// <summary>A scheduling policy as stored.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SchedulingPolicyConfiguration")]
public sealed record SchedulingPolicyConfiguration
{
    /// <summary>Scope and name.</summary>
    [Id(0)] public required ScopedName Name { get; init; }

    /// <summary>How queues with it are shared; every member is set.</summary>
    [Id(1)] public required FairsharePolicy FairsharePolicy { get; init; }

    /// <summary>Tags.</summary>
    [Id(2)] public required IReadOnlyDictionary<string, string> Tags { get; init; }
}
