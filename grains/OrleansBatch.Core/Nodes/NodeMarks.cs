using System.Buffers;

namespace OrleansBatch.Core.Nodes;

/// <summary>The node that ran an attempt can be told from its task id, and so from its log stream, without looking anything up.</summary>
/// <remarks>The last digits of a task id are those of its node's id, which are random there too. So a log is found when all that is known of it is its stream.</remarks>
public static class NodeMarks
{
    private const int Digits = 8;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>The task id of an attempt on a node.</summary>
    /// <param name="unique">32 hexadecimal digits, new for each attempt, the first of them by time.</param>
    /// <param name="nodeId">In the form <c>i-0123456789abcdef0</c>.</param>
    public static string TaskId(string unique, string nodeId) => Of(nodeId) is { } mark ? string.Concat(unique.AsSpan(0, unique.Length - Digits), mark) : unique;

    /// <summary>Whether a log stream may be of an attempt on this node. One of before this was so may seem to be of any.</summary>
    /// <param name="stream">It ends with a task id.</param>
    /// <param name="nodeId">In the form <c>i-0123456789abcdef0</c>.</param>
    public static bool IsOn(string stream, string nodeId) => Of(nodeId) is { } mark && stream.EndsWith(mark, StringComparison.Ordinal);

    private static string? Of(string nodeId) =>
        nodeId.Length > Digits && nodeId.AsSpan(nodeId.Length - Digits).IndexOfAnyExcept(Hexadecimal) < 0 ? nodeId[^Digits..] : null;
}
