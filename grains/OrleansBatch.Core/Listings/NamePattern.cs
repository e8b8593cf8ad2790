namespace OrleansBatch.Core.Listings;

/// <summary>Names as a filter means them: whatever the case, and by their beginning where the text ends with <c>*</c>.</summary>
/// <param name="Text">The name or its beginning, without the star.</param>
/// <param name="IsPrefix">Whether the text ended with a star.</param>
/// <remarks>Source: AWS Batch API, ListConsumableResources and ListJobsByConsumableResource, filters.</remarks>
public sealed record NamePattern(string Text, bool IsPrefix)
{
    /// <summary>Reads a filter's value.</summary>
    public static NamePattern Of(string value) => value.EndsWith('*') ? new(value[..^1], true) : new(value, false);

    /// <summary>Whether a name is meant.</summary>
    public bool Matches(string name) => IsPrefix
        ? name.StartsWith(Text, StringComparison.OrdinalIgnoreCase)
        : name.Equals(Text, StringComparison.OrdinalIgnoreCase);
}
