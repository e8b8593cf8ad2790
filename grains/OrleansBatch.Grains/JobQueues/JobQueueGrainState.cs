using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>What a queue's grain keeps. The jobs in it are rows of their own.</summary>
[GenerateSerializer, Alias("OrleansBatch.JobQueueGrainState")]
public sealed record JobQueueGrainState
{
    /// <summary>The queue; null when it does not exist.</summary>
    [Id(0)] public JobQueueConfiguration? Configuration { get; init; }

    /// <summary>The calls that created it, or one of its name before.</summary>
    [Id(1)] public ImmutableArray<RecordedCall> Calls { get; init; } = [];

    /// <summary>The operator's variables for its jobs; null: none.</summary>
    [Id(10)] public JobEnvironment? JobEnvironment { get; init; }
}
