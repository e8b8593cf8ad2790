using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>One SQLite file in WAL mode: jobs, definitions, epochs and configuration. One program at a time.</summary>
public sealed class SqliteDatabase : IAsyncDisposable, IDisposable
{
    private SqliteDatabase(string path, TimeProvider time, Action<CommitPoint>? fault, ILogger logger)
    {
        Recent = new(capacity: 8_192);
        Readers = new(path);
        Writer = new(path, Recent, Events, time, fault, logger);
    }

    internal RecentJobs Recent { get; }

    internal EventSignal Events { get; } = new();

    internal SqliteReaders Readers { get; }

    internal SqliteWriter Writer { get; }

    /// <summary>Opens the file, creates it when there is none, and brings an older one to the newest schema.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="time">Says how old recorded invocations are.</param>
    /// <param name="logger">For what goes wrong and is put right.</param>
    /// <exception cref="JobStoreException">The file cannot be opened or written, is no SQLite database, or belongs to another or a newer program; the message says which.</exception>
    public static SqliteDatabase Open(string path, TimeProvider time, ILogger<SqliteDatabase> logger) => Open(path, time, logger, fault: null);

    /// <summary>Opens the file with a way to fail at a named point.</summary>
    internal static SqliteDatabase Open(string path, TimeProvider time, ILogger logger, Action<CommitPoint>? fault)
    {
        try
        {
            using var session = SqliteSession.OpenToWrite(path);
            SqliteSchema.Migrate(session, path);
        }
        catch (SqliteException e)
        {
            throw new JobStoreException(WhyNotOpened(path, e), e);
        }

        return new(path, time, fault, logger);
    }

    /// <summary>Takes no more writes, finishes those that are queued, folds the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        // Readers first: the log can be folded in whole only when nobody reads it.
        Readers.Dispose();
        await Writer.DisposeAsync();
    }

    /// <summary>The same for a container that is disposed of synchronously: it waits for the writer.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string WhyNotOpened(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_NOTADB => $"The file '{path}' is not a SQLite database. Move it away, or choose another folder.",
        SQLitePCL.raw.SQLITE_CANTOPEN => $"The database '{path}' cannot be opened: its folder does not exist or may not be written.",
        SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_PERM => $"The database '{path}' may not be written.",
        SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => $"The database '{path}' is in use by another program.",
        _ => $"The database '{path}' cannot be opened. {e.Message}",
    };
}
