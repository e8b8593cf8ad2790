namespace OrleansBatch.Model.JobQueues;

/// <summary>CreateJobQueue, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.CreateJobQueueRequest")]
public sealed record CreateJobQueueRequest
{
    /// <summary>Name.</summary>
    [Id(0)] public string? JobQueueName { get; init; }

    /// <summary>ENABLED (default) or DISABLED.</summary>
    [Id(1)] public string? State { get; init; }

    /// <summary>Fair share by that policy; absent or empty: first in, first out, for ever.</summary>
    [Id(2)] public string? SchedulingPolicyArn { get; init; }

    /// <summary>At least 0; higher first.</summary>
    [Id(3)] public int? Priority { get; init; }

    /// <summary>1 to 3.</summary>
    [Id(4)] public IReadOnlyList<ComputeEnvironmentOrder>? ComputeEnvironmentOrder { get; init; }

    /// <summary>Service jobs.</summary>
    [Id(5)] public RawJson? ServiceEnvironmentOrder { get; init; }

    /// <summary>Derived when absent.</summary>
    [Id(6)] public string? JobQueueType { get; init; }

    /// <summary>Tags.</summary>
    [Id(7)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>What becomes of jobs that block the queue for long.</summary>
    [Id(8)] public IReadOnlyList<JobStateTimeLimitAction>? JobStateTimeLimitActions { get; init; }
}

/// <summary>What becomes of a job that blocks its queue for long.</summary>
/// <remarks>Source: AWS Batch API, JobStateTimeLimitAction.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobStateTimeLimitAction")]
public sealed record JobStateTimeLimitAction
{
    /// <summary>Why it is blocked: what its status reason begins with.</summary>
    [Id(0)] public string? Reason { get; init; }

    /// <summary><c>RUNNABLE</c>.</summary>
    [Id(1)] public string? State { get; init; }

    /// <summary>How long it may be, in seconds, 600 to 86400.</summary>
    [Id(2)] public int? MaxTimeSeconds { get; init; }

    /// <summary><c>CANCEL</c>.</summary>
    [Id(3)] public string? Action { get; init; }
}

/// <summary>One environment of a queue.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ComputeEnvironmentOrder")]
public sealed record ComputeEnvironmentOrder
{
    /// <summary>Lower first.</summary>
    [Id(0)] public int? Order { get; init; }

    /// <summary>Name or ARN; answers carry the ARN.</summary>
    [Id(1)] public string? ComputeEnvironment { get; init; }
}

/// <summary>A queue was created or updated.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobQueueResponse")]
public sealed record JobQueueResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string JobQueueName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string JobQueueArn { get; init; }
}

/// <summary>UpdateJobQueue, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UpdateJobQueueRequest")]
public sealed record UpdateJobQueueRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? JobQueue { get; init; }

    /// <summary>ENABLED or DISABLED.</summary>
    [Id(1)] public string? State { get; init; }

    /// <summary>Another policy for a queue that has one.</summary>
    [Id(2)] public string? SchedulingPolicyArn { get; init; }

    /// <summary>At least 0.</summary>
    [Id(3)] public int? Priority { get; init; }

    /// <summary>Replaces the whole list.</summary>
    [Id(4)] public IReadOnlyList<ComputeEnvironmentOrder>? ComputeEnvironmentOrder { get; init; }

    /// <summary>Service jobs.</summary>
    [Id(5)] public RawJson? ServiceEnvironmentOrder { get; init; }

    /// <summary>Replaces the whole list; an empty one: none.</summary>
    [Id(6)] public IReadOnlyList<JobStateTimeLimitAction>? JobStateTimeLimitActions { get; init; }
}

/// <summary>DeleteJobQueue, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DeleteJobQueueRequest")]
public sealed record DeleteJobQueueRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? JobQueue { get; init; }
}

/// <summary>DescribeJobQueues, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeJobQueuesRequest")]
public sealed record DescribeJobQueuesRequest
{
    /// <summary>At most 100 names or ARNs; none: all.</summary>
    [Id(0)] public IReadOnlyList<string>? JobQueues { get; init; }

    /// <summary>1 to 100.</summary>
    [Id(1)] public int? MaxResults { get; init; }

    /// <summary>From the page before.</summary>
    [Id(2)] public string? NextToken { get; init; }
}

/// <summary>A page of queues, by name.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeJobQueuesResponse")]
public sealed record DescribeJobQueuesResponse
{
    /// <summary>The queues.</summary>
    [Id(0)] public required IReadOnlyList<JobQueueDetail> JobQueues { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>A queue, as DescribeJobQueues gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobQueueDetail")]
public sealed record JobQueueDetail
{
    /// <summary>Name.</summary>
    [Id(0)] public required string JobQueueName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string JobQueueArn { get; init; }

    /// <summary>ENABLED or DISABLED.</summary>
    [Id(2)] public required string State { get; init; }

    /// <summary>Such as VALID.</summary>
    [Id(3)] public required string Status { get; init; }

    /// <summary>Such as <c>JobQueue Healthy</c>.</summary>
    [Id(4)] public string? StatusReason { get; init; }

    /// <summary>Higher first.</summary>
    [Id(5)] public required int Priority { get; init; }

    /// <summary>By order, with ARNs.</summary>
    [Id(6)] public required IReadOnlyList<ComputeEnvironmentOrder> ComputeEnvironmentOrder { get; init; }

    /// <summary>ECS or ECS_FARGATE.</summary>
    [Id(7)] public string? JobQueueType { get; init; }

    /// <summary>Tags.</summary>
    [Id(8)] public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>As given.</summary>
    [Id(9)] public IReadOnlyList<JobStateTimeLimitAction> JobStateTimeLimitActions { get; init; } = [];

    /// <summary>ARN; absent: first in, first out.</summary>
    [Id(10)] public string? SchedulingPolicyArn { get; init; }
}

/// <summary>A queue as stored.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobQueueConfiguration")]
public sealed record JobQueueConfiguration
{
    /// <summary>Scope and name.</summary>
    [Id(0)] public required ScopedName Name { get; init; }

    /// <summary>ENABLED or DISABLED.</summary>
    [Id(1)] public required string State { get; init; }

    /// <summary>VALID or DELETING.</summary>
    [Id(2)] public required string Status { get; init; }

    /// <summary>Why.</summary>
    [Id(3)] public string? StatusReason { get; init; }

    /// <summary>Higher first.</summary>
    [Id(4)] public required int Priority { get; init; }

    /// <summary>Names of its environments, in order.</summary>
    [Id(5)] public required IReadOnlyList<string> Environments { get; init; }

    /// <summary>The order number given for each.</summary>
    [Id(6)] public required IReadOnlyList<int> Orders { get; init; }

    /// <summary>ECS or ECS_FARGATE.</summary>
    [Id(7)] public required string JobQueueType { get; init; }

    /// <summary>Tags.</summary>
    [Id(8)] public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Name of its scheduling policy; null: first in, first out.</summary>
    [Id(9)] public string? SchedulingPolicy { get; init; }

    /// <summary>What becomes of jobs that block it for long; null: nothing.</summary>
    [Id(10)] public IReadOnlyList<JobStateTimeLimitAction>? JobStateTimeLimitActions { get; init; }
}
