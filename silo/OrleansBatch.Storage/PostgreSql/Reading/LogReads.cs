using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Pages of a group's streams: rows of those that have ended, by the index that has the order, and those of live attempts, of which there are few.</summary>
internal static class LogReads
{
    private const string Columns = "SELECT name, created_at, ended_at FROM log_streams WHERE log_group = $1";

    private const string ByName = Columns + " AND name >= $2 AND name < $3 ORDER BY name LIMIT $4";

    private const string ByNameAfter = Columns + " AND name > $2 AND name < $3 ORDER BY name LIMIT $4";

    private const string ByNameDescending = Columns + " AND name >= $2 AND name < $3 ORDER BY name DESC LIMIT $4";

    private const string ByEnd = Columns + " AND (ended_at, name) > ($2, $3) AND ended_at < $5 ORDER BY ended_at, name LIMIT $4";

    private const string ByEndDescending = Columns + " AND (ended_at, name) < ($2, $3) AND ended_at >= $5 ORDER BY ended_at DESC, name DESC LIMIT $4";

    private const string Recent = Columns + " AND ended_at >= $2";

    private const string Live =
        "SELECT s.state, j.spec FROM job_states s JOIN jobs j ON j.sequence = s.sequence WHERE s.environment >= $1 AND s.environment < $2";

    private const string LiveChildren =
        "SELECT c.state, j.spec FROM array_children c JOIN jobs j ON j.sequence = c.parent WHERE c.environment >= $1 AND c.environment < $2";

    private const string Group = "SELECT id FROM log_groups WHERE key = $1";

    private const string OneGroup = "SELECT key, created_at FROM log_groups WHERE key = $1";

    private const string GroupsFrom = "SELECT key, created_at FROM log_groups WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3";

    public static async Task<LogStreamPage> ReadAsync(PostgresSession session, LogStreamListing listing)
    {
        var page = new Page(session, listing, await session.NumberAsync(Group, listing.Group.Key) ?? 0);
        await (listing.Order == LogStreamOrder.Name ? page.ReadByNameAsync() : page.ReadByEndAsync());
        return page.Answer();
    }

    public static async Task<IReadOnlyList<LogGroupRow>> ReadGroupsAsync(PostgresSession session, Scope scope, string from, int limit) => LogPage.Groups(
        await session.ListAsync(GroupsFrom, ReadGroup, new ScopedName(scope, from).Key, scope.Key + "0", limit),
        await ReadLiveAsync(session, scope),
        from,
        limit);

    public static async Task<LogGroupRow?> ReadGroupAsync(PostgresSession session, ScopedName group) =>
        await session.FirstAsync(OneGroup, ReadGroup, group.Key)
        ?? (await ReadLiveAsync(session, group.Scope)).Where(live => live.Group == group).Select(LogPage.Group).FirstOrDefault();

    /// <summary>The streams of attempts that run now, in all groups of a scope.</summary>
    private static async Task<List<LogStreamRow>> ReadLiveAsync(PostgresSession session, Scope scope)
    {
        List<LogStreamRow> live = [];
        foreach (var text in new[] { Live, LiveChildren })
        {
            // A slash ends the region, and a zero is what follows a slash.
            live.AddRange((await session.ListAsync(
                text,
                reader => LogPage.Live(scope, JobReads.State(reader, 0), () => StoreJson.ReadSpec(reader.GetFieldValue<byte[]>(1))).ToArray(),
                scope.Key + "/",
                scope.Key + "0")).SelectMany(streams => streams));
        }

        return live;
    }

    private static LogGroupRow ReadGroup(NpgsqlDataReader reader) => new(ScopedName.Parse(reader.GetString(0)).Name, JobReads.Time(reader.GetInt64(1)));

    private sealed class Page(PostgresSession session, LogStreamListing listing, long group)
    {
        private readonly LogPage _page = new(listing);

        public async Task ReadByNameAsync()
        {
            var high = NamePrefix.UpperBound(listing.Prefix) ?? NamePrefix.Top;
            await ((_page.After, listing.IsDescending) switch
            {
                (null, false) => AddAsync(ByName, listing.Prefix, high, _page.Missing),
                (null, true) => AddAsync(ByNameDescending, listing.Prefix, high, _page.Missing),
                ({ Name: var after }, false) => AddAsync(ByNameAfter, after, high, _page.Missing),
                ({ Name: var after }, true) => AddAsync(ByNameDescending, listing.Prefix, after, _page.Missing),
            });
            await AddLiveAsync();
        }

        public async Task ReadByEndAsync()
        {
            var isInRecent = _page.After is { EndedAt: LogStreamKey.NotEnded };
            var ended = isInRecent ? null : _page.After;
            if (listing.IsDescending)
            {
                if (ended is null)
                {
                    await AddRecentAsync();
                }

                if (_page.Missing > 0)
                {
                    await AddEndedAsync(ByEndDescending, ended ?? new(listing.Boundary.ToUnixTimeMilliseconds(), ""), listing.EndedFrom);
                }

                return;
            }

            if (!isInRecent)
            {
                await AddEndedAsync(ByEnd, ended ?? new(listing.EndedFrom.ToUnixTimeMilliseconds(), ""), listing.Boundary);
            }

            if (_page.Missing > 0)
            {
                await AddRecentAsync();
            }
        }

        public LogStreamPage Answer() => _page.Answer();

        private Task AddEndedAsync(string text, LogStreamKey after, DateTimeOffset bound) =>
            AddAsync(text, after.EndedAt, after.Name, _page.Missing, bound.ToUnixTimeMilliseconds());

        private async Task AddRecentAsync()
        {
            await AddAsync(Recent, listing.Boundary.ToUnixTimeMilliseconds());
            await AddLiveAsync();
        }

        private async Task AddLiveAsync() => _page.AddLive(await ReadLiveAsync(session, listing.Group.Scope));

        private async Task AddAsync(string text, params object[] parameters)
        {
            var streams = await session.ListAsync(
                text,
                reader => new LogStreamRow(listing.Group, reader.GetString(0), JobReads.Time(reader.GetInt64(1)), JobReads.Time(reader.GetInt64(2))),
                [(int)group, .. parameters]);
            streams.ForEach(_page.Add);
        }
    }
}
