using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Storage.Tests.PostgreSql;
using OrleansBatch.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace OrleansBatch.Storage.Tests.PostgreSql;

/// <summary>One server for all tests, started by the first that wants it; each has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private static readonly SemaphoreSlim One = new(1);
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

    /// <summary>How to reach a new database with our tables: a copy of one that was made once.</summary>
    public static async Task<string> DatabaseAsync()
    {
        var server = await ServerAsync();
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

                _template = new Npgsql.NpgsqlConnectionStringBuilder(made).Database!;
            }

            // One at a time: nobody else may be connected to what is copied.
            return await server.CreateDatabaseAsync(_template);
        }
        finally
        {
            One.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }
    }
}
