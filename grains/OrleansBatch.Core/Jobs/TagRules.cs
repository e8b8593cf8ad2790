using OrleansBatch.Model;

namespace OrleansBatch.Core.Jobs;

/// <summary>What tags any resource may carry.</summary>
/// <remarks>Source: AWS Batch API, TagrisTagsMap.</remarks>
public static class TagRules
{
    /// <summary>Tags that one resource, or one task, may carry.</summary>
    public const int Maximum = 50;

    private const int MaximumKeyLength = 128;
    private const int MaximumValueLength = 256;

    /// <summary>Checks tags; none are allowed.</summary>
    /// <exception cref="BatchClientException">There are too many, or one is too long or reserved.</exception>
    public static void Check(IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is null)
        {
            return;
        }

        CheckCount(tags.Count);
        foreach (var (key, value) in tags)
        {
            CheckKey(key);

            // JSON can carry a null where the type says text.
            if (value is null || value.Length > MaximumValueLength)
            {
                throw new BatchClientException($"The value of tag '{key}' must have 0 to {MaximumValueLength} characters.");
            }
        }
    }

    /// <summary>Checks how many tags one resource is to carry.</summary>
    /// <exception cref="BatchClientException">They are too many.</exception>
    public static void CheckCount(int count)
    {
        if (count > Maximum)
        {
            throw new BatchClientException($"A resource can have at most {Maximum} tags, got {count}.");
        }
    }

    /// <summary>Checks a tag's key.</summary>
    /// <exception cref="BatchClientException">It is empty, too long or reserved.</exception>
    public static void CheckKey(string key)
    {
        if (key.Length is < 1 or > MaximumKeyLength)
        {
            throw new BatchClientException($"Tag key '{Shown(key)}' must have 1 to {MaximumKeyLength} characters, got {key.Length}.");
        }

        if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
        {
            throw new BatchClientException($"Tag key '{key}' begins with aws:, which is reserved.");
        }
    }

    private static string Shown(string key) => key.Length <= MaximumKeyLength ? key : string.Concat(key.AsSpan(0, MaximumKeyLength), "…");
}
