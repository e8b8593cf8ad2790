using System.Text.RegularExpressions;

namespace OrleansBatch.Core.Names;

/// <summary>What names and ids look like.</summary>
/// <remarks>Source: AWS Batch API, the patterns of its operations.</remarks>
public static partial class ResourceNames
{
    /// <summary>Whether it may name a compute environment, a job queue or a job definition: 1 to 128 letters, digits, <c>-</c>, <c>_</c>.</summary>
    public static bool IsValid(string? name) => name is not null && ResourceName().IsMatch(name);

    /// <summary>Whether it may name a job: as other names, but it begins with a letter or digit.</summary>
    public static bool IsValidJobName(string? name) => name is not null && JobName().IsMatch(name);

    /// <summary>Whether it has the form of a job's id: a lower-case UUID, for an array child <c>uuid:3</c>, for a node <c>uuid#2</c>.</summary>
    public static bool IsJobId(string? id) => id is not null && JobId().IsMatch(id);

    /// <summary>Whether it may be a job's share identifier: 1 to 255 letters, digits, <c>-</c>, <c>_</c>.</summary>
    public static bool IsShareIdentifier(string? text) => text is not null && ShareIdentifier().IsMatch(text);

    /// <summary>Whether it may name a share, or a beginning of shares that ends with <c>*</c>, in a policy: 2 to 255 characters with the star.</summary>
    public static bool IsShareEntry(string? text) => text is { Length: <= 255 } && ShareEntry().IsMatch(text);

    // \z, not $: a name that ends with a line feed is no name.
    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,128}\z")]
    private static partial Regex ResourceName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}\z")]
    private static partial Regex JobName();

    [GeneratedRegex(@"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}([:#][0-9]{1,5})?\z")]
    private static partial Regex JobId();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,255}\z")]
    private static partial Regex ShareIdentifier();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,255}\*?\z")]
    private static partial Regex ShareEntry();
}
