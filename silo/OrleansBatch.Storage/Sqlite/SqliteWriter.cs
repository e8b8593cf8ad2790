using Microsoft.Extensions.Logging;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The only writer of the file: one thread that commits together what has come together.</summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private readonly WriteQueue<ISqliteWrite> _queue = new();

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _path;
    private readonly RecentJobs _recent;
    private readonly EventSignal _events;
    private readonly TimeProvider _time;
    private readonly Action<CommitPoint>? _fault;
    private readonly ILogger _logger;
    private WriteTables? _tables;

    public SqliteWriter(string path, RecentJobs recent, EventSignal events, TimeProvider time, Action<CommitPoint>? fault, ILogger logger)
    {
        (_path, _recent, _events, _time, _fault, _logger) = (path, recent, events, time, fault, logger);
        // A thread of its own: it waits for the disk, and must be there when the pool is busy.
        new Thread(Run) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    /// <summary>The texts of all statements used so far; to be asked only while nothing is written.</summary>
    public IEnumerable<string> PreparedTexts => _tables?.Session.PreparedTexts ?? [];

    /// <summary>Queues a write; its answer comes when it is durable or refused.</summary>
    public async Task<TAnswer> WriteAsync<TAnswer>(ISqliteWrite<TAnswer> write)
    {
        await _queue.AddAsync(write);
        return await write.Answer;
    }

    /// <summary>Takes no more, finishes what is queued, folds the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _ended.Task;
    }

    private void Run()
    {
        try
        {
            List<ISqliteWrite> batch = [];
            while (_queue.WaitAsync().AsTask().GetAwaiter().GetResult())
            {
                _queue.Gather(batch);
                CommitOrFail(batch);
                batch.Clear();
            }

            Close();
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private void CommitOrFail(List<ISqliteWrite> batch)
    {
        try
        {
            Commit(batch);
        }
        catch (Exception e)
        {
            // What failed is something beside the database, such as a log: nobody may wait for ever, and the next batch must be served.
            batch.ForEach(write => write.Fail(new($"The store failed; the outcome is unknown. {e.Message}", e)));
        }
    }

    private void Commit(List<ISqliteWrite> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var failure = CommitTogether(batch);
        if (failure is null)
        {
            return;
        }

        LogBatchFailed(batch.Count, failure.Exception);
        foreach (var write in batch)
        {
            // Nothing of the batch was done, so each may have its own transaction, and only the bad one fails.
            failure = failure is { IsOutcomeUnknown: true } ? failure : CommitTogether([write]);
            if (failure is not null)
            {
                write.Fail(failure.ToException());
            }
        }
    }

    /// <summary>One transaction. Null when everyone was answered; a failure when nobody was.</summary>
    private CommitFailure? CommitTogether(List<ISqliteWrite> batch)
    {
        var mark = Random.Shared.NextInt64();
        var isCommitting = false;
        try
        {
            var tables = _tables ??= new(SqliteSession.OpenToWrite(_path), _recent, _time);
            Apply(tables, batch);
#if PLANTED_BUGS
            if (PlantedBugs.Planted.Is("acknowledge-before-commit"))
            {
                batch.ForEach(write => write.Complete());
                Thread.Sleep(100);
            }

#endif
            if (tables.IsChanged)
            {
                tables.Session.Prepare("UPDATE commit_mark SET mark = ?1, last_event = ?2 WHERE id = 1").Bind(1, mark).Bind(2, tables.Events.Newest).Run();
                tables.Arrays.Write();
                tables.Jobs.Hide(tables.Books.Jobs.Touched);
                _fault?.Invoke(CommitPoint.BeforeCommit);
                isCommitting = true;
                tables.Session.Prepare("COMMIT").Run();
                _fault?.Invoke(CommitPoint.AfterCommit);
                tables.Jobs.Show(tables.Books.Jobs.Touched);
                tables.Books.Jobs.Forget();
            }
            else
            {
                tables.Session.Prepare("ROLLBACK").Run();
            }
        }
        catch (Exception e)
        {
            Abandon();
            // Before COMMIT nothing can have been done: closing the connection rolled it back.
            var failure = new CommitFailure(e, IsOutcomeUnknown: false);
            failure = isCommitting ? ReadBack(mark, failure) : failure;
            if (failure is not null)
            {
                return failure;
            }

            LogReplyLost(batch.Count, e);
        }

        _events.Raise(_tables!.Events.Newest);

        foreach (var write in batch)
        {
            write.Complete();
        }

        return null;
    }

    private void Apply(WriteTables tables, List<ISqliteWrite> batch)
    {
        tables.IsChanged = false;
        tables.Session.Prepare("BEGIN IMMEDIATE").Run();
        foreach (var write in batch)
        {
            write.Apply(tables);
            _fault?.Invoke(CommitPoint.Written);
        }
    }

    // The connection and all that was remembered go: what the file holds is read anew.
    private void Abandon()
    {
        _recent.Clear();
        try
        {
            _tables?.Dispose();
        }
        catch (Exception e)
        {
            LogCloseFailed(e);
        }

        _tables = null;
    }

    /// <summary>Asks the file whether the transaction with this mark was committed. Null when it was.</summary>
    private CommitFailure? ReadBack(long mark, CommitFailure failure)
    {
        try
        {
            _fault?.Invoke(CommitPoint.BeforeReadBack);
            _tables = new(SqliteSession.OpenToWrite(_path), _recent, _time);
            // Nobody else writes, so the newest mark is this one's, or the one before it.
            return _tables.Session.Prepare("SELECT mark FROM commit_mark WHERE id = 1").Number() == mark ? null : failure;
        }
        catch (Exception e)
        {
            Abandon();
            return new(e, IsOutcomeUnknown: true);
        }
    }

    private void Close()
    {
        try
        {
            using var tables = _tables ?? new(SqliteSession.OpenToWrite(_path), _recent, _time);
            tables.Session.Execute("PRAGMA wal_checkpoint(TRUNCATE);");
        }
        catch (Exception e)
        {
            // All is in the log, and the next start reads it from there.
            LogCloseFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A transaction of {Count} writes failed, nothing of it was done: each is tried by itself")]
    private partial void LogBatchFailed(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reply to a commit of {Count} writes was lost; the file says that it was done")]
    private partial void LogReplyLost(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database could not be closed in order; its next opening recovers it")]
    private partial void LogCloseFailed(Exception exception);

    private sealed record CommitFailure(Exception Exception, bool IsOutcomeUnknown)
    {
        public JobStoreException ToException() => IsOutcomeUnknown
            ? new($"The database could not be read back after a commit without a reply; the outcome is unknown. {Exception.Message}", Exception)
            : new($"The database could not be written; nothing was done. {Exception.Message}", Exception);
    }
}
