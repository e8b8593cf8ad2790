using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Model.Jobs;

/// <summary>All of a job that changes. Only the transition table makes a new one.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobState")]
public sealed record JobState
{
    /// <summary>Where the job is in its life.</summary>
    [Id(0)] public required JobStatus Status { get; init; }

    /// <summary>Why it is there, in AWS Batch's words; null when there is nothing to say.</summary>
    [Id(1)] public string? StatusReason { get; init; }

    /// <summary>CancelJob came: no further attempt begins.</summary>
    [Id(2)] public bool IsCancelled { get; init; }

    /// <summary>TerminateJob came: the job ends FAILED.</summary>
    [Id(3)] public bool IsTerminated { get; init; }

    /// <summary>The number of the last attempt begun, 0 before the first. Grows by one, never reused.</summary>
    [Id(4)] public long Fence { get; init; }

    /// <summary>Where the live attempt is; null unless the job is STARTING or RUNNING.</summary>
    [Id(5)] public JobPlacement? Placement { get; init; }

    /// <summary>The attempts that are over, oldest first.</summary>
    [Id(6)] public ImmutableArray<JobAttempt> Attempts { get; init; } = [];

    /// <summary>When the latest attempt that ran reached RUNNING.</summary>
    [Id(7)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the job became final.</summary>
    [Id(8)] public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>
    /// Why the live attempt is being stopped (terminate, queue deletion); the first reason stays. Of an array's parent: why it will
    /// have FAILED when its last child has ended.
    /// </summary>
    [Id(9)] public string? StopReason { get; init; }

    /// <summary>The job's tags since they were changed; null: those of the submission.</summary>
    /// <remarks>Here, not beside the request: changed tags are written with the row that their owner writes anyway, and cost nothing until then.</remarks>
    [Id(10)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Of an array's parent, or a multi-node job: the state of each child, or node, that has no row of its own yet; null for other jobs.</summary>
    /// <remarks>So an array of 10,000 is one row until its children start, and one write ends all that have not.</remarks>
    [Id(11)] public JobState? Unwritten { get; init; }

    /// <summary>Since when it has blocked its queue for the reason that it gives; null when it does not.</summary>
    [Id(12)] public DateTimeOffset? BlockedSince { get; init; }

    /// <summary>Which table of transitions it follows.</summary>
    [Id(13)] public JobRole Role { get; init; }
}

/// <summary>What a job is to others.</summary>
public enum JobRole
{
    /// <summary>A job of its own, an array or an array's child.</summary>
    Job = 0,

    /// <summary>A multi-node job: its nodes have the attempts.</summary>
    Gang,

    /// <summary>A node of a multi-node job: its job begins and ends its attempts.</summary>
    Node,
}

/// <summary>A live attempt's place.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobPlacement")]
public sealed record JobPlacement
{
    /// <summary>The compute environment's name.</summary>
    [Id(0)] public required string Environment { get; init; }

    /// <summary>The epoch of the environment's activation that reserved the capacity.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>The reservation, unique within the environment.</summary>
    [Id(2)] public required string ReservationId { get; init; }

    /// <summary>The node that runs it, in the form <c>i-0123456789abcdef0</c>.</summary>
    [Id(3)] public required string NodeId { get; init; }

    /// <summary>The agent's incarnation that it was placed on: a later one never launches it.</summary>
    [Id(4)] public required string Incarnation { get; init; }

    /// <summary>ARN of the modelled ECS task: one per attempt.</summary>
    [Id(5)] public required string TaskArn { get; init; }

    /// <summary>ARN of the modelled container instance; null on Fargate.</summary>
    [Id(6)] public string? ContainerInstanceArn { get; init; }

    /// <summary>The attempt's log stream.</summary>
    [Id(7)] public required string LogStream { get; init; }

    /// <summary>When the attempt reached RUNNING; null while STARTING.</summary>
    [Id(8)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Why its limits are not enforced; null when they are, or while STARTING.</summary>
    [Id(9)] public string? Unlimited { get; init; }

    /// <summary>Whether its host is being taken away: the attempt is stopped, and ends as one whose host was lost.</summary>
    [Id(10)] public bool IsReclaimed { get; init; }

    /// <summary>The modelled host that it is on; null when that is the node itself, or a host of its own as on Fargate.</summary>
    [Id(20)] public string? Host { get; init; }

    /// <summary>What the attempt's part of its host costs, in USD per hour; null: nothing.</summary>
    [Id(21)] public decimal? UsdPerHour { get; init; }

    /// <summary>Of a node of a multi-node job: the IPv4 address at which the others reach it; null of other jobs.</summary>
    [Id(22)] public string? Address { get; init; }

    /// <summary>On Fargate, the host that is there for this attempt; null elsewhere.</summary>
    [Id(23)] public FargateHost? Fargate { get; init; }

    /// <summary>Which of its machine's GPUs are the attempt's own, by index from 0; null: none, or of a modelled host, whose GPUs are modelled, too.</summary>
    [Id(24)] public IReadOnlyList<int>? Gpus { get; init; }

    /// <summary>The host that it is on: the one to name to people and clients.</summary>
    public string HostId => Host ?? NodeId;
}

/// <summary>A host on Fargate: it comes and goes with one attempt.</summary>
/// <param name="Id">Unique over all time, in the form <c>fargate-</c> and 32 hexadecimal digits.</param>
/// <param name="Type"><c>FARGATE</c> or <c>FARGATE_SPOT</c>.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FargateHost")]
public sealed record FargateHost([property: Id(0)] string Id, [property: Id(1)] string Type);

/// <summary>One attempt that is over.</summary>
/// <remarks>Source: AWS Batch API, AttemptDetail.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobAttempt")]
public sealed record JobAttempt
{
    /// <summary>When it reached RUNNING; null if it never did.</summary>
    [Id(0)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was over.</summary>
    [Id(1)] public required DateTimeOffset StoppedAt { get; init; }

    /// <summary>Why it ended, in AWS Batch's words.</summary>
    [Id(2)] public required string StatusReason { get; init; }

    /// <summary>The process's exit code, 128 + n after signal n; null when there was none.</summary>
    [Id(3)] public int? ExitCode { get; init; }

    /// <summary>The runtime's own text, such as <c>OutOfMemoryError: …</c>; null after a plain exit.</summary>
    [Id(4)] public string? Reason { get; init; }

    /// <summary>ARN of the modelled ECS task.</summary>
    [Id(5)] public required string TaskArn { get; init; }

    /// <summary>ARN of the modelled container instance; null on Fargate.</summary>
    [Id(6)] public string? ContainerInstanceArn { get; init; }

    /// <summary>Its log stream; null if it never reached RUNNING.</summary>
    [Id(7)] public string? LogStream { get; init; }

    /// <summary>What it used; null when nobody knows.</summary>
    [Id(8)] public AttemptUsage? Usage { get; init; }

    /// <summary>Why its limits were not enforced; null when they were.</summary>
    [Id(9)] public string? Unlimited { get; init; }

    /// <summary>Its part of what its host cost from its start to its end, in USD; null: nothing.</summary>
    [Id(21)] public decimal? CostUsd { get; init; }

    /// <summary>What became of each container of a job of several; null for any other, or when nobody knows.</summary>
    [Id(20)] public IReadOnlyList<ContainerOutcome>? Containers { get; init; }

    /// <summary>Of a node of a multi-node job: its address; null of other jobs.</summary>
    [Id(22)] public string? Address { get; init; }
}
