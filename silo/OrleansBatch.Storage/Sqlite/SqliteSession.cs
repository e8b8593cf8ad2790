using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>One connection with its prepared statements. One thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    /// <summary>Whether a transaction is open.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle!) == 0;

    /// <summary>The key of the row inserted last.</summary>
    public long LastInsertedKey => raw.sqlite3_last_insert_rowid(_connection.Handle!);

    /// <summary>The texts of all statements used so far.</summary>
    public IReadOnlyCollection<string> PreparedTexts => _statements.Keys;

    /// <summary>Opens the connection that writes; it creates the file when there is none.</summary>
    /// <remarks>
    /// Memory mapping stays off: an I/O error under a map is a signal that ends the program, not an error of one call.
    /// The cache is small: SQLite looks through all of it after each commit that split a page, and the system keeps the file in
    /// memory anyway.
    /// </remarks>
    public static SqliteSession OpenToWrite(string path) => Open(
        path,
        SqliteOpenMode.ReadWriteCreate,
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 2000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -8192;
        PRAGMA temp_store = MEMORY;
        """);

    /// <summary>Opens a connection that only reads.</summary>
    public static SqliteSession OpenToRead(string path) => Open(
        path,
        SqliteOpenMode.ReadWrite,
        """
        PRAGMA query_only = ON;
        PRAGMA cache_size = -16384;
        PRAGMA temp_store = MEMORY;
        """);

    /// <summary>The statement of this text, prepared at its first use.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new(_connection.Handle!, sql));
        }

        return statement;
    }

    /// <summary>Runs text that is needed once.</summary>
    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs text that is needed once and gives a number.</summary>
    public long ExecuteNumber(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _connection.Dispose();
    }

    private static SqliteSession Open(string path, SqliteOpenMode mode, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 10,
        }.ConnectionString);
        try
        {
            connection.Open();
            // Prepared statements do not go through the connection's own retries: SQLite waits itself.
            _ = raw.sqlite3_busy_timeout(connection.Handle!, 10_000);
            var session = new SqliteSession(connection);
            session.Execute(pragmas);
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
