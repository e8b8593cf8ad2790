namespace OrleansBatch.Storage;

/// <summary>Tells those who wait that events were committed. Costs nothing while nobody waits.</summary>
internal sealed class EventSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiters;
    private long _newest = -1;

    /// <summary>The newest event that was committed since the start; null: none.</summary>
    public long? Newest => Interlocked.Read(ref _newest) is >= 0 and var newest ? newest : null;

    /// <summary>After a commit.</summary>
    public void Raise(long newest)
    {
        TaskCompletionSource? waiters;
        lock (_lock)
        {
            if (newest <= _newest)
            {
                return;
            }

            _newest = newest;
            (waiters, _waiters) = (_waiters, null);
        }

        waiters?.TrySetResult();
    }

    /// <summary>Waits until an event later than this is committed.</summary>
    public Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_newest > after)
            {
                return Task.CompletedTask;
            }

            // The writer's thread must never run a caller's code.
            _waiters ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiters.Task.WaitAsync(cancellationToken);
        }
    }
}
