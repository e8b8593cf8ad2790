namespace OrleansBatch.Model.Tags;

/// <summary>ListTagsForResource, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, ListTagsForResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListTagsForResourceRequest")]
public sealed record ListTagsForResourceRequest
{
    /// <summary>ARN; in the path.</summary>
    [Id(0)] public string? ResourceArn { get; init; }
}

/// <summary>A resource's tags.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListTagsForResourceResponse")]
public sealed record ListTagsForResourceResponse
{
    /// <summary>The tags; none: an empty object.</summary>
    [Id(0)] public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

/// <summary>TagResource, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, TagResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TagResourceRequest")]
public sealed record TagResourceRequest
{
    /// <summary>ARN; in the path, and what a body says of it does not count.</summary>
    [Id(0)] public string? ResourceArn { get; init; }

    /// <summary>1 to 50; those of other keys stay.</summary>
    [Id(1)] public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>UntagResource, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, UntagResource.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UntagResourceRequest")]
public sealed record UntagResourceRequest
{
    /// <summary>ARN; in the path.</summary>
    [Id(0)] public string? ResourceArn { get; init; }

    /// <summary>1 to 50; in the query. Keys that the resource does not have are ignored.</summary>
    [Id(1)] public IReadOnlyList<string>? TagKeys { get; init; }
}

/// <summary>What becomes of a resource's tags. The same change again changes nothing.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TagChange")]
public sealed record TagChange
{
    /// <summary>Tags to set, over those of the same key.</summary>
    [Id(0)] public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    /// <summary>Keys to remove.</summary>
    [Id(1)] public IReadOnlyList<string> Remove { get; init; } = [];
}
