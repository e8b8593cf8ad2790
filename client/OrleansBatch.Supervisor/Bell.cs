namespace OrleansBatch.Supervisor;

/// <summary>Wakes a thread that waits, once for each ring.</summary>
internal sealed class Bell
{
    private readonly object _gate = new();
    private int _rings;

    /// <summary>Rings.</summary>
    public void Ring(int times = 1)
    {
        lock (_gate)
        {
            _rings += times;
            if (times == 1)
            {
                Monitor.Pulse(_gate);
            }
            else
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Blocks until it has rung.</summary>
    /// <returns>False when the time ran out first.</returns>
    public bool Wait(TimeSpan timeout)
    {
        lock (_gate)
        {
            while (_rings == 0)
            {
                if (!Monitor.Wait(_gate, timeout))
                {
                    return false;
                }
            }

            _rings--;
            return true;
        }
    }

    /// <summary>Blocks until it has rung.</summary>
    public void Wait() => Wait(Timeout.InfiniteTimeSpan);
}
