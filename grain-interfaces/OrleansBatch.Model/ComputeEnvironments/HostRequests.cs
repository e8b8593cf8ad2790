namespace OrleansBatch.Model.ComputeEnvironments;

/// <summary>Of ours: asks for the hosts of a compute environment.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListHostsRequest")]
public sealed record ListHostsRequest
{
    /// <summary>Name or ARN of the environment.</summary>
    [Id(0)] public string? ComputeEnvironment { get; init; }

    /// <summary>Whether those that have ended are listed too, after the others. Default: true.</summary>
    [Id(1)] public bool? History { get; init; }

    /// <summary>Of those that have ended: 1 to 1000. Default: 100.</summary>
    [Id(2)] public int? MaxResults { get; init; }

    /// <summary>From the page before: it has only such that have ended.</summary>
    [Id(3)] public string? NextToken { get; init; }
}

/// <summary>The hosts of a compute environment.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListHostsResponse")]
public sealed record ListHostsResponse
{
    /// <summary>The environment's name.</summary>
    [Id(0)] public required string ComputeEnvironment { get; init; }

    /// <summary>Those that are there, in the order of their launch; then those that have ended, newest first.</summary>
    [Id(1)] public required IReadOnlyList<HostDetail> Hosts { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(2)] public string? NextToken { get; init; }

    /// <summary>What all its hosts have cost, those that have ended included, in USD.</summary>
    [Id(3)] public required decimal CostUsd { get; init; }
}

/// <summary>A host of a compute environment.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.HostDetail")]
public sealed record HostDetail
{
    /// <summary>In the form <c>i-0123456789abcdef0</c>; on Fargate a number of the environment's.</summary>
    [Id(0)] public required string HostId { get; init; }

    /// <summary>Such as <c>m5.large</c>; <c>FARGATE</c>, <c>FARGATE_SPOT</c>, or <c>machine</c> for a real machine.</summary>
    [Id(1)] public required string InstanceType { get; init; }

    /// <summary>ON_DEMAND or SPOT.</summary>
    [Id(2)] public required string PurchaseOption { get; init; }

    /// <summary>LAUNCHING, ACTIVE, DRAINING (its jobs go on, new ones do not come), INTERRUPTED (it is being taken back) or ENDED.</summary>
    [Id(3)] public required string State { get; init; }

    /// <summary>vCPUs that jobs can get.</summary>
    [Id(4)] public required decimal Vcpus { get; init; }

    /// <summary>Memory that jobs can get, in MiB.</summary>
    [Id(5)] public required long MemoryMiB { get; init; }

    /// <summary>GPUs that jobs can get; null: none.</summary>
    [Id(6)] public int? Gpus { get; init; }

    /// <summary>vCPUs that jobs hold.</summary>
    [Id(7)] public decimal UsedVcpus { get; init; }

    /// <summary>Memory that jobs hold, in MiB.</summary>
    [Id(8)] public long UsedMemoryMiB { get; init; }

    /// <summary>GPUs that jobs hold; null: it has none.</summary>
    [Id(9)] public int? UsedGpus { get; init; }

    /// <summary>How many attempts are on it.</summary>
    [Id(10)] public int Jobs { get; init; }

    /// <summary>When its launch was asked for, in epoch milliseconds; null of a real machine.</summary>
    [Id(11)] public long? LaunchedAt { get; init; }

    /// <summary>When it takes jobs, in epoch milliseconds.</summary>
    [Id(12)] public long? ReadyAt { get; init; }

    /// <summary>Since when it is without jobs, in epoch milliseconds; null while it has any.</summary>
    [Id(13)] public long? IdleSince { get; init; }

    /// <summary>When what runs on it is stopped, in epoch milliseconds; null: not.</summary>
    [Id(14)] public long? EndsAt { get; init; }

    /// <summary>When it went, in epoch milliseconds; null while it is there.</summary>
    [Id(15)] public long? EndedAt { get; init; }

    /// <summary>Why it was launched: for people.</summary>
    [Id(16)] public string? LaunchReason { get; init; }

    /// <summary>Why it is going or went: for people.</summary>
    [Id(17)] public string? EndReason { get; init; }

    /// <summary>Its price, in USD per hour.</summary>
    [Id(18)] public decimal UsdPerHour { get; init; }

    /// <summary>What it has cost so far, in USD.</summary>
    [Id(19)] public decimal CostUsd { get; init; }

    /// <summary>The agent's node that backs it; null: not known.</summary>
    [Id(20)] public string? NodeId { get; init; }
}

/// <summary>Of ours: why a job is where it is, or why it waits and what would help.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.PlacementExplanation")]
public sealed record PlacementExplanation
{
    /// <summary>The job.</summary>
    [Id(0)] public required string JobId { get; init; }

    /// <summary>Its status.</summary>
    [Id(1)] public required string Status { get; init; }

    /// <summary>In one sentence: for people.</summary>
    [Id(2)] public required string Explanation { get; init; }

    /// <summary>Of a job that waits: each environment of its queue, in their order.</summary>
    [Id(3)] public IReadOnlyList<EnvironmentOutlookDetail> Environments { get; init; } = [];

    /// <summary>Of a job that is on a host: that host; null when it is not known any more.</summary>
    [Id(4)] public HostDetail? Host { get; init; }

    /// <summary>Of a job that is on a host: the environment's name.</summary>
    [Id(5)] public string? ComputeEnvironment { get; init; }
}

/// <summary>What a job that waits may hope for on an environment.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EnvironmentOutlookDetail")]
public sealed record EnvironmentOutlookDetail
{
    /// <summary>The environment's name.</summary>
    [Id(0)] public required string ComputeEnvironment { get; init; }

    /// <summary>FITS_NOW, HOST_IS_COMING, HOST_CAN_BE_LAUNCHED, BUSY, SHORTAGE, NO_HOSTS, MAXIMUM_TOO_LOW, TOO_LARGE or NOT_TAKEN.</summary>
    [Id(1)] public required string Outlook { get; init; }

    /// <summary>Why: for people.</summary>
    [Id(2)] public required string Reason { get; init; }

    /// <summary>Changes of which each would help by itself: for people. Empty when waiting helps.</summary>
    [Id(3)] public required IReadOnlyList<string> WouldHelp { get; init; }
}
