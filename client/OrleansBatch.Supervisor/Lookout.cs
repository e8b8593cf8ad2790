using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Ten times a second: which logs have grown, what has run too long, which orphans are left, what can be removed.</summary>
internal sealed class Lookout(AttemptBook book, WorkingDirectories directories, TimeProvider time, TimeSpan idle)
{
    private const int OrphanRounds = 10;

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);

    private readonly List<Attempt> _running = [];
    private long _neededAt = time.GetTimestamp();
    private int _round;

    /// <summary>Works until neither an agent nor an attempt has needed the supervisor for the idle time.</summary>
    public void Run()
    {
        while (true)
        {
            Thread.Sleep(_interval);
            if (book.IsNeeded)
            {
                _neededAt = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(_neededAt) > idle)
            {
                return;
            }

            if (book.TakeOverdue() is { Count: > 0 } overdue)
            {
                KillAllOf(overdue);
            }

            LookAtLogs();
            directories.Sweep();
            if (++_round % OrphanRounds == 0)
            {
                KillOrphans();
            }
        }
    }

    private void LookAtLogs()
    {
        book.CopyRunning(_running);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var attempt in _running)
        {
            attempt.Log.Look(now);
        }
    }

    private void KillAllOf(List<Attempt> attempts)
    {
        // Their groups are gone already; this finds who left group or session, by the mark that children inherit.
        var marks = attempts.Select(attempt => attempt.Key.Mark(book.JournalId)).ToHashSet(StringComparer.Ordinal);
        var sessions = attempts.Select(attempt => attempt.Process.Pid).ToHashSet();
        _ = ProcessSweep.Kill(
            (pid, status) =>
            sessions.Contains(status.Session)
            || (ProcessTable.VariableOf(pid, AttemptKey.MarkVariable) is { } mark && marks.Contains(mark)),
            _patience);
    }

    private void KillOrphans()
    {
        foreach (var pid in ChildProcess.Adopted())
        {
            if (ProcessStatus.Read(pid) is { IsDead: false } status && !book.IsWanted(ProcessTable.VariableOf(pid, AttemptKey.MarkVariable)))
            {
                new ProcessIdentity(pid, status.StartTicks).Kill();
            }
        }
    }
}
