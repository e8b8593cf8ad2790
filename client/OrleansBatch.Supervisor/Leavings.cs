namespace OrleansBatch.Supervisor;

/// <summary>Attempts whose main process has ended while others of theirs have not: these are killed until none is left.</summary>
internal sealed class Leavings(Action<Attempt> left)
{
    private const int FirstPauseMilliseconds = 1;
    private const int LongestPauseMilliseconds = 100;

    private readonly Lock _gate = new();
    private readonly Bell _filled = new();
    private readonly List<Attempt> _arrived = [];

    /// <summary>Takes one; all in its group has been sent a first SIGKILL.</summary>
    public void Add(Attempt attempt)
    {
        lock (_gate)
        {
            _arrived.Add(attempt);
        }

        _filled.Ring();
    }

    /// <summary>Works for ever. What hangs in the kernel holds up its own attempt only.</summary>
    public void Run()
    {
        List<Attempt> waiting = [];
        var pause = FirstPauseMilliseconds;
        while (true)
        {
            if (_filled.Wait(waiting.Count == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(pause)))
            {
                pause = FirstPauseMilliseconds;
            }
            else
            {
                pause = Math.Min(2 * pause, LongestPauseMilliseconds);
            }

            lock (_gate)
            {
                waiting.AddRange(_arrived);
                _arrived.Clear();
            }

            waiting.RemoveAll(attempt =>
            {
                if (attempt.Group!.Kill())
                {
                    return false;
                }

                left(attempt);
                return true;
            });
        }
    }
}
