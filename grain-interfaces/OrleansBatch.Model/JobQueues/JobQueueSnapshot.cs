using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Model.JobQueues;

/// <summary>GetJobQueueSnapshot, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.GetJobQueueSnapshotRequest")]
public sealed record GetJobQueueSnapshotRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? JobQueue { get; init; }
}

/// <summary>What stands at the front of a queue, and what its jobs hold.</summary>
/// <remarks>Source: AWS Batch API, GetJobQueueSnapshot.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.GetJobQueueSnapshotResponse")]
public sealed record GetJobQueueSnapshotResponse
{
    /// <summary>RUNNABLE jobs in the order in which they will start.</summary>
    [Id(0)] public required FrontOfQueueDetail FrontOfQueue { get; init; }

    /// <summary>What its STARTING and RUNNING jobs hold.</summary>
    [Id(1)] public required QueueSnapshotUtilizationDetail QueueUtilization { get; init; }
}

/// <summary>The front of a queue.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FrontOfQueueDetail")]
public sealed record FrontOfQueueDetail
{
    /// <summary>At most 100.</summary>
    [Id(0)] public required IReadOnlyList<FrontOfQueueJobSummary> Jobs { get; init; }

    /// <summary>When this was seen, epoch milliseconds.</summary>
    [Id(1)] public required long LastUpdatedAt { get; init; }
}

/// <summary>A job at the front of a queue.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FrontOfQueueJobSummary")]
public sealed record FrontOfQueueJobSummary
{
    /// <summary>ARN; each child of an array has its own.</summary>
    [Id(0)] public required string JobArn { get; init; }

    /// <summary>Since when it was seen at its position, epoch milliseconds.</summary>
    [Id(1)] public required long EarliestTimeAtPosition { get; init; }
}

/// <summary>What a queue's jobs hold.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.QueueSnapshotUtilizationDetail")]
public sealed record QueueSnapshotUtilizationDetail
{
    /// <summary>All together.</summary>
    [Id(0)] public required IReadOnlyList<JobCapacityUsage> TotalCapacityUsage { get; init; }

    /// <summary>By share; null on a queue without a scheduling policy.</summary>
    [Id(1)] public FairshareUtilizationDetail? FairshareUtilization { get; init; }

    /// <summary>When this was seen, epoch milliseconds.</summary>
    [Id(2)] public required long LastUpdatedAt { get; init; }
}

/// <summary>What the jobs of shares hold.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FairshareUtilizationDetail")]
public sealed record FairshareUtilizationDetail
{
    /// <summary>Shares that are active.</summary>
    [Id(0)] public required int ActiveShareCount { get; init; }

    /// <summary>At most 20 shares, those that hold most first.</summary>
    [Id(1)] public required IReadOnlyList<FairshareCapacityUtilization> TopCapacityUtilization { get; init; }
}

/// <summary>What the jobs of one share hold.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FairshareCapacityUtilization")]
public sealed record FairshareCapacityUtilization
{
    /// <summary>The share.</summary>
    [Id(0)] public required string ShareIdentifier { get; init; }

    /// <summary>How much.</summary>
    [Id(1)] public required IReadOnlyList<JobCapacityUsage> CapacityUsage { get; init; }
}
