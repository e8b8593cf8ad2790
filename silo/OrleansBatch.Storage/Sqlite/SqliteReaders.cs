using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>A few connections that only read. They never wait for the writer, nor it for them.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    /// <summary>More would compete for the same cores: a read takes microseconds.</summary>
    private const int Count = 4;

    private readonly SemaphoreSlim _free = new(Count);
    private readonly ConcurrentBag<SqliteSession> _sessions = [];
    private volatile bool _isDisposed;

    /// <summary>The texts of all statements used so far by connections that are idle.</summary>
    public IEnumerable<string> PreparedTexts => _sessions.SelectMany(session => session.PreparedTexts);

    /// <summary>Reads from one connection; each statement sees all that was answered before.</summary>
    /// <exception cref="JobStoreException">The file could not be read.</exception>
    public async ValueTask<TAnswer> ReadAsync<TAnswer>(Func<SqliteSession, TAnswer> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        SqliteSession? session = null;
        try
        {
            if (_isDisposed)
            {
                throw new JobStoreException("The store is closed.");
            }

            session = _sessions.TryTake(out var idle) ? idle : SqliteSession.OpenToRead(path);
            var answer = read(session);
            Return(session);
            session = null;
            return answer;
        }
        catch (SqliteException e)
        {
            throw new JobStoreException($"The database '{path}' could not be read. {e.Message}", e);
        }
        finally
        {
            // After an error nobody knows what is still open in it.
            session?.Dispose();
            _free.Release();
        }
    }

    /// <summary>The same, with several statements that see one and the same state.</summary>
    public ValueTask<TAnswer> ReadTogetherAsync<TAnswer>(Func<SqliteSession, TAnswer> read, CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            session.Prepare("BEGIN").Run();
            var answer = read(session);
            session.Prepare("COMMIT").Run();
            return answer;
        },
        cancellationToken);

    public void Dispose()
    {
        _isDisposed = true;
        while (_sessions.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private void Return(SqliteSession session)
    {
        _sessions.Add(session);
        // Closed in between: whoever comes last clears up.
        if (_isDisposed)
        {
            Dispose();
        }
    }
}
