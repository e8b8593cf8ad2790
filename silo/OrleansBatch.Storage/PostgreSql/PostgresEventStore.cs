using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.PostgreSql.Reading;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>The events of all jobs in a PostgreSQL database. The writers of jobs write them, with the rows that they tell of, and tell the other silos.</summary>
public sealed class PostgresEventStore(PostgresDatabase database) : IEventStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<RecordedEvent>?> ReadOfJobAsync(Scope scope, string jobId, int after, int limit, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => EventReads.ReadOfJobAsync(session, scope, jobId, after, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<EventPage> ReadAsync(EventFilter filter, EventPosition after, int limit, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => EventReads.ReadAsync(session, filter, after, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => EventReads.FindAsync(session, position), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<EventPosition> NewestAsync(CancellationToken cancellationToken) =>
        new(await database.Readers.ReadAsync(session => session.NumberAsync(EventListener.Newest), cancellationToken) ?? 0, EventPosition.Whole);

    /// <inheritdoc/>
    public async Task WaitAsync(EventPosition after, CancellationToken cancellationToken)
    {
        if (after.Child != EventPosition.Whole)
        {
            return;
        }

        // It tells of the newest event itself, as soon as it hears of all that come later.
        database.Listener.Start();
        await database.Events.WaitAsync(after.Id, cancellationToken);
    }
}
