using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Witnesses;

/// <summary>Reads what witnesses write, and looks after those that have started and not ended: when one is gone that said nothing, that is known as well.</summary>
internal sealed class LifeWatch(HistoryRecorder recorder, IReadOnlyDictionary<string, string> nodes)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(25);

    private readonly WitnessFile[] _files = [.. nodes.Select(node => new WitnessFile(node.Key, node.Value))];
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Watched> _open = [];
    private int _starts;

    /// <summary>Starts so far.</summary>
    public int Starts => Volatile.Read(ref _starts);

    /// <summary>Processes that have started and not ended.</summary>
    public IReadOnlyList<ProcessStarted> Open
    {
        get
        {
            lock (_lock)
            {
                return [.. _open.Values.Select(watched => watched.Process)];
            }
        }
    }

    /// <summary>Looks until told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(BetweenLooks, CancellationToken.None);
        }
    }

    /// <summary>Looks once.</summary>
    public void Look()
    {
        lock (_lock)
        {
            Take();
            var gone = _open.Values.Where(watched => !IsAlive(watched)).ToList();
            if (gone.Count == 0)
            {
                return;
            }

            // Its last words may have come between the two looks.
            Take();
            foreach (var watched in gone.Where(watched => _open.GetValueOrDefault(watched.Process.Pid) == watched))
            {
                _ = _open.Remove(watched.Process.Pid);
                recorder.Add(new ProcessGone
                {
                    At = Math.Max(watched.LastAlive, watched.Process.At),
                    JobId = watched.Process.JobId,
                    Attempt = watched.Process.Attempt,
                    Node = watched.Process.Node,
                    Pid = watched.Process.Pid,
                });
            }
        }
    }

    private static bool IsAlive(Watched watched)
    {
        // Before it is looked at: an interval is never longer than the truth.
        var now = BootClock.NowAsWitness;
        var found = Proc.Look(watched.Process.Pid);
        watched.Start ??= found?.Start;
        if (found is not { State: not ('Z' or 'X') } alive || alive.Start != watched.Start)
        {
            return false;
        }

        watched.LastAlive = now;
        return true;
    }

    private void Take()
    {
        foreach (var entry in _files.SelectMany(file => file.Read()))
        {
            recorder.Add(entry);
            switch (entry)
            {
                case ProcessStarted started:
                    _ = Interlocked.Increment(ref _starts);
                    _open[started.Pid] = new(started);
                    break;
                case ProcessEnded ended when _open.TryGetValue(ended.Pid, out var watched) && watched.Process.JobId == ended.JobId && watched.Process.Attempt == ended.Attempt:
                    _ = _open.Remove(ended.Pid);
                    break;
            }
        }
    }

    private sealed class Watched(ProcessStarted process)
    {
        public ProcessStarted Process => process;

        public long? Start { get; set; }

        public long LastAlive { get; set; }
    }
}
