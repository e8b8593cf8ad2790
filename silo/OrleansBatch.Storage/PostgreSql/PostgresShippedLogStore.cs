using Npgsql;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Storage.Logs;
using OrleansBatch.Storage.PostgreSql.Reading;
using OrleansBatch.Storage.PostgreSql.Writing;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Shipped logs in the database of the jobs, beside their transactions: neither waits for the other.</summary>
/// <remarks>
/// A message of a node, whatever it brings, is two round trips. Its logs are the node's alone: nobody else locks them but the same message sent twice, and of two that
/// begin the same log one fails, and is sent again.
/// </remarks>
public sealed class PostgresShippedLogStore(PostgresDatabase database) : IShippedLogStore
{
    private const string States = "SELECT log, log_end, is_closed FROM shipped_logs WHERE log = ANY ($1) ORDER BY log FOR UPDATE";

    private const string Begins =
        "SELECT c.log, c.chunk_begin FROM unnest($1, $2) AS k (log, chunk_begin) JOIN log_chunks c ON c.log = k.log AND c.chunk_begin = k.chunk_begin";

    private const string State = "SELECT log_end, is_closed FROM shipped_logs WHERE log = $1";

    private const string Chunks = "SELECT chunk_begin, chunk_end, time FROM log_chunks WHERE log = $1 ORDER BY chunk_begin";

    private const string Data = "SELECT chunk_begin, chunk_end, data FROM log_chunks WHERE log = $1 AND chunk_begin >= $2 AND chunk_begin <= $3 ORDER BY chunk_begin";

    private const string RemoveFrom = "DELETE FROM log_chunks c USING unnest($1, $2) AS k (log, chunk_begin) WHERE c.log = k.log AND c.chunk_begin >= k.chunk_begin";

    private const string RemoveBefore = "DELETE FROM log_chunks c USING unnest($1, $2) AS k (log, chunk_begin) WHERE c.log = k.log AND c.chunk_begin < k.chunk_begin";

    private const string Insert = "INSERT INTO log_chunks (log, chunk_begin, chunk_end, time, data) SELECT * FROM unnest($1, $2, $3, $4, $5)";

    private const string Upsert =
        """
        INSERT INTO shipped_logs (log, log_end, is_closed, day) SELECT * FROM unnest($1, $2, $3, $4)
        ON CONFLICT (log) DO UPDATE SET log_end = excluded.log_end, is_closed = excluded.is_closed, day = excluded.day
        """;

    private const string Old = "SELECT log FROM shipped_logs WHERE day < $1 ORDER BY day LIMIT $2 FOR UPDATE SKIP LOCKED";

    private const string RemoveChunks = "DELETE FROM log_chunks WHERE log = ANY ($1)";

    private const string RemoveLogs = "DELETE FROM shipped_logs WHERE log = ANY ($1)";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogKept>> KeepAsync(IReadOnlyList<LogChunk> chunks, long mostBytes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = new LogKept[chunks.Count];
        var logs = chunks.Index().GroupBy(chunk => chunk.Item.Log).Select(log => (Key: LogKey.UuidOf(log.Key), Chunks: log.ToList())).ToList();
        await WriteAsync(
            async connection =>
            {
                var books = await ReadBooksAsync(connection, logs, mostBytes, cancellationToken);
                foreach (var (key, all) in logs)
                {
                    all.ForEach(one => kept[one.Index] = books[key].Take(one.Item));
                }

                return Write([.. books.Where(book => book.Value.IsChanged)], now);
            },
            cancellationToken);
        return kept;
    }

    /// <inheritdoc/>
    public Task<ShippedLogHead?> ReadHeadAsync(LogLocation log, CancellationToken cancellationToken) => database.Readers.ReadTogetherAsync(
        async session =>
        {
            var key = LogKey.UuidOf(log);
            return await session.FirstAsync<ShippedLogState?>(State, reader => new(reader.GetInt64(0), reader.GetBoolean(1)), key) is { } state
                ? new ShippedLogHead(state, await session.ListAsync(Chunks, reader => new ShippedChunk(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)), key))
                : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogPiece>> ReadAsync(LogLocation log, long first, long last, CancellationToken cancellationToken) => await database.Readers.ReadAsync(
        session => session.ListAsync(
            Data, reader => LogPiece.Read(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)), LogKey.UuidOf(log), first, last),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<int> RemoveAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        Guid[] old = [];
        await WriteAsync(
            async connection =>
            {
                old = [.. await new PostgresSession(connection, cancellationToken).ListAsync(Old, reader => reader.GetGuid(0), LogKey.DayOf(before), most)];
                var batch = new StatementBatch();
                if (old.Length > 0)
                {
                    batch.Add(RemoveChunks, (object)old);
                    batch.Add(RemoveLogs, (object)old);
                }

                return batch;
            },
            cancellationToken);
        return old.Length;
    }

    private static async Task<Dictionary<Guid, ShippedLogBook>> ReadBooksAsync(
        NpgsqlConnection connection, List<(Guid Key, List<(int Index, LogChunk Item)> Chunks)> logs, long mostBytes, CancellationToken cancellationToken)
    {
        var states = new Dictionary<Guid, ShippedLogState?>();
        var begins = new List<(Guid Log, long Begin)>();
        await new PostgresSession(connection, cancellationToken).ListAsync(
            new SessionQuery(States, reader => states[reader.GetGuid(0)] = new(reader.GetInt64(1), reader.GetBoolean(2)), logs.Select(log => log.Key).Order().ToArray()),
            new SessionQuery(
                Begins,
                reader => begins.Add((reader.GetGuid(0), reader.GetInt64(1))),
                logs.SelectMany(log => log.Chunks.Select(_ => log.Key)).ToArray(),
                logs.SelectMany(log => log.Chunks.Select(one => one.Item.Begin)).ToArray()));
        var byLog = begins.ToLookup(one => one.Log, one => one.Begin);
        return logs.ToDictionary(log => log.Key, log => new ShippedLogBook(states.GetValueOrDefault(log.Key), byLog[log.Key], mostBytes));
    }

    private static StatementBatch Write(List<KeyValuePair<Guid, ShippedLogBook>> books, DateTimeOffset now)
    {
        var batch = new StatementBatch();
        batch.Add(RemoveFrom, books.Where(book => book.Value.RemovedFrom is not null)).Column(book => book.Key).Column(book => book.Value.RemovedFrom!.Value);
        batch.Add(Insert, books.SelectMany(book => book.Value.Written.Select(chunk => (book.Key, Chunk: chunk))))
            .Column(row => row.Key)
            .Column(row => row.Chunk.Begin)
            .Column(row => row.Chunk.End)
            .Column(row => row.Chunk.Time)
            .Column(row => row.Chunk.Data.ToArray());
        batch.Add(RemoveBefore, books.Where(book => book.Value.RemovedBefore is not null)).Column(book => book.Key).Column(book => book.Value.RemovedBefore!.Value);
        batch.Add(Upsert, books)
            .Column(book => book.Key)
            .Column(book => book.Value.State!.Value.End)
            .Column(book => book.Value.State!.Value.IsClosed)
            .Column(_ => LogKey.DayOf(now));
        return batch;
    }

    /// <summary>One transaction: what it reads decides what it writes.</summary>
    private async Task WriteAsync(Func<NpgsqlConnection, Task<StatementBatch>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var batch = await read(connection);
            if (batch.IsEmpty)
            {
                return;
            }

            database.Fault?.Invoke(CommitPoint.BeforeCommit);
            batch.Add("COMMIT");
            await using var command = batch.On(connection);
            _ = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or ObjectDisposedException)
        {
            throw new JobStoreException($"Logs could not be kept, or the answer was lost. {e.Message}", e);
        }
    }
}
