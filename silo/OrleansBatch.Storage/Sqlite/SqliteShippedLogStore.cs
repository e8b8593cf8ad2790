using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Storage.Logs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Shipped logs in the file of the jobs: for a single silo that has agents on other machines.</summary>
public sealed class SqliteShippedLogStore(SqliteDatabase database) : IShippedLogStore
{
    private const string State = "SELECT log_end, is_closed FROM shipped_logs WHERE log = ?1";

    private const string IsBegin = "SELECT 1 FROM log_chunks WHERE log = ?1 AND chunk_begin = ?2";

    private const string Chunks = "SELECT chunk_begin, chunk_end, time FROM log_chunks WHERE log = ?1 ORDER BY chunk_begin";

    private const string Data = "SELECT chunk_begin, chunk_end, data FROM log_chunks WHERE log = ?1 AND chunk_begin >= ?2 AND chunk_begin <= ?3 ORDER BY chunk_begin";

    private const string RemoveFrom = "DELETE FROM log_chunks WHERE log = ?1 AND chunk_begin >= ?2";

    private const string RemoveBefore = "DELETE FROM log_chunks WHERE log = ?1 AND chunk_begin < ?2";

    private const string Insert = "INSERT INTO log_chunks (log, chunk_begin, chunk_end, time, data) VALUES (?1, ?2, ?3, ?4, ?5)";

    private const string Upsert =
        """
        INSERT INTO shipped_logs (log, log_end, is_closed, day) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (log) DO UPDATE SET log_end = excluded.log_end, is_closed = excluded.is_closed, day = excluded.day
        """;

    private const string Old = "SELECT log FROM shipped_logs INDEXED BY shipped_logs_by_day WHERE day < ?1 ORDER BY day LIMIT ?2";

    private const string RemoveChunks = "DELETE FROM log_chunks WHERE log = ?1";

    private const string RemoveLog = "DELETE FROM shipped_logs WHERE log = ?1";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogKept>> KeepAsync(IReadOnlyList<LogChunk> chunks, long mostBytes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<IReadOnlyList<LogKept>>(
            tables =>
            {
                var kept = new LogKept[chunks.Count];
                foreach (var log in chunks.Index().GroupBy(chunk => chunk.Item.Log))
                {
                    tables.IsChanged |= Keep(tables.Session, LogKey.Of(log.Key), log, mostBytes, now, kept);
                }

                return kept;
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<ShippedLogHead?> ReadHeadAsync(LogLocation log, CancellationToken cancellationToken)
    {
        var key = LogKey.Of(log);
        return await database.Readers.ReadTogetherAsync(
            session => ReadState(session, key) is { } state
                ? new ShippedLogHead(state, Read(session.Prepare(Chunks).BindBlob(1, key), row => new ShippedChunk(row.Int64(0), row.Int64(1), row.Int64(2))))
                : null,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogPiece>> ReadAsync(LogLocation log, long first, long last, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => Read(
                session.Prepare(Data).BindBlob(1, LogKey.Of(log)).Bind(2, first).Bind(3, last), row => LogPiece.Read(row.Int64(0), row.Int64(1), row.Bytes(2))),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<int> RemoveAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<int>(
            tables =>
            {
                var old = Read(tables.Session.Prepare(Old).Bind(1, LogKey.DayOf(before)).Bind(2, most), row => row.Bytes(0).ToArray());
                foreach (var log in old)
                {
                    _ = tables.Session.Prepare(RemoveChunks).BindBlob(1, log).Run();
                    _ = tables.Session.Prepare(RemoveLog).BindBlob(1, log).Run();
                }

                tables.IsChanged |= old.Count > 0;
                return old.Count;
            },
            cancellationToken));
    }

    private static bool Keep(
        SqliteSession session, byte[] log, IEnumerable<(int Index, LogChunk Chunk)> chunks, long mostBytes, DateTimeOffset now, LogKept[] kept)
    {
        var all = chunks.ToList();
        var begins = all.Select(one => one.Chunk.Begin).Where(begin => session.Prepare(IsBegin).BindBlob(1, log).Bind(2, begin).Number() is not null).ToList();
        var book = new ShippedLogBook(ReadState(session, log), begins, mostBytes);
        foreach (var (index, chunk) in all)
        {
            kept[index] = book.Take(chunk);
        }

        if (!book.IsChanged)
        {
            return false;
        }

        if (book.RemovedFrom is { } from)
        {
            _ = session.Prepare(RemoveFrom).BindBlob(1, log).Bind(2, from).Run();
        }

        foreach (var chunk in book.Written)
        {
            _ = session.Prepare(Insert).BindBlob(1, log).Bind(2, chunk.Begin).Bind(3, chunk.End).Bind(4, chunk.Time).BindBlob(5, chunk.Data.Span).Run();
        }

        if (book.RemovedBefore is { } before)
        {
            _ = session.Prepare(RemoveBefore).BindBlob(1, log).Bind(2, before).Run();
        }

        var state = book.State!.Value;
        _ = session.Prepare(Upsert).BindBlob(1, log).Bind(2, state.End).Bind(3, state.IsClosed ? 1 : 0).Bind(4, LogKey.DayOf(now)).Run();
        return true;
    }

    private static ShippedLogState? ReadState(SqliteSession session, byte[] log) =>
        Read(session.Prepare(State).BindBlob(1, log), row => (ShippedLogState?)new ShippedLogState(row.Int64(0), row.Int64(1) != 0)).FirstOrDefault();

    private static List<TRow> Read<TRow>(Statement select, Func<Statement, TRow> read)
    {
        List<TRow> rows = [];
        while (select.Step())
        {
            rows.Add(read(select));
        }

        select.Reset();
        return rows;
    }
}
