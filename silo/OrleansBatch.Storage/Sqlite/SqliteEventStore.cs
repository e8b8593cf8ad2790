using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The events of all jobs in a SQLite file. The writer of jobs writes them, with the rows that they tell of.</summary>
public sealed class SqliteEventStore(SqliteDatabase database) : IEventStore
{
    private const string Newest = "SELECT last_event FROM commit_mark WHERE id = 1";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RecordedEvent>?> ReadOfJobAsync(Scope scope, string jobId, int after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => EventReads.ReadOfJob(session, scope, jobId, after, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<EventPage> ReadAsync(EventFilter filter, EventPosition after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => EventReads.Read(session, filter, after, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => EventReads.Find(session, position), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<EventPosition> NewestAsync(CancellationToken cancellationToken) =>
        new(database.Events.Newest ?? await ReadNewestAsync(cancellationToken), EventPosition.Whole);

    /// <inheritdoc/>
    public async Task WaitAsync(EventPosition after, CancellationToken cancellationToken)
    {
        if (after.Child != EventPosition.Whole || await ReadNewestAsync(cancellationToken) > after.Id)
        {
            return;
        }

        await database.Events.WaitAsync(after.Id, cancellationToken);
    }

    private async ValueTask<long> ReadNewestAsync(CancellationToken cancellationToken) => database.Events.Newest
        ?? await database.Readers.ReadAsync(session => session.Prepare(Newest).Number() ?? 0, cancellationToken);
}
