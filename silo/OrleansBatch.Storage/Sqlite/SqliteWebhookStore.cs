using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>How far webhooks have come, in a SQLite file.</summary>
public sealed class SqliteWebhookStore(SqliteDatabase database) : IWebhookStore
{
    /// <inheritdoc/>
    public Task AddAsync(ScopedName webhook, CancellationToken cancellationToken) => WriteAsync(
        tables => tables.Session.Prepare("INSERT OR IGNORE INTO webhooks (key) VALUES (?1)").Bind(1, webhook.Key).Run(), cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(ScopedName webhook, string? id, CancellationToken cancellationToken) => WriteAsync(
        tables =>
        {
            tables.Session.Prepare("DELETE FROM webhooks WHERE key = ?1").Bind(1, webhook.Key).Run();
            tables.Session.Prepare("DELETE FROM webhook_cursors WHERE id = ?1").Bind(1, id).Run();
            tables.Session.Prepare("DELETE FROM webhook_dead_letters WHERE id = ?1").Bind(1, id).Run();
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScopedName>> ListAsync(CancellationToken cancellationToken) => await database.Readers.ReadAsync(
        session =>
        {
            List<ScopedName> names = [];
            var select = session.Prepare("SELECT key FROM webhooks WHERE key > '' ORDER BY key");
            while (select.Step())
            {
                names.Add(ScopedName.Parse(select.Text(0)));
            }

            select.Reset();
            return names;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<EventPosition?> ReadCursorAsync(string id, CancellationToken cancellationToken) => await database.Readers.ReadAsync<EventPosition?>(
        session =>
        {
            var select = session.Prepare("SELECT event, child FROM webhook_cursors WHERE id = ?1").Bind(1, id);
            var cursor = select.Step() ? new EventPosition(select.Int64(0), select.Int32(1)) : (EventPosition?)null;
            select.Reset();
            return cursor;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> AdvanceAsync(
        string id, EpochGuard epoch, EventPosition cursor, IReadOnlyList<DeadLetterRow> letters, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<bool>(tables => Advance(tables, id, epoch, cursor, letters), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeadLetterRow>> ListDeadLettersAsync(string id, EventPosition after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session =>
            {
                List<DeadLetterRow> letters = [];
                var select = session
                    .Prepare(
                        """
                        SELECT event, child, at, attempts, reason FROM webhook_dead_letters
                        WHERE id = ?1 AND (event, child) > (?2, ?3) ORDER BY event, child LIMIT ?4
                        """)
                    .Bind(1, id)
                    .Bind(2, after.Id)
                    .Bind(3, after.Child)
                    .Bind(4, limit);
                while (select.Step())
                {
                    letters.Add(new(
                        new(select.Int64(0), select.Int32(1)),
                        DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(2)),
                        select.Int32(3),
                        select.Text(4)));
                }

                select.Reset();
                return letters;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task RemoveDeadLetterAsync(string id, EventPosition position, CancellationToken cancellationToken) => WriteAsync(
        tables => tables.Session.Prepare("DELETE FROM webhook_dead_letters WHERE id = ?1 AND event = ?2 AND child = ?3")
            .Bind(1, id)
            .Bind(2, position.Id)
            .Bind(3, position.Child)
            .Run(),
        cancellationToken);

    private static bool Advance(WriteTables tables, string id, EpochGuard epoch, EventPosition cursor, IReadOnlyList<DeadLetterRow> letters)
    {
        if (tables.Epochs.Newest(epoch.Key) != epoch.Epoch)
        {
            return false;
        }

        tables.IsChanged = true;
        tables.Session
            .Prepare("INSERT INTO webhook_cursors (id, event, child) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET event = ?2, child = ?3")
            .Bind(1, id)
            .Bind(2, cursor.Id)
            .Bind(3, cursor.Child)
            .Run();
        foreach (var letter in letters)
        {
            tables.Session
                .Prepare("INSERT OR REPLACE INTO webhook_dead_letters (id, event, child, at, attempts, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
                .Bind(1, id)
                .Bind(2, letter.Position.Id)
                .Bind(3, letter.Position.Child)
                .Bind(4, letter.At.ToUnixTimeMilliseconds())
                .Bind(5, letter.Attempts)
                .Bind(6, letter.Reason)
                .Run();
        }

        return true;
    }

    private async Task WriteAsync(Action<WriteTables> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await database.Writer.WriteAsync(new TableWrite<bool>(
            tables =>
            {
                tables.IsChanged = true;
                write(tables);
                return true;
            },
            cancellationToken));
    }
}
