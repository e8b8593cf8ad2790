using System.Collections.Immutable;
using System.Text;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs;

/// <summary>Makes one page of events out of what was read of several streams.</summary>
public static class LogMerge
{
    /// <summary>The page.</summary>
    /// <param name="plan">What was asked.</param>
    /// <param name="read">What was read of each stream of the chunk, by <see cref="FilterPlan.QueryOf"/>; a stream that does not exist has no lines.</param>
    /// <param name="chunkLast">The last stream of the chunk, as the listing knows it.</param>
    /// <param name="hasMore">Whether the listing has streams behind the chunk.</param>
    public static FilterLogEventsResponse Page(FilterPlan plan, IReadOnlyList<(string Stream, LogPage Page)> read, string? chunkLast, bool hasMore)
    {
        var lines = read.SelectMany(one => LinesOf(one.Stream, one.Page, plan.Forwards)).ToList();
        lines.Sort(plan.Forwards ? Compare : (left, right) => Compare(right, left));

        // Of a stream with more than was read, nothing is known behind its last line: so nothing behind it may be given yet.
        var known = lines.Count;
        foreach (var (stream, page) in read)
        {
            if (page.HasMore)
            {
                known = Math.Min(known, lines.FindLastIndex(line => line.Stream == stream) + 1);
            }
        }

        var events = ImmutableArray.CreateBuilder<FilteredLogEvent>();
        var (next, room) = (0, (long)LogRules.MaxBytes);
        for (; next < known && events.Count < plan.Limit; next++)
        {
            var line = lines[next];
            if (!plan.Pattern.Matches(line.Line.Message))
            {
                continue;
            }

            room -= Encoding.UTF8.GetByteCount(line.Line.Message);
            if (room < 0 && events.Count > 0)
            {
                break;
            }

            events.Add(EventOf(line));
        }

        var isWhole = next == lines.Count && !read.Any(one => one.Page.HasMore);
        return new()
        {
            Events = events.ToImmutable(),
            NextToken = isWhole
                ? (hasMore ? plan.TokenAfter(chunkLast!) : null)
                : plan.TokenWithin(next > 0 ? PositionOf(lines[next - 1]) : plan.Position!, chunkLast ?? ""),
        };
    }

    private static IEnumerable<StreamLine> LinesOf(string stream, LogPage page, bool forwards)
    {
        for (var i = 0; i < page.Lines.Length; i++)
        {
            // Where reading goes on behind the line: at the begin of the next one, or, backwards, at its own.
            var resume = !forwards ? page.Lines[i].Offset : i + 1 < page.Lines.Length ? page.Lines[i + 1].Offset : page.End;
            yield return new(stream, page.Lines[i], resume);
        }
    }

    private static LogPosition PositionOf(StreamLine line) => new(line.Line.Timestamp.ToUnixTimeMilliseconds(), line.Stream, line.Resume);

    private static FilteredLogEvent EventOf(StreamLine line)
    {
        var at = line.Line.Timestamp.ToUnixTimeMilliseconds();
        return new()
        {
            LogStreamName = line.Stream,
            Timestamp = at,
            Message = line.Line.Message,
            IngestionTime = at,
            EventId = LogPosition.EventId(line.Stream, line.Line),
        };
    }

    private static int Compare(StreamLine left, StreamLine right)
    {
        var byTime = left.Line.Timestamp.CompareTo(right.Line.Timestamp);
        if (byTime != 0)
        {
            return byTime;
        }

        var byStream = LogPosition.Compare(left.Stream, right.Stream);
        return byStream != 0 ? byStream : left.Line.Offset.CompareTo(right.Line.Offset);
    }

    private readonly record struct StreamLine(string Stream, LogLine Line, long Resume);
}
