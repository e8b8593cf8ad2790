using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.Listings;

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
        await database.Readers.ReadTogetherAsync(
            session => LogPage.Groups(
                ReadRows(session, new ScopedName(scope, from).Key, scope.Key + "0", limit), LogStreamListings.ReadLive(session, scope), from, limit),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<LogGroupRow?> ReadGroupAsync(ScopedName group, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => ReadRows(session, group.Key, group.Key + "\0", limit: 1).FirstOrDefault()
                ?? LogStreamListings.ReadLive(session, group.Scope).Where(live => live.Group == group).Select(LogPage.Group).FirstOrDefault(),
            cancellationToken);

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
}
