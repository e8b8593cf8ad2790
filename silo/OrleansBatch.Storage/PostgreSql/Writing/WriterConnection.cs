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

    /// <summary>What became of a transaction: <c>committed</c>, <c>aborted</c>, <c>in progress</c>, then its process is told to end; null: it is forgotten.</summary>
    public async Task<string?> StatusOfAsync(string transaction, int backend)
    {
        var connection = await OpenAsync(CancellationToken.None);
        await using var ask = connection.CreateCommand();
        ask.CommandText = "SELECT pg_xact_status($1::xid8), CASE WHEN pg_xact_status($1::xid8) = 'in progress' THEN pg_terminate_backend($2) END";
        ask.Parameters.Add(new() { Value = transaction });
        ask.Parameters.Add(new() { Value = backend });
        await using var reader = await ask.ExecuteReaderAsync();
        _ = await reader.ReadAsync();
        return reader.IsDBNull(0) ? null : reader.GetString(0);
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
