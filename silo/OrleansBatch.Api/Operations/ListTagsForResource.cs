using OrleansBatch.Model;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Api.Operations;

/// <summary>ListTagsForResource.</summary>
internal static class ListTagsForResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new TagOperation<ListTagsForResourceResponse>(
        nameof(ListTagsForResource),
        "GET",
        BatchJson.Default.ListTagsForResourceResponse,
        static (request, arn, tags) => tags.List(new() { ResourceArn = arn }, request.HttpContext.RequestAborted));
}
