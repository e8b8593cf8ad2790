using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.PostgreSql.Reading;
using OrleansBatch.Storage.PostgreSql.Writing;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>How far webhooks have come, in a PostgreSQL database.</summary>
public sealed class PostgresWebhookStore(PostgresDatabase database) : IWebhookStore
{
    private const string Names = "SELECT key FROM webhooks WHERE key > '' ORDER BY key";

    private const string Cursor = "SELECT event, child FROM webhook_cursors WHERE id = $1";

    private const string DeadLetters =
        "SELECT event, child, at, attempts, reason FROM webhook_dead_letters WHERE id = $1 AND (event, child) > ($2, $3) ORDER BY event, child LIMIT $4";

    private const string Advance =
        "INSERT INTO webhook_cursors (id, event, child) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET event = excluded.event, child = excluded.child";

    private const string GiveUp =
        """
        INSERT INTO webhook_dead_letters (id, event, child, at, attempts, reason) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id, event, child) DO UPDATE SET at = excluded.at, attempts = excluded.attempts, reason = excluded.reason
        """;

    /// <inheritdoc/>
    public Task AddAsync(ScopedName webhook, CancellationToken cancellationToken) =>
        WriteAsync(guard: null, [new("INSERT INTO webhooks (key) VALUES ($1) ON CONFLICT DO NOTHING", webhook.Key)], cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(ScopedName webhook, string? id, CancellationToken cancellationToken)
    {
        List<PlainStatement> statements = [new("DELETE FROM webhooks WHERE key = $1", webhook.Key)];
        if (id is not null)
        {
            statements.Add(new("DELETE FROM webhook_cursors WHERE id = $1", id));
            statements.Add(new("DELETE FROM webhook_dead_letters WHERE id = $1", id));
        }

        return WriteAsync(guard: null, statements, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScopedName>> ListAsync(CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.ListAsync(Names, reader => ScopedName.Parse(reader.GetString(0))), cancellationToken);

    /// <inheritdoc/>
    public Task<EventPosition?> ReadCursorAsync(string id, CancellationToken cancellationToken) => database.Readers.ReadAsync(
        session => session.FirstAsync<EventPosition?>(Cursor, reader => new(reader.GetInt64(0), reader.GetInt32(1)), id), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> AdvanceAsync(
        string id, EpochGuard epoch, EventPosition cursor, IReadOnlyList<DeadLetterRow> letters, CancellationToken cancellationToken) => WriteAsync(
        epoch,
        [
            new(Advance, id, cursor.Id, cursor.Child),
            .. letters.Select(letter => new PlainStatement(
                GiveUp, id, letter.Position.Id, letter.Position.Child, letter.At.ToUnixTimeMilliseconds(), letter.Attempts, PostgresText.ToFind(letter.Reason))),
        ],
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeadLetterRow>> ListDeadLettersAsync(string id, EventPosition after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => session.ListAsync(
                DeadLetters,
                reader => new DeadLetterRow(
                    new(reader.GetInt64(0), reader.GetInt32(1)), JobReads.Time(reader.GetInt64(2)), reader.GetInt32(3), reader.GetString(4)),
                id,
                after.Id,
                after.Child,
                limit),
            cancellationToken);

    /// <inheritdoc/>
    public Task RemoveDeadLetterAsync(string id, EventPosition position, CancellationToken cancellationToken) => WriteAsync(
        guard: null,
        [new("DELETE FROM webhook_dead_letters WHERE id = $1 AND event = $2 AND child = $3", id, position.Id, position.Child)],
        cancellationToken);

    private async Task<bool> WriteAsync(EpochGuard? guard, IReadOnlyList<PlainStatement> statements, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new StatementsWrite(statements, guard, cancellationToken));
    }
}
