using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Which log streams there are, in a SQLite file. The writer of jobs writes them, with the ends of attempts.</summary>
public sealed class SqliteLogStore(SqliteDatabase database) : ILogStore
{
    internal const string GroupsFrom = "SELECT key, created_at FROM log_groups WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";

    /// <inheritdoc/>
    public async Task<LogStreamPage> ListStreamsAsync(LogStreamListing listing, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => LogStreamListings.Read(session, listing), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogGroupRow>> ListGroupsAsync(Scope scope, string from, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => ReadGroups(session, scope, from, scope.Key + "0", limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<LogGroupRow?> ReadGroupAsync(ScopedName group, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => ReadRows(session, group.Key, group.Key + "\0", limit: 1).FirstOrDefault()
                ?? ReadLive(session, group.Scope).FirstOrDefault(live => live.Name == group.Name),
            cancellationToken);

    private static List<LogGroupRow> ReadGroups(SqliteSession session, Scope scope, string from, string end, int limit)
    {
        var live = ReadLive(session, scope).Where(group => LogStreamKey.Compare(group.Name, from) >= 0);
        return
        [
            .. ReadRows(session, new ScopedName(scope, from).Key, end, limit).Concat(live)
                .GroupBy(group => group.Name, (_, same) => same.MinBy(group => group.CreatedAt)!)
                .OrderBy(group => group.Name, Comparer<string>.Create(LogStreamKey.Compare))
                .Take(limit),
        ];
    }

    private static List<LogGroupRow> ReadRows(SqliteSession session, string begin, string end, int limit)
    {
        var select = session.Prepare(GroupsFrom).Bind(1, begin).Bind(2, end).Bind(3, limit);
        List<LogGroupRow> groups = [];
        while (select.Step())
        {
            groups.Add(new(ScopedName.Parse(select.Text(0)).Name, DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(1))));
        }

        select.Reset();
        return groups;
    }

    private static IEnumerable<LogGroupRow> ReadLive(SqliteSession session, Scope scope) =>
        LogStreamListings.ReadLive(session, scope).Select(stream => new LogGroupRow(stream.Group.Name, stream.CreatedAt));
}
