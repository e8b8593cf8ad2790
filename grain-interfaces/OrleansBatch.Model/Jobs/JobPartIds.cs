using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansBatch.Model.Jobs;

/// <summary>The ids of jobs that are part of another: a child of an array is <c>uuid:3</c>, a node of a multi-node job <c>uuid#3</c>.</summary>
public static class JobPartIds
{
    private const int UuidLength = 36;
    private const char OfChild = ':';
    private const char OfNode = '#';

    /// <summary>The id of an array's child.</summary>
    public static string Child(string parentId, int index) => Part(parentId, index, isNode: false);

    /// <summary>The id of a node of a multi-node job.</summary>
    public static string Node(string jobId, int index) => Part(jobId, index, isNode: true);

    /// <summary>The id of an array's child or of a node.</summary>
    public static string Part(string parentId, int index, bool isNode) => string.Create(CultureInfo.InvariantCulture, $"{parentId}{(isNode ? OfNode : OfChild)}{index}");

    /// <summary>Takes a child's id apart. False when it is another job's, or the index is not written as we write it.</summary>
    public static bool TryParseChild(string jobId, [NotNullWhen(true)] out string? parentId, out int index) =>
        TryParsePart(jobId, out parentId, out index, out var isNode) && !isNode;

    /// <summary>Takes a node's id apart. False when it is another job's, or the index is not written as we write it.</summary>
    public static bool TryParseNode(string jobId, [NotNullWhen(true)] out string? parentId, out int index) =>
        TryParsePart(jobId, out parentId, out index, out var isNode) && isNode;

    /// <summary>Takes the id of a child or a node apart. False when it is another job's, or the index is not written as we write it.</summary>
    public static bool TryParsePart(string jobId, [NotNullWhen(true)] out string? parentId, out int index, out bool isNode)
    {
        (parentId, index) = (null, -1);
        var mark = jobId.AsSpan().LastIndexOfAny(OfChild, OfNode);
        isNode = mark > 0 && jobId[mark] == OfNode;
        if (mark <= 0 || !int.TryParse(jobId.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index)
            || (jobId[mark + 1] == '0' && jobId.Length > mark + 2))
        {
            return false;
        }

        parentId = jobId[..mark];
        return true;
    }

    /// <summary>Whose row and decisions a job's are: of a node its job's, of any other its own.</summary>
    public static string OwnerOf(string jobId) => TryParseNode(jobId, out var parentId, out _) ? parentId : jobId;

    /// <summary>Whether it is the id of an array's child or of a node: of a part of a job.</summary>
    public static bool IsPart(string jobId) => jobId.Length > UuidLength;
}
