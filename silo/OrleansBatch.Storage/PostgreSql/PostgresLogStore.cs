using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.PostgreSql.Reading;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Which log streams there are, in a PostgreSQL database. The writers of jobs write them, with the ends of attempts.</summary>
public sealed class PostgresLogStore(PostgresDatabase database) : ILogStore
{
    /// <inheritdoc/>
    public Task<LogStreamPage> ListStreamsAsync(LogStreamListing listing, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => LogReads.ReadAsync(session, listing), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LogGroupRow>> ListGroupsAsync(Scope scope, string from, int limit, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => LogReads.ReadGroupsAsync(session, scope, from, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<LogGroupRow?> ReadGroupAsync(ScopedName group, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => LogReads.ReadGroupAsync(session, group), cancellationToken);
}
