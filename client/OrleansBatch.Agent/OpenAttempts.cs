using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent;

/// <summary>Attempts that were ordered or adopted and whose end has not been reported yet.</summary>
internal sealed class OpenAttempts
{
    private readonly Lock _gate = new();
    private readonly HashSet<AttemptId> _open = [];
    private TaskCompletionSource? _emptied;

    /// <summary>Those that are open now.</summary>
    public AttemptId[] Current
    {
        get
        {
            lock (_gate)
            {
                return [.. _open];
            }
        }
    }

    /// <summary>Whether one is open.</summary>
    public bool Contains(AttemptId attempt)
    {
        lock (_gate)
        {
            return _open.Contains(attempt);
        }
    }

    /// <summary>One more.</summary>
    public void Add(AttemptId attempt)
    {
        lock (_gate)
        {
            _open.Add(attempt);
        }
    }

    /// <summary>Its end has been reported.</summary>
    public void Remove(AttemptId attempt)
    {
        lock (_gate)
        {
            if (_open.Remove(attempt) && _open.Count == 0)
            {
                _emptied?.TrySetResult();
                _emptied = null;
            }
        }
    }

    /// <summary>Completes when none is open.</summary>
    public Task WhenEmpty()
    {
        lock (_gate)
        {
            return _open.Count == 0
                ? Task.CompletedTask
                : (_emptied ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
