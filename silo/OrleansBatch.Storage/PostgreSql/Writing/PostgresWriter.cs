using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Writes the steps of this silo's jobs: those that have come together in one transaction.</summary>
/// <remarks>
/// The transactions of all silos follow each other, by the lock of one row, so nothing that one has read is changed before it has written. A silo
/// that is stopped while it holds the lock loses it: the server ends a transaction whose client is silent.
/// </remarks>
internal sealed partial class PostgresWriter : IAsyncDisposable
{
    /// <summary>The server ended a transaction because its client said nothing.</summary>
    private const string SilentInTransaction = "25P03";

    /// <summary>How long writes wait for a database that is away before their callers are told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Answers to calls are kept for at least this long.</summary>
    private static readonly TimeSpan InvocationsKept = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan PruningPeriod = TimeSpan.FromSeconds(1);

    /// <summary>A writer has one transaction at a time: its newest mark is that of its last that was committed.</summary>
    private const string Mark = "INSERT INTO commit_marks (writer, mark) VALUES ($1, $2) ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark";

    private const string Prune = "DELETE FROM invocations WHERE key = ANY (ARRAY(SELECT key FROM invocations WHERE at < $1 ORDER BY at LIMIT 2000))";

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly WriteQueue<IPostgresWrite> _queue = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly WriterConnection _connection;
    private readonly KnownNames _names = new();
    private readonly RecentInserts _recent;
    private readonly EventSignal _events;
    private readonly TimeProvider _time;
    private readonly Action<CommitPoint>? _fault;
    private readonly ILogger _logger;
    private readonly Guid _id = Guid.CreateVersion7();
    private readonly Task _running;
    private DateTimeOffset _pruned;

    public PostgresWriter(NpgsqlDataSource source, RecentInserts recent, EventSignal events, TimeProvider time, Action<CommitPoint>? fault, ILogger logger)
    {
        (_connection, _recent, _events, _time, _fault, _logger) = (new(source), recent, events, time, fault, logger);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Queues a write; its answer comes when it is durable or refused.</summary>
    public async Task<TAnswer> WriteAsync<TAnswer>(IPostgresWrite<TAnswer> write)
    {
        await _queue.AddAsync(write);
        return await write.Answer;
    }

    /// <summary>Takes no more and finishes what is queued.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _closing.CancelAsync();
        await _running;
        await _connection.DisposeAsync();
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        List<IPostgresWrite> batch = [];
        while (await _queue.WaitAsync())
        {
            _queue.Gather(batch);
            try
            {
                await CommitAsync(batch);
            }
            catch (Exception e)
            {
                // What failed is something beside the database, such as a log: nobody may wait for ever, and the next batch must be served.
                batch.ForEach(write => write.Fail(new($"The store failed; the outcome is unknown. {e.Message}", e)));
            }

            batch.Clear();
        }
    }

    private async Task CommitAsync(List<IPostgresWrite> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var failure = await CommitPatientlyAsync(batch);
        if (failure is null)
        {
            return;
        }

        LogBatchFailed(batch.Count, failure.Exception);
        foreach (var write in batch)
        {
            // Nothing of the batch was done, so each may have its own transaction, and only the bad one fails.
            failure = failure is { IsOutcomeUnknown: true } or { IsAway: true } ? failure : await CommitTogetherAsync([write]);
            if (failure is not null)
            {
                write.Fail(failure.ToException());
            }
        }
    }

    /// <summary>A database that is away for a moment, as when it is started anew, is waited for: nothing was done.</summary>
    private async Task<CommitFailure?> CommitPatientlyAsync(List<IPostgresWrite> batch)
    {
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            var failure = await CommitTogetherAsync(batch);
            if (failure is not { IsAway: true, IsOutcomeUnknown: false } || System.Diagnostics.Stopwatch.GetElapsedTime(begun) > Patience || _closing.IsCancellationRequested)
            {
                return failure;
            }

            LogAway(failure.Exception.Message, pause);
            await Task.Delay(pause, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    /// <summary>One transaction. Null when everyone was answered; a failure when nobody was.</summary>
    private async Task<CommitFailure?> CommitTogetherAsync(List<IPostgresWrite> batch)
    {
        var (isCommitting, mark) = (false, Random.Shared.NextInt64());
        RowLoader? loader = null;
        PostgresTables? tables = null;
        try
        {
            var connection = await _connection.OpenAsync(CancellationToken.None);
            var keys = new StepKeys();
            batch.ForEach(write => write.AddTo(keys));
            loader = new(connection, _names, keys);
            await loader.LoadAsync(CancellationToken.None);
            tables = new(loader.Rows);
            var (first, isChanged) = (loader.Rows.LastEvent, Apply(tables, batch));
#if PLANTED_BUGS
            if (PlantedBugs.Planted.Is("acknowledge-before-commit"))
            {
                batch.ForEach(write => write.Complete());
                await Task.Delay(100);
            }

#endif
            if (isChanged)
            {
                _fault?.Invoke(CommitPoint.BeforeCommit);
                var statements = new StatementBatch();
                tables.Pending.AddTo(statements);
                statements.Add("UPDATE counters SET last_sequence = $1, last_event = $2 WHERE id = 1", loader.Rows.LastSequence, loader.Rows.LastEvent);
                if (loader.Rows.LastEvent > first)
                {
                    statements.Add(EventChannel.Notify, loader.Rows.LastEvent);
                }

                AddPruning(statements);
                statements.Add(Mark, _id, mark);
                statements.Add("COMMIT");
                await using var command = statements.On(connection);
                isCommitting = true;
                _ = await command.ExecuteNonQueryAsync();
                _fault?.Invoke(CommitPoint.AfterCommit);
                _names.Learn(loader.Rows);
            }
            else
            {
                await using var rollback = connection.CreateCommand();
                rollback.CommandText = "ROLLBACK";
                _ = await rollback.ExecuteNonQueryAsync();
            }
        }
        catch (Exception e)
        {
            await _connection.AbandonAsync(IsAway(e));
            var isAnswered = e is PostgresException { Severity: "ERROR" };
            var failure = new CommitFailure(e, IsOutcomeUnknown: false, IsAway(e));
            // An error that the server has told, or one before COMMIT was sent: nothing was done.
            failure = isCommitting && !isAnswered ? await AskAsync(mark, failure) : failure;
            if (failure is not null)
            {
                return failure;
            }

            LogReplyLost(batch.Count, e);
        }

        tables!.Pending.Tell(_recent);
        _events.Raise(loader!.Rows.LastEvent);
        foreach (var write in batch)
        {
            write.Complete();
        }

        return null;
    }

    private bool Apply(PostgresTables tables, List<IPostgresWrite> batch)
    {
        var books = new StepBooks(tables, _time);
        var isChanged = false;
        foreach (var write in batch)
        {
            isChanged |= write.Apply(tables, books);
            _fault?.Invoke(CommitPoint.Written);
        }

        return isChanged;
    }

    /// <summary>Removes old answers in passing, many at once and not in every transaction.</summary>
    private void AddPruning(StatementBatch statements)
    {
        var now = _time.GetUtcNow();
        if (now - _pruned >= PruningPeriod)
        {
            _pruned = now;
            statements.Add(Prune, (now - InvocationsKept).ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Asks the server what became of a transaction whose COMMIT was not answered. Null when it was committed.</summary>
    private async Task<CommitFailure?> AskAsync(long mark, CommitFailure failure)
    {
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                _fault?.Invoke(CommitPoint.BeforeReadBack);
                return await _connection.WasCommittedAsync(_id, mark) ? null : failure;
            }
            catch (NpgsqlException e) when (IsAway(e) && System.Diagnostics.Stopwatch.GetElapsedTime(begun) < Patience * 3)
            {
                await _connection.AbandonAsync(isAway: true);
            }
            catch (Exception e)
            {
                await _connection.AbandonAsync(isAway: true);
                return new(e, IsOutcomeUnknown: true, IsAway: false);
            }

            await Task.Delay(100);
        }
    }

    private static bool IsAway(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal)
            || state is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.DeadlockDetected or SilentInTransaction,
        NpgsqlException => true,
        SocketException or TimeoutException => true,
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A transaction of {Count} writes failed, nothing of it was done: each is tried by itself")]
    private partial void LogBatchFailed(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away, nothing was done: {Reason} The next try comes in {Pause}")]
    private partial void LogAway(string reason, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reply to a commit of {Count} writes was lost; the database says that it was done")]
    private partial void LogReplyLost(int count, Exception exception);

    private sealed record CommitFailure(Exception Exception, bool IsOutcomeUnknown, bool IsAway)
    {
        public JobStoreException ToException() => IsOutcomeUnknown
            ? new($"The database could not say what became of a commit without a reply; the outcome is unknown. {Exception.Message}", Exception)
            : new($"The database could not be written; nothing was done. {Exception.Message}", Exception);
    }
}
