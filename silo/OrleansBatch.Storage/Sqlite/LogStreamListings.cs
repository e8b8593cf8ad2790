using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.Listings;

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
                // Before the next step: the columns are of this row.
                live.AddRange(LogPage.Live(scope, StoreJson.ReadState(select.Bytes(0)), () => StoreJson.ReadSpec(select.Bytes(1))));
            }

            select.Reset();
        }

        return live;
    }

    private sealed class Page(SqliteSession session, LogStreamListing listing)
    {
        private readonly LogPage _page = new(listing);
        private readonly long? _group = session.Prepare(Group).Bind(1, listing.Group.Key).Number();

        public void ReadByName()
        {
            var low = listing.Prefix;
            var high = NamePrefix.UpperBound(listing.Prefix) ?? NamePrefix.Top;
            if (_page.After is { } after)
            {
                (low, high) = listing.IsDescending ? (low, after.Name) : (after.Name + "\0", high);
            }

            Add(session.Prepare(listing.IsDescending ? ByNameDescending : ByName).Bind(1, _group ?? 0).Bind(2, low).Bind(3, high).Bind(4, _page.Missing));
            AddLive();
        }

        public void ReadByEnd()
        {
            var isInRecent = _page.After is { EndedAt: LogStreamKey.NotEnded };
            if (listing.IsDescending)
            {
                if (_page.After is null || isInRecent)
                {
                    AddRecent();
                }

                if (_page.Missing > 0)
                {
                    AddEnded(ByEndDescending, isInRecent ? null : _page.After, new(Milliseconds(listing.Boundary), ""), listing.EndedFrom);
                }
            }
            else
            {
                if (!isInRecent)
                {
                    AddEnded(ByEnd, _page.After, new(Milliseconds(listing.EndedFrom), ""), listing.Boundary);
                }

                if (_page.Missing > 0)
                {
                    AddRecent();
                }
            }
        }

        public LogStreamPage Answer() => _page.Answer();

        private void AddEnded(string sql, LogStreamKey? after, LogStreamKey start, DateTimeOffset bound) => Add(session.Prepare(sql)
            .Bind(1, _group ?? 0)
            .Bind(2, (after ?? start).EndedAt)
            .Bind(3, (after ?? start).Name)
            .Bind(4, _page.Missing)
            .Bind(5, Milliseconds(bound)));

        private void AddRecent()
        {
            Add(session.Prepare(Recent).Bind(1, _group ?? 0).Bind(2, Milliseconds(listing.Boundary)));
            AddLive();
        }

        private void AddLive() => _page.AddLive(ReadLive(session, listing.Group.Scope));

        private void Add(Statement select)
        {
            while (select.Step())
            {
                _page.Add(new LogStreamRow(listing.Group, select.Text(0), Time(select.Int64(1)), Time(select.Int64(2))));
            }

            select.Reset();
        }

        private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

        private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }
}
