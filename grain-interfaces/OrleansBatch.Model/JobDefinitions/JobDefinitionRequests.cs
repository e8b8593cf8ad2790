using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Model.JobDefinitions;

/// <summary>RegisterJobDefinition, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, RegisterJobDefinition.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RegisterJobDefinitionRequest")]
public sealed record RegisterJobDefinitionRequest
{
    /// <summary>Name.</summary>
    [Id(0)] public string? JobDefinitionName { get; init; }

    /// <summary><c>container</c> or <c>multinode</c>.</summary>
    [Id(1)] public string? Type { get; init; }

    /// <summary>Defaults for <c>Ref::</c>.</summary>
    [Id(2)] public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>0 to 9999.</summary>
    [Id(3)] public int? SchedulingPriority { get; init; }

    /// <summary>The container.</summary>
    [Id(4)] public ContainerProperties? ContainerProperties { get; init; }

    /// <summary>Retry strategy.</summary>
    [Id(5)] public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>Timeout.</summary>
    [Id(6)] public JobTimeout? Timeout { get; init; }

    /// <summary>Whether tags go on to the task.</summary>
    [Id(7)] public bool? PropagateTags { get; init; }

    /// <summary>EC2 (default) or FARGATE.</summary>
    [Id(8)] public IReadOnlyList<string>? PlatformCapabilities { get; init; }

    /// <summary>Tags.</summary>
    [Id(9)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Multi-node jobs.</summary>
    [Id(10)] public NodeProperties? NodeProperties { get; init; }

    /// <summary>Jobs of several containers.</summary>
    [Id(11)] public EcsProperties? EcsProperties { get; init; }

    /// <summary>Jobs on EKS.</summary>
    [Id(12)] public RawJson? EksProperties { get; init; }

    /// <summary>What its jobs need of consumable resources.</summary>
    [Id(13)] public ConsumableResourceProperties? ConsumableResourceProperties { get; init; }
}

/// <summary>A revision was registered.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RegisterJobDefinitionResponse")]
public sealed record RegisterJobDefinitionResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string JobDefinitionName { get; init; }

    /// <summary>ARN with revision.</summary>
    [Id(1)] public required string JobDefinitionArn { get; init; }

    /// <summary>Its number.</summary>
    [Id(2)] public required int Revision { get; init; }
}

/// <summary>DeregisterJobDefinition, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DeregisterJobDefinitionRequest")]
public sealed record DeregisterJobDefinitionRequest
{
    /// <summary><c>name:revision</c>, ARN, or name for the highest active revision.</summary>
    [Id(0)] public string? JobDefinition { get; init; }
}

/// <summary>DescribeJobDefinitions, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeJobDefinitionsRequest")]
public sealed record DescribeJobDefinitionsRequest
{
    /// <summary>At most 100 of <c>name:revision</c> or ARN; then the only parameter.</summary>
    [Id(0)] public IReadOnlyList<string>? JobDefinitions { get; init; }

    /// <summary>1 to 100.</summary>
    [Id(1)] public int? MaxResults { get; init; }

    /// <summary>All revisions of this name.</summary>
    [Id(2)] public string? JobDefinitionName { get; init; }

    /// <summary>ACTIVE or INACTIVE.</summary>
    [Id(3)] public string? Status { get; init; }

    /// <summary>From the page before.</summary>
    [Id(4)] public string? NextToken { get; init; }
}

/// <summary>A page of revisions: by name, newest revision first.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeJobDefinitionsResponse")]
public sealed record DescribeJobDefinitionsResponse
{
    /// <summary>The revisions.</summary>
    [Id(0)] public required IReadOnlyList<JobDefinitionDetail> JobDefinitions { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>A revision, as DescribeJobDefinitions gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobDefinitionDetail")]
public sealed record JobDefinitionDetail
{
    /// <summary>Name.</summary>
    [Id(0)] public required string JobDefinitionName { get; init; }

    /// <summary>ARN with revision.</summary>
    [Id(1)] public required string JobDefinitionArn { get; init; }

    /// <summary>Number.</summary>
    [Id(2)] public required int Revision { get; init; }

    /// <summary>ACTIVE or INACTIVE.</summary>
    [Id(3)] public required string Status { get; init; }

    /// <summary><c>container</c>.</summary>
    [Id(4)] public required string Type { get; init; }

    /// <summary>0 to 9999.</summary>
    [Id(5)] public int? SchedulingPriority { get; init; }

    /// <summary>Defaults for <c>Ref::</c>.</summary>
    [Id(6)] public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>Retry strategy.</summary>
    [Id(7)] public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>The container.</summary>
    [Id(8)] public ContainerProperties? ContainerProperties { get; init; }

    /// <summary>Timeout.</summary>
    [Id(9)] public JobTimeout? Timeout { get; init; }

    /// <summary>Tags.</summary>
    [Id(10)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Whether tags go on to the task.</summary>
    [Id(11)] public bool? PropagateTags { get; init; }

    /// <summary>EC2 or FARGATE.</summary>
    [Id(12)] public IReadOnlyList<string>? PlatformCapabilities { get; init; }

    /// <summary><c>ECS</c>.</summary>
    [Id(13)] public string? ContainerOrchestrationType { get; init; }

    /// <summary>As registered.</summary>
    [Id(14)] public ConsumableResourceProperties? ConsumableResourceProperties { get; init; }

    /// <summary>The containers of a job of several.</summary>
    [Id(20)] public EcsProperties? EcsProperties { get; init; }

    /// <summary>The nodes of a multi-node job.</summary>
    [Id(21)] public NodeProperties? NodeProperties { get; init; }
}
