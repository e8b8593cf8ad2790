using System.Collections.Concurrent;
using Npgsql;
using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Storage.Tests.PostgreSql;
using OrleansBatch.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace OrleansBatch.Storage.Tests.PostgreSql;

/// <summary>One server for all tests, started by the first that wants it; each has a database to itself.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private static readonly SemaphoreSlim One = new(1);
    private static readonly ConcurrentBag<string> Free = [];
    private static PostgresServer? _server;
    private static string? _template;

    /// <summary>The server.</summary>
    public static async Task<PostgresServer> ServerAsync()
    {
        Assert.SkipWhen(PostgresServer.WhyMissing is not null, PostgresServer.WhyMissing ?? "");
        await One.WaitAsync();
        try
        {
            return _server ??= await PostgresServer.StartAsync();
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>How to reach a database with our tables, and nothing in them: one that a test has given back, or a copy of one that was made once.</summary>
    public static async Task<string> DatabaseAsync()
    {
        var server = await ServerAsync();
        if (Free.TryTake(out var free))
        {
            return free;
        }

        await One.WaitAsync();
        try
        {
            if (_template is null)
            {
                var made = await server.CreateDatabaseAsync();
                await using (var source = PostgresConnections.Pool(made))
                {
                    await PostgresMigrator.MigrateAsync(source, PostgresSchema.Migrations, CancellationToken.None);
                }

                _template = new NpgsqlConnectionStringBuilder(made).Database!;
            }

            // One at a time: nobody else may be connected to what is copied.
            return await server.CreateDatabaseAsync(_template);
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>Empties a database that nobody uses any more, for the next test: far cheaper than a new one.</summary>
    public static async Task GiveBackAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            DO $$
            DECLARE name text;
            BEGIN
                FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('counters', 'orleansbatch_schema', 'orleansquery')
                LOOP
                    EXECUTE format('DELETE FROM %I', name);
                END LOOP;
                UPDATE counters SET last_sequence = 0, last_event = 0;
            END
            $$
            """,
            connection);
        await command.ExecuteNonQueryAsync();
        // Without what the test may have added to it.
        Free.Add(_server!.ConnectionStringOf(connection.Database));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }
    }
}
