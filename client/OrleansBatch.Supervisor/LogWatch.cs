using OrleansBatch.Processes;

namespace OrleansBatch.Supervisor;

/// <summary>Sees which logs of running attempts have grown. A silent log costs next to nothing, however many there are.</summary>
/// <remarks>
/// The kernel tells of the first growth of each watched log, once; the watch is then set again, before the look, so that no
/// growth falls between. Once a second all logs are looked at: that bounds what a lost message, or a kernel out of watches, can
/// delay. An attempt that ends before the first look is never watched: most are that short.
/// </remarks>
internal sealed class LogWatch(AttemptBook book, TimeProvider time) : IDisposable
{
    private readonly FileWatch _watch = new();
    private readonly Dictionary<int, AttemptLog> _watched = [];
    private readonly List<Attempt> _running = [];
    private readonly List<int> _grown = [];

    /// <summary>Looks at those that have grown, and at those that are new.</summary>
    /// <param name="all">Whether to look at every one.</param>
    public void Look(bool all)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _watch.Read(_grown);
        foreach (var watch in _grown)
        {
            if (_watched.Remove(watch, out var log))
            {
                log.Watch = -1;
                if (!log.IsClosed)
                {
                    Watch(log);
                    log.Look(now);
                }
            }
        }

        book.CopyRunning(_running);
        foreach (var attempt in _running)
        {
            var log = attempt.Log;
            if (log.Watch < 0)
            {
                Watch(log);
                log.Look(now);
            }
            else if (all && log.Look(now))
            {
                // Its message is on the way, or was lost: a watch that is set already is no harm.
                Watch(log);
            }
        }

        if (all)
        {
            Forget();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void Watch(AttemptLog log)
    {
        log.Watch = _watch.Add(log.Path);
        if (log.Watch >= 0)
        {
            _watched[log.Watch] = log;
        }
    }

    private void Forget()
    {
        // Removing while enumerating is allowed in a dictionary.
        foreach (var (watch, log) in _watched)
        {
            if (log.IsClosed)
            {
                _watched.Remove(watch);
                _watch.Remove(watch);
            }
        }
    }
}
