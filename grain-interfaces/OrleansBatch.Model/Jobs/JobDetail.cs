using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Model.Jobs;

/// <summary>A job in full, as DescribeJobs gives it.</summary>
/// <remarks>Source: AWS Batch API, JobDetail.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobDetail")]
public sealed record JobDetail
{
    /// <summary>ARN.</summary>
    [Id(0)] public required string JobArn { get; init; }

    /// <summary>Name.</summary>
    [Id(1)] public required string JobName { get; init; }

    /// <summary>Id.</summary>
    [Id(2)] public required string JobId { get; init; }

    /// <summary>ARN of its queue.</summary>
    [Id(3)] public required string JobQueue { get; init; }

    /// <summary>Status, upper case.</summary>
    [Id(4)] public required string Status { get; init; }

    /// <summary>The attempts that are over.</summary>
    [Id(5)] public required IReadOnlyList<AttemptDetail> Attempts { get; init; }

    /// <summary>Why it is in that status.</summary>
    [Id(6)] public string? StatusReason { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(7)] public required long CreatedAt { get; init; }

    /// <summary>In force.</summary>
    [Id(8)] public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(9)] public long? StartedAt { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(10)] public long? StoppedAt { get; init; }

    /// <summary>ARN with revision.</summary>
    [Id(12)] public required string JobDefinition { get; init; }

    /// <summary>Parameters in force.</summary>
    [Id(13)] public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>Its container.</summary>
    [Id(14)] public ContainerDetail? Container { get; init; }

    /// <summary>In force; null when none.</summary>
    [Id(15)] public JobTimeout? Timeout { get; init; }

    /// <summary>Tags.</summary>
    [Id(16)] public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Whether tags go on to the task.</summary>
    [Id(17)] public bool PropagateTags { get; init; }

    /// <summary>EC2 or FARGATE.</summary>
    [Id(18)] public required IReadOnlyList<string> PlatformCapabilities { get; init; }

    /// <summary>CancelJob came.</summary>
    [Id(19)] public bool IsCancelled { get; init; }

    /// <summary>TerminateJob came.</summary>
    [Id(20)] public bool IsTerminated { get; init; }

    /// <summary>Of ours: how the job is really run.</summary>
    [Id(21)] public RuntimeDetail? OrleansBatch { get; init; }

    /// <summary>What it waits for, or waited.</summary>
    [Id(22)] public IReadOnlyList<JobDependency> DependsOn { get; init; } = [];

    /// <summary>Of an array's parent or child; null for other jobs.</summary>
    [Id(23)] public ArrayPropertiesDetail? ArrayProperties { get; init; }

    /// <summary>In force, with ARNs; absent: none.</summary>
    [Id(24)] public ConsumableResourceProperties? ConsumableResourceProperties { get; init; }

    /// <summary>On fair-share queues only.</summary>
    [Id(25)] public string? ShareIdentifier { get; init; }

    /// <summary>On fair-share queues only: in force.</summary>
    [Id(26)] public int? SchedulingPriority { get; init; }

    /// <summary>The containers of a job of several, which has no <see cref="Container"/>.</summary>
    [Id(30)] public EcsPropertiesDetail? EcsProperties { get; init; }

    /// <summary>Of a multi-node job: its nodes after overrides. It has no <see cref="Container"/>.</summary>
    [Id(31)] public NodeProperties? NodeProperties { get; init; }

    /// <summary>Of a node of a multi-node job: which.</summary>
    [Id(32)] public NodeDetails? NodeDetails { get; init; }
}

/// <summary>How a job is really run.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RuntimeDetail")]
public sealed record RuntimeDetail
{
    /// <summary><c>process</c>: the command runs on the host.</summary>
    [Id(0)] public required string Runtime { get; init; }

    /// <summary>What that means for the image, in a sentence.</summary>
    [Id(1)] public required string Note { get; init; }

    /// <summary>Of the latest attempt that had a process: <c>enforced</c>, or why limits of memory, processors and processes are not.</summary>
    [Id(2)] public string? Limits { get; init; }

    /// <summary>What its attempts that are over have cost together, in USD, by the prices of modelled hosts; absent: nothing.</summary>
    [Id(10)] public decimal? CostUsd { get; init; }

    /// <summary>In events only: the event's place in the order of the job's, from 1, without gaps.</summary>
    [Id(3)] public int? SequenceNumber { get; init; }
}

/// <summary>Of ours: what an attempt used, all its processes together.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptRuntimeDetail")]
public sealed record AttemptRuntimeDetail
{
    /// <summary>As <see cref="RuntimeDetail.Limits"/>.</summary>
    [Id(0)] public string? Limits { get; init; }

    /// <summary>The most memory at a time, in MiB; absent when not known.</summary>
    [Id(1)] public double? PeakMemoryMiB { get; init; }

    /// <summary>Processor time, in seconds; absent when not known.</summary>
    [Id(2)] public double? CpuSeconds { get; init; }

    /// <summary>Its part of what its modelled host cost meanwhile, in USD; absent: nothing.</summary>
    [Id(10)] public decimal? CostUsd { get; init; }
}

/// <summary>One attempt that is over.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptDetail")]
public sealed record AttemptDetail
{
    /// <summary>Its container.</summary>
    [Id(0)] public AttemptContainerDetail? Container { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(1)] public long? StartedAt { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(2)] public long? StoppedAt { get; init; }

    /// <summary>Why it ended.</summary>
    [Id(3)] public string? StatusReason { get; init; }

    /// <summary>Of ours: what it used.</summary>
    [Id(4)] public AttemptRuntimeDetail? OrleansBatch { get; init; }

    /// <summary>Instead of the container, for a job of several: exactly one task.</summary>
    [Id(10)] public IReadOnlyList<AttemptEcsTaskDetails>? TaskProperties { get; init; }
}

/// <summary>An attempt's container.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptContainerDetail")]
public sealed record AttemptContainerDetail
{
    /// <summary>Modelled container instance.</summary>
    [Id(0)] public string? ContainerInstanceArn { get; init; }

    /// <summary>Modelled task.</summary>
    [Id(1)] public string? TaskArn { get; init; }

    /// <summary>Absent when there was none.</summary>
    [Id(2)] public int? ExitCode { get; init; }

    /// <summary>The runtime's text.</summary>
    [Id(3)] public string? Reason { get; init; }

    /// <summary>Its log.</summary>
    [Id(4)] public string? LogStreamName { get; init; }

    /// <summary>Of a node of a multi-node job: its own; none on the host network.</summary>
    [Id(5)] public IReadOnlyList<NetworkInterface> NetworkInterfaces { get; init; } = [];
}

/// <summary>The container after overrides, with the facts of the latest attempt.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerDetail")]
public sealed record ContainerDetail : ContainerProperties
{
    /// <summary>Absent until the process ended with one.</summary>
    [Id(0)] public int? ExitCode { get; init; }

    /// <summary>The runtime's text.</summary>
    [Id(1)] public string? Reason { get; init; }

    /// <summary>From STARTING on.</summary>
    [Id(2)] public string? ContainerInstanceArn { get; init; }

    /// <summary>From STARTING on.</summary>
    [Id(3)] public string? TaskArn { get; init; }

    /// <summary>From RUNNING on.</summary>
    [Id(4)] public string? LogStreamName { get; init; }

    /// <summary>Of a node of a multi-node job: its own; none on the host network.</summary>
    [Id(5)] public IReadOnlyList<NetworkInterface> NetworkInterfaces { get; init; } = [];
}

/// <summary>A job in short, as ListJobs gives it.</summary>
/// <remarks>Source: AWS Batch API, JobSummary.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobSummary")]
public sealed record JobSummary
{
    /// <summary>ARN.</summary>
    [Id(0)] public required string JobArn { get; init; }

    /// <summary>Id.</summary>
    [Id(1)] public required string JobId { get; init; }

    /// <summary>Name.</summary>
    [Id(2)] public required string JobName { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(3)] public required long CreatedAt { get; init; }

    /// <summary>Status, upper case.</summary>
    [Id(4)] public required string Status { get; init; }

    /// <summary>Why.</summary>
    [Id(5)] public string? StatusReason { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(6)] public long? StartedAt { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(7)] public long? StoppedAt { get; init; }

    /// <summary>Exit code and reason.</summary>
    [Id(8)] public ContainerSummary? Container { get; init; }

    /// <summary>ARN with revision.</summary>
    [Id(9)] public required string JobDefinition { get; init; }

    /// <summary>What it uses of its environment.</summary>
    [Id(10)] public IReadOnlyList<JobCapacityUsage>? CapacityUsage { get; init; }

    /// <summary>Present only when true.</summary>
    [Id(11)] public bool? IsCancelled { get; init; }

    /// <summary>Present only when true.</summary>
    [Id(12)] public bool? IsTerminated { get; init; }

    /// <summary>Of an array's parent or child; null for other jobs.</summary>
    [Id(13)] public ArrayPropertiesDetail? ArrayProperties { get; init; }

    /// <summary>On fair-share queues only.</summary>
    [Id(14)] public string? ShareIdentifier { get; init; }

    /// <summary>Of a multi-node job or one of its nodes; null for other jobs.</summary>
    [Id(15)] public NodePropertiesSummary? NodeProperties { get; init; }
}

/// <summary>Exit code and reason of the latest attempt.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerSummary")]
public sealed record ContainerSummary
{
    /// <summary>Absent when there was none.</summary>
    [Id(0)] public int? ExitCode { get; init; }

    /// <summary>The runtime's text.</summary>
    [Id(1)] public string? Reason { get; init; }
}

/// <summary>An amount of capacity.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobCapacityUsage")]
public sealed record JobCapacityUsage
{
    /// <summary><c>VCPU</c>.</summary>
    [Id(0)] public required string CapacityUnit { get; init; }

    /// <summary>How much.</summary>
    [Id(1)] public required double Quantity { get; init; }
}
