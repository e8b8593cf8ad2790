using OrleansBatch.Model;

namespace OrleansBatch.Api.Operations;

/// <summary>UntagResource: the keys are repeated parameters of the query.</summary>
internal static class UntagResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new TagOperation<EmptyAnswer>(
        nameof(UntagResource),
        "DELETE",
        BatchJson.Default.EmptyAnswer,
        static async (request, arn, tags) =>
        {
            string[] keys = [.. request.Query["tagKeys"].Select(key => key ?? "")];
            await tags.Untag(new() { ResourceArn = arn, TagKeys = keys }, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
