using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.PostgreSql.Reading;
using OrleansBatch.Storage.PostgreSql.Writing;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>One PostgreSQL database for all silos of a cluster: jobs, definitions, epochs, configuration and membership.</summary>
public sealed class PostgresDatabase : IAsyncDisposable, IDisposable
{
    private PostgresDatabase(NpgsqlDataSource source, string connectionString, TimeProvider time, Action<CommitPoint>? fault, ILogger logger)
    {
        (Source, Fault) = (source, fault);
        Readers = new(source, logger);
        Jobs = new(Readers);
        Listener = new(connectionString, Events, logger);
        Writer = new(source, Recent, Events, time, fault, logger);
    }

    /// <summary>The pool of connections that everything shares.</summary>
    public NpgsqlDataSource Source { get; }

    internal Action<CommitPoint>? Fault { get; }

    internal EventSignal Events { get; } = new();

    internal EventListener Listener { get; }

    internal PostgresReaders Readers { get; }

    internal JobGroupReader Jobs { get; }

    internal RecentInserts Recent { get; } = new(capacity: 8_192);

    internal PostgresWriter Writer { get; }

    /// <summary>Connects, and brings an older or empty database to the newest schema; safe when several silos do so at once.</summary>
    /// <param name="connectionString">As Npgsql takes it.</param>
    /// <param name="time">Says how old recorded invocations are.</param>
    /// <param name="logger">For what goes wrong and is put right.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="JobStoreException">The server cannot be reached, is too old, or refuses; the database belongs to another or a newer program. The message says which.</exception>
    public static Task<PostgresDatabase> OpenAsync(string connectionString, TimeProvider time, ILogger<PostgresDatabase> logger, CancellationToken cancellationToken) =>
        OpenAsync(connectionString, time, logger, fault: null, cancellationToken);

    /// <summary>Opens it with a way to fail at a named point.</summary>
    internal static async Task<PostgresDatabase> OpenAsync(
        string connectionString, TimeProvider time, ILogger logger, Action<CommitPoint>? fault, CancellationToken cancellationToken)
    {
        NpgsqlDataSource? source = null;
        try
        {
            source = PostgresConnections.Pool(connectionString);
            await PostgresMigrator.MigrateAsync(source, PostgresSchema.Migrations, cancellationToken);
            return new(source, connectionString, time, fault, logger);
        }
        catch (Exception e)
        {
            if (source is not null)
            {
                await source.DisposeAsync();
            }

            if (e is NpgsqlException or SocketException or TimeoutException or ArgumentException)
            {
                throw new JobStoreException(WhyNotOpened(e), e);
            }

            throw;
        }
    }

    /// <summary>Takes no more writes, finishes those that are queued, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await Writer.DisposeAsync();
        await Source.DisposeAsync();
    }

    /// <summary>The same for a container that is disposed of synchronously: it waits for the writer.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string WhyNotOpened(Exception e) => e switch
    {
        ArgumentException => $"The connection string is not one of PostgreSQL. {e.Message}",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => $"{e.Message}. Create the database first.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"The server does not accept the user or the password. {e.Message}",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => $"The user may not make the tables: it must own the database or the schema. {e.Message}",
        PostgresException => $"The database cannot be opened. {e.Message}",
        _ => $"The PostgreSQL server cannot be reached. {e.Message} {e.InnerException?.Message}",
    };
}
