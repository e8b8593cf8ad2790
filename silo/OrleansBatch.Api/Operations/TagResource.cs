using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Api.Operations;

/// <summary>TagResource.</summary>
internal static class TagResource
{
    private static readonly JsonTypeInfo<TagResourceRequest> Reads = RequestJson.InfoOf<TagResourceRequest>();

    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new TagOperation<EmptyAnswer>(
        nameof(TagResource),
        "POST",
        BatchJson.Default.EmptyAnswer,
        static async (request, arn, tags) =>
        {
            var body = await RequestBody.ReadAsync(request, RequestLimits.Other, static bytes => RequestJson.Read(bytes, Reads));
            await tags.Tag(body with { ResourceArn = arn }, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
