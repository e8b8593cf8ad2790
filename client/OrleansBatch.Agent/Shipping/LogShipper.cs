using Microsoft.Extensions.Logging;
using OrleansBatch.Agent.Logs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Shipping;

/// <summary>Ships the logs of this machine's attempts to the store, for when the machine is gone: what is new every two seconds, of many attempts in one message, one message at a time.</summary>
/// <remarks>Nothing waits for it. A message that is not answered is sent again; what the answer says of each log is where that goes on.</remarks>
internal sealed partial class LogShipper(
    ILeasedSession session,
    AgentOptions options,
    LogFiles files,
    ShippingJournal journal,
    Func<AttemptId, bool> isOpen,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Bytes of logs in one message, about: a renewal of the lease never waits long behind it.</summary>
    private const int BytesPerMessage = 512 * 1024;

    /// <summary>Chunks in one message, about.</summary>
    private const int ChunksPerMessage = 500;

    /// <summary>What a chunk costs besides its bytes, for the rate.</summary>
    private const int BytesPerChunk = 512;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<Attempt> _added = [];
    private readonly Queue<Attempt> _attempts = [];
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource> _flushing = [];
    private TaskCompletionSource? _flushed;
    private bool _isIdle;
    private long _mostBytes = 16 * 1024 * 1024;

    /// <summary>Notes that these are about to be launched. When it returns, no restart forgets them.</summary>
    public void Add(IReadOnlyCollection<LaunchOrder> orders)
    {
        Add(journal.Add(orders.Select(order => KeyValuePair.Create(order.Attempt, LogsOf(order)))), isNew: true);
    }

    /// <summary>Ships what there is by now.</summary>
    /// <returns>Completes when all of it is kept.</returns>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            _flushed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = _wake.TrySetResult();
            return _flushed.Task;
        }
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Add(journal.Found, isNew: false);
        var retry = FirstRetry;
        while (true)
        {
            await WaitAsync(retry, cancellationToken);
            try
            {
                if (session.KeepsLogs)
                {
                    await ShipAllAsync(cancellationToken);
                    _flushing.ForEach(flushed => flushed.TrySetResult());
                    _flushing.Clear();
                }

                retry = FirstRetry;
            }
            catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
            {
                // Nothing is lost by that: it is all in the files.
                LogNotShipped(problem.Message, retry);
                await Task.Delay(retry * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
        }
    }

    private static LogLocation[] LogsOf(LaunchOrder order) =>
        order.Containers.IsDefaultOrEmpty ? [order.Log] : [.. order.Containers.Select(container => container.Log)];

    private void Add(IEnumerable<KeyValuePair<AttemptId, LogLocation[]>> attempts, bool isNew)
    {
        lock (_gate)
        {
            _added.AddRange(attempts.Select(one => new Attempt(one.Key, [.. one.Value.Select(log => new LogProgress(log, files.PathOf(log), isNew))])));
            if (_isIdle && _added.Count > 0)
            {
                _ = _wake.TrySetResult();
            }
        }
    }

    /// <summary>Waits until it is time to look again; while there is nothing to look at, without a clock.</summary>
    private async Task WaitAsync(TimeSpan retry, CancellationToken cancellationToken)
    {
        Task wake;
        lock (_gate)
        {
            _isIdle = _attempts.Count == 0 && _added.Count == 0;
            wake = _wake.Task;
        }

        if (_isIdle)
        {
            await wake.WaitAsync(cancellationToken);
        }

        if (!wake.IsCompleted && retry == FirstRetry)
        {
            using var delay = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _ = await Task.WhenAny(wake, Task.Delay(options.ShipEvery, time, delay.Token));
            await delay.CancelAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_wake.Task.IsCompleted)
            {
                _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            _added.ForEach(_attempts.Enqueue);
            _added.Clear();
            if (_flushed is not null)
            {
                _flushing.Add(_flushed);
                _flushed = null;
            }
        }
    }

    /// <summary>Looks at all attempts once, and ships what is new, no faster than allowed.</summary>
    private async Task ShipAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (message, isFull) = Collect();
            if (message.Count > 0)
            {
                await ShipAsync(message, cancellationToken);
                var bytes = message.Sum(part => part.Chunks.Sum(chunk => chunk.End - chunk.Begin + BytesPerChunk));
                await Task.Delay(TimeSpan.FromSeconds((double)bytes / options.ShipBytesPerSecond), time, cancellationToken);
            }

            if (!isFull)
            {
                return;
            }
        }
    }

    private async Task ShipAsync(List<Part> message, CancellationToken cancellationToken)
    {
        LogsKept? kept = null;
        try
        {
            kept = await session.ShipLogsAsync([.. message.SelectMany(part => part.Chunks)], cancellationToken).WaitAsync(Patience, time, cancellationToken);
            _mostBytes = kept.MostBytes;
        }
        finally
        {
            var at = 0;
            foreach (var part in message)
            {
                part.Log.Hear(part.Chunks, kept?.Chunks[at..(at + part.Chunks.Count)]);
                at += part.Chunks.Count;
            }
        }
    }

    /// <summary>Looks at each attempt once, beginning with that which was looked at longest ago, until the message is full; and lets go of those that are done with.</summary>
    private (List<Part> Message, bool IsFull) Collect()
    {
        List<Part> message = [];
        List<AttemptId> done = [];
        var (room, chunks) = (BytesPerMessage, ChunksPerMessage);
        for (var left = _attempts.Count; left > 0 && room > 0 && chunks > 0; left--)
        {
            var attempt = _attempts.Dequeue();
            var isOver = !isOpen(attempt.Id);
            foreach (var log in attempt.Logs)
            {
                if (!log.IsDone && Take(log, isOver, room) is { Count: > 0 } taken)
                {
                    message.Add(new(log, taken));
                    room -= (int)taken.Sum(chunk => chunk.End - chunk.Begin);
                    chunks -= taken.Count;
                }
            }

            if (Array.TrueForAll(attempt.Logs, log => log.IsDone))
            {
                done.Add(attempt.Id);
            }
            else
            {
                _attempts.Enqueue(attempt);
            }
        }

        journal.Remove(done);
        return (message, room <= 0 || chunks <= 0);
    }

    private List<LogChunk> Take(LogProgress log, bool isOver, int room)
    {
        try
        {
            return log.Take(isOver, _mostBytes, Math.Max(1, room));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            LogNotRead(problem.Message);
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Logs were not shipped: {Reason} Repeated in about {Delay}")]
    private partial void LogNotShipped(string reason, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A log could not be read, to be shipped: {Reason}")]
    private partial void LogNotRead(string reason);

    private sealed record Attempt(AttemptId Id, LogProgress[] Logs);

    private sealed record Part(LogProgress Log, List<LogChunk> Chunks);
}
