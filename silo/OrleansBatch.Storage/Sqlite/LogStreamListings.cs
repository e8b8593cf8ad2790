using OrleansBatch.Core.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Pages of a group's streams: rows of those that have ended, by the index that has the order, and those of live attempts, of which there are few.</summary>
internal static class LogStreamListings
{
    private const string Columns = "SELECT name, created_at, ended_at FROM log_streams ";

    internal const string ByName = Columns + """
        INDEXED BY log_streams_by_name WHERE log_group = ?1 AND name >= ?2 AND name < ?3 ORDER BY name LIMIT ?4
        """;

    internal const string ByNameDescending = Columns + """
        INDEXED BY log_streams_by_name WHERE log_group = ?1 AND name >= ?2 AND name < ?3 ORDER BY name DESC LIMIT ?4
        """;

    internal const string ByEnd = Columns + """
        WHERE log_group = ?1 AND (ended_at, name) > (?2, ?3) AND ended_at < ?5 ORDER BY ended_at, name LIMIT ?4
        """;

    internal const string ByEndDescending = Columns + """
        WHERE log_group = ?1 AND (ended_at, name) < (?2, ?3) AND ended_at >= ?5 ORDER BY ended_at DESC, name DESC LIMIT ?4
        """;

    internal const string Recent = Columns + "WHERE log_group = ?1 AND ended_at >= ?2";

    internal const string Live =
        """
        SELECT j.state, s.spec FROM jobs j INDEXED BY jobs_by_environment JOIN job_specs s ON s.sequence = j.sequence
        WHERE j.environment >= ?1 AND j.environment < ?2
        """;

    internal const string LiveChildren =
        """
        SELECT c.state, s.spec FROM array_children c INDEXED BY array_children_by_environment JOIN job_specs s ON s.sequence = c.parent
        WHERE c.environment >= ?1 AND c.environment < ?2
        """;

    internal const string Group = "SELECT id FROM log_groups WHERE key = ?1";

    /// <summary>Above every name there is.</summary>
    private const string Top = "\U0010FFFF\U0010FFFF";

    public static LogStreamPage Read(SqliteSession session, LogStreamListing listing)
    {
        var page = new Page(session, listing);
        if (listing.Order == LogStreamOrder.Name)
        {
            page.ReadByName();
        }
        else
        {
            page.ReadByEnd();
        }

        return page.Answer();
    }

    /// <summary>The streams of attempts that run now, in all groups of a scope.</summary>
    public static IEnumerable<LogStreamRow> ReadLive(SqliteSession session, Scope scope)
    {
        List<LogStreamRow> live = [];
        foreach (var text in new[] { Live, LiveChildren })
        {
            // A slash ends the region, and a zero is what follows a slash.
            var select = session.Prepare(text).Bind(1, scope.Key + "/").Bind(2, scope.Key + "0");
            while (select.Step())
            {
                if (StoreJson.ReadState(select.Bytes(0)).Placement is { StartedAt: { } at } placement)
                {
                    var spec = StoreJson.ReadSpec(select.Bytes(1));
                    live.Add(new(new(scope, LogNames.Group(spec)), placement.LogStream, at, null));
                    live.AddRange(LogNames.Streams(spec, placement.TaskArn)
                        .Skip(1)
                        .Select(log => new LogStreamRow(new(scope, log.Group), log.Stream, at, null)));
                }
            }

            select.Reset();
        }

        return live;
    }

    private sealed class Page(SqliteSession session, LogStreamListing listing)
    {
        private readonly List<(LogStreamKey Key, LogStreamRow Stream)> _rows = [];
        private readonly long? _group = session.Prepare(Group).Bind(1, listing.Group.Key).Number();
        private readonly LogStreamKey? _after = listing.After is null ? null : LogStreamKey.Parse(listing.After);
        private readonly LogStreamKey? _last = listing.Last is null ? null : LogStreamKey.Parse(listing.Last);

        /// <summary>One more than asked tells whether there is a next page.</summary>
        private int Wanted => listing.Limit + 1;

        public void ReadByName()
        {
            var low = listing.Prefix;
            var high = NamePrefix.UpperBound(listing.Prefix) ?? Top;
            if (_after is { } after)
            {
                (low, high) = listing.IsDescending ? (low, after.Name) : (after.Name + "\0", high);
            }

            Add(session.Prepare(listing.IsDescending ? ByNameDescending : ByName).Bind(1, _group ?? 0).Bind(2, low).Bind(3, high).Bind(4, Wanted));
            AddLive();
        }

        public void ReadByEnd()
        {
            var isInRecent = _after is { EndedAt: LogStreamKey.NotEnded };
            if (listing.IsDescending)
            {
                if (_after is null || isInRecent)
                {
                    AddRecent();
                }

                if (_rows.Count < Wanted)
                {
                    AddEnded(ByEndDescending, isInRecent ? null : _after, new(Milliseconds(listing.Boundary), ""), listing.EndedFrom);
                }
            }
            else
            {
                if (!isInRecent)
                {
                    AddEnded(ByEnd, _after, new(Milliseconds(listing.EndedFrom), ""), listing.Boundary);
                }

                if (_rows.Count < Wanted)
                {
                    AddRecent();
                }
            }
        }

        public LogStreamPage Answer()
        {
            var ordered = _rows.OrderBy(row => row.Key).ToList();
            if (listing.IsDescending)
            {
                ordered.Reverse();
            }

            return new([.. ordered.Take(listing.Limit).Select(row => new ListedLogStream(row.Stream, row.Key.ToString()))], ordered.Count > listing.Limit);
        }

        /// <summary>Adds a stream that lies behind the page before, and not behind the last that may be on this one.</summary>
        private void Add(LogStreamRow stream)
        {
            var key = LogStreamKey.Of(stream, listing);
            var way = listing.IsDescending ? -1 : 1;
            if ((_after is null || way * key.CompareTo(_after.Value) > 0) && (_last is null || way * key.CompareTo(_last.Value) <= 0))
            {
                _rows.Add((key, stream));
            }
        }

        private void AddEnded(string sql, LogStreamKey? after, LogStreamKey start, DateTimeOffset bound) => Add(session.Prepare(sql)
            .Bind(1, _group ?? 0)
            .Bind(2, (after ?? start).EndedAt)
            .Bind(3, (after ?? start).Name)
            .Bind(4, Wanted - _rows.Count)
            .Bind(5, Milliseconds(bound)));

        private void AddRecent()
        {
            Add(session.Prepare(Recent).Bind(1, _group ?? 0).Bind(2, Milliseconds(listing.Boundary)));
            AddLive();
        }

        private void AddLive()
        {
            foreach (var live in ReadLive(session, listing.Group.Scope))
            {
                if (live.Group == listing.Group && live.Stream.StartsWith(listing.Prefix, StringComparison.Ordinal))
                {
                    Add(live);
                }
            }
        }

        private void Add(Statement select)
        {
            while (select.Step())
            {
                Add(new LogStreamRow(listing.Group, select.Text(0), Time(select.Int64(1)), Time(select.Int64(2))));
            }

            select.Reset();
        }

        private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

        private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }
}
