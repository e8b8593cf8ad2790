namespace OrleansBatch.Supervisor;

/// <summary>Attempts that wait for a starting thread, first come first served.</summary>
internal sealed class StartQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<Attempt> _waiting = new();
    private readonly Bell _filled = new();

    /// <summary>Whether any wait.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Puts them at the end.</summary>
    public void Add(IReadOnlyCollection<Attempt> attempts)
    {
        if (attempts.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var attempt in attempts)
            {
                _waiting.Enqueue(attempt);
            }
        }

        _filled.Ring(attempts.Count);
    }

    /// <summary>Blocks until there is one.</summary>
    public Attempt Take()
    {
        _filled.Wait();
        lock (_gate)
        {
            return _waiting.Dequeue();
        }
    }
}
