using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Model.ConsumableResources;

/// <summary>CreateConsumableResource, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, CreateConsumableResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.CreateConsumableResourceRequest")]
public sealed record CreateConsumableResourceRequest
{
    /// <summary>Name.</summary>
    [Id(0)] public string? ConsumableResourceName { get; init; }

    /// <summary>At least 0. Default: 0.</summary>
    [Id(1)] public long? TotalQuantity { get; init; }

    /// <summary><c>REPLENISHABLE</c> (default) or <c>NON_REPLENISHABLE</c>.</summary>
    [Id(2)] public string? ResourceType { get; init; }

    /// <summary>Tags.</summary>
    [Id(3)] public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>A resource was created.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.CreateConsumableResourceResponse")]
public sealed record CreateConsumableResourceResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string ConsumableResourceName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string ConsumableResourceArn { get; init; }
}

/// <summary>UpdateConsumableResource, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, UpdateConsumableResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UpdateConsumableResourceRequest")]
public sealed record UpdateConsumableResourceRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ConsumableResource { get; init; }

    /// <summary><c>SET</c> (default), <c>ADD</c> or <c>REMOVE</c>.</summary>
    [Id(1)] public string? Operation { get; init; }

    /// <summary>At least 0. With neither operation nor quantity nothing changes.</summary>
    [Id(2)] public long? Quantity { get; init; }

    /// <summary>1 to 64 characters: the same again within 8 hours is done once.</summary>
    [Id(3)] public string? ClientToken { get; init; }
}

/// <summary>A resource was updated.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UpdateConsumableResourceResponse")]
public sealed record UpdateConsumableResourceResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string ConsumableResourceName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string ConsumableResourceArn { get; init; }

    /// <summary>After the update.</summary>
    [Id(2)] public required long TotalQuantity { get; init; }
}

/// <summary>DeleteConsumableResource, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DeleteConsumableResourceRequest")]
public sealed record DeleteConsumableResourceRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ConsumableResource { get; init; }
}

/// <summary>DescribeConsumableResource, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeConsumableResourceRequest")]
public sealed record DescribeConsumableResourceRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ConsumableResource { get; init; }
}

/// <summary>A resource in full.</summary>
/// <remarks>Source: AWS Batch API, DescribeConsumableResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeConsumableResourceResponse")]
public sealed record DescribeConsumableResourceResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string ConsumableResourceName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string ConsumableResourceArn { get; init; }

    /// <summary>How much there is.</summary>
    [Id(2)] public required long TotalQuantity { get; init; }

    /// <summary>What jobs hold now.</summary>
    [Id(3)] public required long InUseQuantity { get; init; }

    /// <summary>What is left; 0 when jobs hold more than there is now.</summary>
    [Id(4)] public required long AvailableQuantity { get; init; }

    /// <summary><c>REPLENISHABLE</c> or <c>NON_REPLENISHABLE</c>.</summary>
    [Id(5)] public required string ResourceType { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(6)] public required long CreatedAt { get; init; }

    /// <summary>Tags.</summary>
    [Id(7)] public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

/// <summary>ListConsumableResources, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, ListConsumableResources.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListConsumableResourcesRequest")]
public sealed record ListConsumableResourcesRequest
{
    /// <summary>By <c>CONSUMABLE_RESOURCE_NAME</c>: any of its values, whatever the case; one that ends with <c>*</c> is a beginning.</summary>
    [Id(0)] public IReadOnlyList<KeyValuesPair>? Filters { get; init; }

    /// <summary>1 to 100. Default: 100.</summary>
    [Id(1)] public int? MaxResults { get; init; }

    /// <summary>From the page before.</summary>
    [Id(2)] public string? NextToken { get; init; }
}

/// <summary>A page of resources, by name.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListConsumableResourcesResponse")]
public sealed record ListConsumableResourcesResponse
{
    /// <summary>The resources.</summary>
    [Id(0)] public required IReadOnlyList<ConsumableResourceSummary> ConsumableResources { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>A resource in short, as ListConsumableResources gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableResourceSummary")]
public sealed record ConsumableResourceSummary
{
    /// <summary>ARN.</summary>
    [Id(0)] public required string ConsumableResourceArn { get; init; }

    /// <summary>Name.</summary>
    [Id(1)] public required string ConsumableResourceName { get; init; }

    /// <summary>How much there is.</summary>
    [Id(2)] public required long TotalQuantity { get; init; }

    /// <summary>What jobs hold now.</summary>
    [Id(3)] public required long InUseQuantity { get; init; }

    /// <summary><c>REPLENISHABLE</c> or <c>NON_REPLENISHABLE</c>.</summary>
    [Id(4)] public required string ResourceType { get; init; }
}

/// <summary>ListJobsByConsumableResource, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, ListJobsByConsumableResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListJobsByConsumableResourceRequest")]
public sealed record ListJobsByConsumableResourceRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ConsumableResource { get; init; }

    /// <summary><c>JOB_STATUS</c> and <c>JOB_NAME</c>, each once at most.</summary>
    [Id(1)] public IReadOnlyList<KeyValuesPair>? Filters { get; init; }

    /// <summary>1 to 100. Default: 100.</summary>
    [Id(2)] public int? MaxResults { get; init; }

    /// <summary>From the page before.</summary>
    [Id(3)] public string? NextToken { get; init; }
}

/// <summary>A page of jobs.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListJobsByConsumableResourceResponse")]
public sealed record ListJobsByConsumableResourceResponse
{
    /// <summary>The jobs.</summary>
    [Id(0)] public required IReadOnlyList<JobByConsumableResource> Jobs { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>A job that needs a resource, as ListJobsByConsumableResource gives it.</summary>
/// <remarks>Source: AWS Batch API, ListJobsByConsumableResourceSummary.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobByConsumableResource")]
public sealed record JobByConsumableResource
{
    /// <summary>ARN.</summary>
    [Id(0)] public required string JobArn { get; init; }

    /// <summary>ARN of its queue.</summary>
    [Id(1)] public required string JobQueueArn { get; init; }

    /// <summary>Name.</summary>
    [Id(2)] public required string JobName { get; init; }

    /// <summary>ARN with revision.</summary>
    [Id(3)] public required string JobDefinitionArn { get; init; }

    /// <summary>On fair-share queues only.</summary>
    [Id(4)] public string? ShareIdentifier { get; init; }

    /// <summary>Status, upper case.</summary>
    [Id(5)] public required string JobStatus { get; init; }

    /// <summary>How much of the resource it needs.</summary>
    [Id(6)] public required long Quantity { get; init; }

    /// <summary>Why it is in that status.</summary>
    [Id(7)] public string? StatusReason { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(8)] public long? StartedAt { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(9)] public required long CreatedAt { get; init; }

    /// <summary>All that it needs.</summary>
    [Id(10)] public required ConsumableResourceProperties ConsumableResourceProperties { get; init; }
}
