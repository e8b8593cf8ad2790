using System.Collections.Immutable;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Grains.ConsumableResources;

/// <summary>What a consumable resource's grain keeps.</summary>
[GenerateSerializer, Alias("OrleansBatch.ConsumableResourceGrainState")]
public sealed record ConsumableResourceGrainState
{
    /// <summary>The resource; null when it does not exist.</summary>
    [Id(0)] public ConsumableResourceConfiguration? Configuration { get; init; }

    /// <summary>The calls that created it, or one of its name before.</summary>
    [Id(1)] public ImmutableArray<RecordedCall> Calls { get; init; } = [];

    /// <summary>The updates with a client token.</summary>
    [Id(2)] public ImmutableArray<RecordedUpdate> Updates { get; init; } = [];
}
