using OrleansBatch.Core.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Listings;

/// <summary>A page of log streams, made of all that may be on it, in whatever order it was found.</summary>
internal sealed class LogPage(LogStreamListing listing)
{
    private readonly List<(LogStreamKey Key, LogStreamRow Stream)> _rows = [];

    /// <summary>The last stream of the page before.</summary>
    public LogStreamKey? After { get; } = listing.After is null ? null : LogStreamKey.Parse(listing.After);

    /// <summary>How many more are wanted: one more than asked for tells whether there is a next page.</summary>
    public int Missing => listing.Limit + 1 - _rows.Count;

    private LogStreamKey? Last { get; } = listing.Last is null ? null : LogStreamKey.Parse(listing.Last);

    /// <summary>The streams of an attempt that runs.</summary>
    public static IEnumerable<LogStreamRow> Live(Scope scope, JobState state, Func<JobSpec> spec)
    {
        if (state.Placement is not { StartedAt: { } at } placement)
        {
            return [];
        }

        var job = spec();
        return LogNames.Streams(job, placement.TaskArn)
            .Skip(1)
            .Select(log => new LogStreamRow(new(scope, log.Group), log.Stream, at, null))
            .Prepend(new(new(scope, LogNames.Group(job)), placement.LogStream, at, null));
    }

    /// <summary>Adds a stream that lies behind the page before, and not behind the last that may be on this one.</summary>
    public void Add(LogStreamRow stream)
    {
        var key = LogStreamKey.Of(stream, listing);
        var way = listing.IsDescending ? -1 : 1;
        if ((After is null || way * key.CompareTo(After.Value) > 0) && (Last is null || way * key.CompareTo(Last.Value) <= 0))
        {
            _rows.Add((key, stream));
        }
    }

    /// <summary>Adds those of the streams of live attempts that are asked for.</summary>
    public void AddLive(IEnumerable<LogStreamRow> live)
    {
        foreach (var stream in live.Where(stream => stream.Group == listing.Group && stream.Stream.StartsWith(listing.Prefix, StringComparison.Ordinal)))
        {
            Add(stream);
        }
    }

    /// <summary>The page.</summary>
    public LogStreamPage Answer()
    {
        var ordered = _rows.OrderBy(row => row.Key).ToList();
        if (listing.IsDescending)
        {
            ordered.Reverse();
        }

        return new([.. ordered.Take(listing.Limit).Select(row => new ListedLogStream(row.Stream, row.Key.ToString()))], ordered.Count > listing.Limit);
    }

    /// <summary>Groups with rows, and those that only live attempts have, from a name on.</summary>
    public static List<LogGroupRow> Groups(IEnumerable<LogGroupRow> withRows, IEnumerable<LogStreamRow> live, string from, int limit) =>
    [
        .. withRows.Concat(live.Select(Group).Where(group => LogStreamKey.Compare(group.Name, from) >= 0))
            .GroupBy(group => group.Name, (_, same) => same.MinBy(group => group.CreatedAt)!)
            .OrderBy(group => group.Name, Comparer<string>.Create(LogStreamKey.Compare))
            .Take(limit),
    ];

    /// <summary>The group that a live stream begins, if it has no row.</summary>
    public static LogGroupRow Group(LogStreamRow stream) => new(stream.Group.Name, stream.CreatedAt);
}
