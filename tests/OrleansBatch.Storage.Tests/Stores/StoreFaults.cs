namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Fails or holds the writer at a named point. Called by the writer's thread.</summary>
internal sealed class StoreFaults
{
    private readonly Lock _lock = new();
    private Queue<CommitPoint> _next = [];
    private Held? _held;

    public bool IsBroken { get; set; }

    /// <summary>The next write that gets so far fails there, once.</summary>
    public void FailOnce(StoreFault fault) => FailOnce(fault switch
    {
        StoreFault.InTheMiddle => [CommitPoint.Written],
        StoreFault.BeforeCommit => [CommitPoint.BeforeCommit],
        StoreFault.ReplyLost => [CommitPoint.AfterCommit],
        _ => [CommitPoint.AfterCommit, CommitPoint.BeforeReadBack],
    });

    /// <summary>Fails at these points, one after another, instead of those that were set before.</summary>
    public void FailOnce(params IEnumerable<CommitPoint> points)
    {
        lock (_lock)
        {
            _next = new(points);
        }
    }

    /// <summary>Holds the next commit after it was done: faults set meanwhile are for what comes after it.</summary>
    public Held Hold()
    {
        lock (_lock)
        {
            return _held = new();
        }
    }

    public void At(CommitPoint point)
    {
        if (TakeHold(point) is { } held)
        {
            held.Wait();
            return;
        }

        if (IsBroken && point == CommitPoint.BeforeCommit || IsDue(point))
        {
            throw new IOException($"The test wants a failure: {point}.");
        }
    }

    private Held? TakeHold(CommitPoint point)
    {
        lock (_lock)
        {
            var held = point == CommitPoint.AfterCommit ? _held : null;
            _held = held is null ? _held : null;
            return held;
        }
    }

    private bool IsDue(CommitPoint point)
    {
        lock (_lock)
        {
            return _next.TryPeek(out var next) && next == point && _next.TryDequeue(out _);
        }
    }

    /// <summary>A commit that is held.</summary>
    internal sealed class Held
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Release() => _released.SetResult();

        public void Wait()
        {
            _reached.SetResult();
            _released.Task.GetAwaiter().GetResult();
        }

        /// <summary>Holds it until the answer is disposed, which then waits for it.</summary>
        public IAsyncDisposable Until(Task committing) => new Occupied(this, committing);
    }

    private sealed class Occupied(Held hold, Task committing) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            hold.Release();
            await committing;
        }
    }
}
