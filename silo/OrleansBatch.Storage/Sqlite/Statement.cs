using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>One prepared statement, used again and again by one thread at a time.</summary>
/// <remarks>
/// Straight on the native interface: a job's life is some forty statements, and commands with named parameters cost more than
/// SQLite itself. Parameters are counted from 1, columns from 0, as SQLite does.
/// </remarks>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public Statement Bind(int index, long? value) => value is { } known ? Bind(index, known) : BindNull(index);

    /// <summary>Binds text that is UTF-8 already.</summary>
    public Statement BindUtf8(int index, ReadOnlySpan<byte> text)
    {
        Check(raw.sqlite3_bind_text(_statement, index, text));
        return this;
    }

    public Statement BindBlob(int index, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, index, value));
        return this;
    }

    public Statement Bind(int index, string? text)
    {
        if (text is null)
        {
            return BindNull(index);
        }

        const int OnStack = 512;
        if (text.Length * 3 > OnStack)
        {
            return BindUtf8(index, Encoding.UTF8.GetBytes(text));
        }

        Span<byte> utf8 = stackalloc byte[OnStack];
        return BindUtf8(index, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>Runs to the next row; false when there is none.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            // The exception is made before the reset, which would clear the connection's message.
            try
            {
                SqliteException.ThrowExceptionForRC(code, _database);
            }
            finally
            {
                Reset();
            }
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement that gives no rows, and makes it ready for its next use.</summary>
    /// <returns>The rows it changed.</returns>
    public int Run()
    {
        Step();
        var changed = raw.sqlite3_changes(_database);
        Reset();
        return changed;
    }

    /// <summary>Runs a statement of at most one row and one number, and makes it ready for its next use.</summary>
    public long? Number()
    {
        var number = Step() && !IsNull(0) ? Int64(0) : (long?)null;
        Reset();
        return number;
    }

    /// <summary>Ends the reading: an open statement would keep its snapshot alive.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public int Int32(int column) => raw.sqlite3_column_int(_statement, column);

    /// <summary>The bytes of text or a blob, good until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => _statement.Dispose();

    private Statement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}
