using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>What an environment's grain keeps.</summary>
[GenerateSerializer, Alias("OrleansBatch.ComputeEnvironmentGrainState")]
public sealed record ComputeEnvironmentGrainState
{
    /// <summary>The environment; null when it does not exist.</summary>
    [Id(0)] public ComputeEnvironmentConfiguration? Configuration { get; init; }

    /// <summary>Keys of the queues that use it.</summary>
    [Id(1)] public ImmutableSortedSet<string> Queues { get; init; } = [];

    /// <summary>The calls that created it, or one of its name before.</summary>
    [Id(2)] public ImmutableArray<RecordedCall> Calls { get; init; } = [];

    /// <summary>vCPUs that were asked for by hand and never reached; 0: none.</summary>
    [Id(11)] public int AskedvCpus { get; init; }

    /// <summary>How often its infrastructure was updated: hosts of before are replaced.</summary>
    [Id(12)] public int Generation { get; init; }

    /// <summary>When jobs on hosts that are replaced are stopped; null: none were ever.</summary>
    [Id(13)] public DateTimeOffset? ReplacesAt { get; init; }

    /// <summary>The operator's variables for its jobs; null: none.</summary>
    [Id(10)] public JobEnvironment? JobEnvironment { get; init; }
}
