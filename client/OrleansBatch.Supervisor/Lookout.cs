using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Looks ten times a second: which logs have grown, which orphans are left, what can be removed.</summary>
internal sealed class Lookout(AttemptBook book, WorkingDirectories directories, TimeProvider time, TimeSpan idle) : IDisposable
{
    private const int RoundsPerSecond = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly LogWatch _logs = new(book, time);
    private readonly List<Attempt> _running = [];
    private long _neededAt = time.GetTimestamp();
    private int _round;

    /// <summary>Works until neither an agent nor an attempt has needed the supervisor for the idle time, and then ends it.</summary>
    public void Run()
    {
        while (true)
        {
            Thread.Sleep(Interval);
            if (book.IsNeeded)
            {
                _neededAt = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(_neededAt) > idle)
            {
                book.LeaveIfUnneeded();
            }

            try
            {
                LookOnce();
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // Out of descriptors, say: the next look may find some.
                SupervisorLog.Write($"A look was cut short: {problem.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _logs.Dispose();

    private void LookOnce()
    {
        var second = ++_round % RoundsPerSecond == 0;
        _logs.Look(all: second);
        directories.Sweep();
        if (second)
        {
            KillOrphans();
            LookAtMemory();
        }
    }

    private bool IsWanted(int pid) =>
        book.IsWanted(ProcessTable.VariableOf(pid, AttemptKey.MarkVariable), ProcessTable.VariableOf(pid, AttemptKey.ContainerVariable));

    /// <summary>Where no group counts it: once a process has ended, the kernel's note of its peak is gone.</summary>
    private void LookAtMemory()
    {
        book.CopyRunning(_running);
        foreach (var attempt in _running.Where(attempt => attempt.Group is null))
        {
            attempt.SeenPeak = Math.Max(attempt.SeenPeak, ProcessMemory.PeakOf(attempt.Process.Pid) ?? 0);
        }

        _running.Clear();
    }

    private void KillOrphans()
    {
        foreach (var pid in ChildProcess.Adopted())
        {
            if (ProcessStatus.Read(pid) is { IsDead: false } status && !IsWanted(pid))
            {
                new ProcessIdentity(pid, status.StartTicks).Kill();
            }
        }
    }
}
