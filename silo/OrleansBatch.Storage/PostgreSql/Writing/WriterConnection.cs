using Npgsql;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>The one connection of a writer: opened when needed, given up with its first error.</summary>
internal sealed class WriterConnection(NpgsqlDataSource source) : IAsyncDisposable
{
    /// <remarks>
    /// Every statement finds its rows by index, however many there are: the planner, which does not know how many keys an array holds, is not asked.
    /// A client that is silent in the middle of a transaction, as a process that was stopped, may not keep the others waiting.
    /// </remarks>
    private const string Settings =
        """
        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off;
        SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '3s'; SET statement_timeout = '30s'
        """;

    private NpgsqlConnection? _connection;

    /// <summary>The connection, open.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            var connection = await source.OpenConnectionAsync(cancellationToken);
            try
            {
                await using var set = connection.CreateCommand();
                set.CommandText = Settings;
                _ = await set.ExecuteNonQueryAsync(cancellationToken);
                _connection = connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        return _connection;
    }

    /// <summary>Gives it up: what it was doing and had not committed is undone.</summary>
    /// <param name="isAway">Whether the server was away: then the other connections to it are of no use, too.</param>
    public async ValueTask AbandonAsync(bool isAway)
    {
        if (_connection is { } connection)
        {
            _connection = null;
            if (isAway)
            {
                NpgsqlConnection.ClearPool(connection);
            }

            await connection.DisposeAsync();
        }
    }

    /// <summary>Whether a transaction of a writer was committed, by the mark that it would have left. One that is still under way is waited for: it has the lock.</summary>
    /// <remarks>The number of a transaction would not do: one that was not durable when the server was killed is given out again.</remarks>
    public async Task<bool> WasCommittedAsync(Guid writer, long mark)
    {
        var connection = await OpenAsync(CancellationToken.None);
        long? newest = null;
        var batch = new ReadBatch();
        batch.Add("BEGIN");
        batch.Add("SELECT id FROM counters WHERE id = 1 FOR UPDATE", _ => { });
        batch.Add("SELECT mark FROM commit_marks WHERE writer = $1", reader => newest = reader.GetInt64(0), writer);
        batch.Add("ROLLBACK");
        await batch.ExecuteAsync(connection, CancellationToken.None);
        return newest == mark;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
