namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>Queues that found no capacity here. When some comes free they look one after another: by priority, then the one whose head is oldest.</summary>
/// <remarks>Belongs to one grain: it is not safe for several threads.</remarks>
/// <param name="wake">Has a queue look; completes when it has taken what fits. Never throws.</param>
internal sealed class WaitingQueues(Func<string, Task> wake)
{
    /// <summary>How often in a row the walk begins anew: capacity that comes free without a pause must not keep the last queues from looking at all.</summary>
    private const int MostRestarts = 8;

    private readonly Dictionary<string, WaitingQueue> _waiting = new(StringComparer.Ordinal);
    private bool _isWalking;
    private bool _isOwed;
    private int _restarts;

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>
    /// Whether capacity came free during the walk, and so is to be offered from the first queue on: whoever looks before that sees none of it.
    /// </summary>
    public bool IsHeldBack => _isOwed && _restarts < MostRestarts;

    /// <summary>A queue waits from now on.</summary>
    public void Add(string queueKey, int priority, long headSequence) => _waiting[queueKey] = new(queueKey, priority, headSequence);

    /// <summary>Another job is at the head of a queue that may wait.</summary>
    public void ChangeHead(string queueKey, long headSequence)
    {
        if (_waiting.TryGetValue(queueKey, out var waiting))
        {
            _waiting[queueKey] = waiting with { HeadSequence = headSequence };
        }
    }

    /// <summary>A queue waits no more.</summary>
    public void Remove(string queueKey) => _waiting.Remove(queueKey);

    /// <summary>Has those that wait look, the next when the former has taken what fits. A queue that still waits then has added itself again.</summary>
    public async Task WalkAsync()
    {
        if (_isWalking)
        {
            _isOwed = true;
            return;
        }

        _isWalking = true;
        try
        {
            do
            {
                _restarts = _isOwed ? _restarts + 1 : 0;
                _isOwed = false;
                await WalkOnceAsync();
            }
            while (_isOwed && _waiting.Count > 0);
        }
        finally
        {
            (_isWalking, _isOwed, _restarts) = (false, false, 0);
        }
    }

    private async Task WalkOnceAsync()
    {
        var queues = new Queue<WaitingQueue>(_waiting.Values
            .OrderByDescending(queue => queue.Priority)
            .ThenBy(queue => queue.HeadSequence)
            .ThenBy(queue => queue.Key, StringComparer.Ordinal));
        _waiting.Clear();
        while (queues.TryDequeue(out var queue))
        {
            await wake(queue.Key);
            if (IsHeldBack)
            {
                // One that has looked already may go before those that have not.
                foreach (var next in queues)
                {
                    _ = _waiting.TryAdd(next.Key, next);
                }

                return;
            }
        }
    }

    private sealed record WaitingQueue(string Key, int Priority, long HeadSequence);
}
