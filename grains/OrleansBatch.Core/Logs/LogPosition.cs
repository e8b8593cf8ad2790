using System.Globalization;
using System.Text;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs;

/// <summary>A line's place in the order of all lines of several streams: by time, then by stream, then by offset.</summary>
/// <param name="Timestamp">Epoch milliseconds.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Resume">The offset where its stream goes on behind it, in the direction of the query.</param>
internal sealed record LogPosition(long Timestamp, string Stream, long Resume)
{
    /// <summary>Reads what a token carries.</summary>
    public static LogPosition Parse(string timestamp, string stream, string resume) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && long.TryParse(resume, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new(at, stream, offset)
            : throw LogRules.InvalidToken();

    /// <summary>The query for those lines of a stream that come behind this one.</summary>
    public LogQuery Resumed(LogQuery query)
    {
        var order = Compare(query.Log.Stream, Stream);
        if (order == 0)
        {
            return query with { Offset = Resume };
        }

        // Of the same millisecond, streams on one side of this one have been looked at, those on the other side not.
        if (query.Forwards)
        {
            var from = DateTimeOffset.FromUnixTimeMilliseconds(order < 0 ? Timestamp + 1 : Timestamp);
            return query with { From = query.From > from ? query.From : from };
        }

        var until = DateTimeOffset.FromUnixTimeMilliseconds(order < 0 ? Timestamp + 1 : Timestamp);
        return query with { Until = query.Until < until ? query.Until : until };
    }

    /// <summary>The order of streams within one millisecond: by a mark of their names that event ids carry too.</summary>
    public static int Compare(string left, string right) =>
        MarkOf(left) is var l && MarkOf(right) is var r && l != r ? l.CompareTo(r) : string.CompareOrdinal(left, right);

    /// <summary>The id of a line: digits that sort as the lines do.</summary>
    public static string EventId(string stream, LogLine line) => string.Create(
        CultureInfo.InvariantCulture, $"{line.Timestamp.ToUnixTimeMilliseconds():D13}{MarkOf(stream):D20}{line.Offset:D19}");

    // FNV-1a: stable over processes and versions.
    private static ulong MarkOf(string stream)
    {
        var mark = 14695981039346656037ul;
        foreach (var unit in Encoding.UTF8.GetBytes(stream))
        {
            mark = unchecked((mark ^ unit) * 1099511628211ul);
        }

        return mark;
    }
}
