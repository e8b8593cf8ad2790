using System.Collections.Immutable;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Grains.SchedulingPolicies;

/// <summary>What a scheduling policy's grain keeps.</summary>
[GenerateSerializer, Alias("OrleansBatch.SchedulingPolicyGrainState")]
public sealed record SchedulingPolicyGrainState
{
    /// <summary>The policy; null when it does not exist.</summary>
    [Id(0)] public SchedulingPolicyConfiguration? Configuration { get; init; }

    /// <summary>Keys of the queues that use it.</summary>
    [Id(1)] public ImmutableSortedSet<string> Queues { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The calls that created it, or one of its name before.</summary>
    [Id(2)] public ImmutableArray<RecordedCall> Calls { get; init; } = [];
}
