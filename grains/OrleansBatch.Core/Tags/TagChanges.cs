using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Core.Tags;

/// <summary>What TagResource and UntagResource ask for, and what it makes of a resource's tags.</summary>
/// <remarks>Source: AWS Batch API, TagResource and UntagResource.</remarks>
public static class TagChanges
{
    private const int MaximumKeys = 50;

    /// <summary>What a TagResource asks for.</summary>
    /// <exception cref="BatchClientException">There are none, too many, or one is too long or reserved.</exception>
    public static TagChange Of(TagResourceRequest request)
    {
        if (request.Tags is not { Count: > 0 })
        {
            throw new BatchClientException("tags must have at least 1 entry.");
        }

        TagRules.Check(request.Tags);
        return new() { Set = request.Tags };
    }

    /// <summary>What an UntagResource asks for.</summary>
    /// <exception cref="BatchClientException">There are none, too many, or one is too long or reserved.</exception>
    public static TagChange Of(UntagResourceRequest request)
    {
        if (request.TagKeys is not { Count: >= 1 and <= MaximumKeys } keys)
        {
            throw new BatchClientException($"tagKeys must have 1 to {MaximumKeys} entries, got {request.TagKeys?.Count ?? 0}.");
        }

        foreach (var key in keys)
        {
            TagRules.CheckKey(key);
        }

        return new() { Remove = keys };
    }

    /// <summary>The tags after a change; the same ones where it changes nothing.</summary>
    /// <exception cref="BatchClientException">They would be too many.</exception>
    public static IReadOnlyDictionary<string, string> Apply(IReadOnlyDictionary<string, string> tags, TagChange change)
    {
        var after = new Dictionary<string, string>(tags, StringComparer.Ordinal);
        var isChanged = false;
        foreach (var key in change.Remove)
        {
            isChanged |= after.Remove(key);
        }

        foreach (var (key, value) in change.Set)
        {
            isChanged |= !after.TryGetValue(key, out var before) || before != value;
            after[key] = value;
        }

        if (!isChanged)
        {
            return tags;
        }

        TagRules.CheckCount(after.Count);
        return after;
    }
}
