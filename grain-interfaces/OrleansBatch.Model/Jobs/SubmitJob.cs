using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Model.Jobs;

/// <summary>Asks for a job, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, SubmitJob.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SubmitJobRequest")]
public sealed record SubmitJobRequest
{
    /// <summary>The job's name.</summary>
    [Id(0)] public string? JobName { get; init; }

    /// <summary>Name or ARN of its queue.</summary>
    [Id(1)] public string? JobQueue { get; init; }

    /// <summary>Name, <c>name:revision</c> or ARN with or without revision.</summary>
    [Id(2)] public string? JobDefinition { get; init; }

    /// <summary>Over the definition's, key by key.</summary>
    [Id(3)] public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>Over the definition's container.</summary>
    [Id(4)] public ContainerOverrides? ContainerOverrides { get; init; }

    /// <summary>Instead of the definition's.</summary>
    [Id(5)] public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>Instead of the definition's.</summary>
    [Id(6)] public JobTimeout? Timeout { get; init; }

    /// <summary>Instead of the definition's.</summary>
    [Id(7)] public bool? PropagateTags { get; init; }

    /// <summary>The job's own tags.</summary>
    [Id(8)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Fair-share queues only.</summary>
    [Id(9)] public string? ShareIdentifier { get; init; }

    /// <summary>Fair-share queues only.</summary>
    [Id(10)] public int? SchedulingPriorityOverride { get; init; }

    /// <summary>Multi-node jobs.</summary>
    [Id(13)] public NodeOverrides? NodeOverrides { get; init; }

    /// <summary>Over the containers of a definition that has several.</summary>
    [Id(14)] public EcsPropertiesOverride? EcsPropertiesOverride { get; init; }

    /// <summary>Jobs on EKS.</summary>
    [Id(15)] public RawJson? EksPropertiesOverride { get; init; }

    /// <summary>Over the definition's quantities, resource by resource.</summary>
    [Id(16)] public ConsumableResourceProperties? ConsumableResourcePropertiesOverride { get; init; }

    /// <summary>Makes it an array job; null or without a size: a single one.</summary>
    [Id(17)] public ArrayProperties? ArrayProperties { get; init; }

    /// <summary>What it waits for, at most 20 entries; all must hold.</summary>
    [Id(18)] public IReadOnlyList<JobDependency>? DependsOn { get; init; }
}

/// <summary>What a submission changes of its definition's container.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerOverrides")]
public sealed record ContainerOverrides
{
    /// <summary>vCPUs, the deprecated form.</summary>
    [Id(0)] public int? Vcpus { get; init; }

    /// <summary>Memory in MiB, the deprecated form.</summary>
    [Id(1)] public int? Memory { get; init; }

    /// <summary>Replaces the whole command.</summary>
    [Id(2)] public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Multi-node jobs only.</summary>
    [Id(3)] public string? InstanceType { get; init; }

    /// <summary>Merged by name.</summary>
    [Id(4)] public IReadOnlyList<EnvironmentVariable>? Environment { get; init; }

    /// <summary>Merged by type.</summary>
    [Id(5)] public IReadOnlyList<ResourceRequirement>? ResourceRequirements { get; init; }
}

/// <summary>A job was accepted.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SubmitJobResponse")]
public sealed record SubmitJobResponse
{
    /// <summary>The job's ARN.</summary>
    [Id(0)] public required string JobArn { get; init; }

    /// <summary>The job's name.</summary>
    [Id(1)] public required string JobName { get; init; }

    /// <summary>The job's id, a lower-case UUID.</summary>
    [Id(2)] public required string JobId { get; init; }
}

/// <summary>Names one call of a client over all its retries.</summary>
/// <remarks>The same key again gets the first answer, and nothing is done twice.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Invocation")]
public sealed record Invocation
{
    /// <summary>Account, access key, <c>amz-sdk-invocation-id</c> and a hash of the body, as one text.</summary>
    [Id(0)] public required string Key { get; init; }
}
