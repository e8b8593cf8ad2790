using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansBatch.Model.Jobs;

/// <summary>The ids of jobs that are part of another: a child of an array is <c>uuid:3</c>.</summary>
public static class JobPartIds
{
    private const int UuidLength = 36;

    /// <summary>The id of an array's child.</summary>
    public static string Child(string parentId, int index) => string.Create(CultureInfo.InvariantCulture, $"{parentId}:{index}");

    /// <summary>Takes a child's id apart. False when it is another job's, or the index is not written as we write it.</summary>
    public static bool TryParseChild(string jobId, [NotNullWhen(true)] out string? parentId, out int index)
    {
        (parentId, index) = (null, -1);
        var colon = jobId.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(jobId.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index)
            || (jobId[colon + 1] == '0' && jobId.Length > colon + 2))
        {
            return false;
        }

        parentId = jobId[..colon];
        return true;
    }

    /// <summary>Whether it is the id of an array's child or of a node: of a part of a job.</summary>
    public static bool IsPart(string jobId) => jobId.Length > UuidLength;
}
