using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Looks ten times a second whether the lease has lapsed and what has run too long.</summary>
/// <remarks>A thread of its own, which touches no file of a job: a file system that hangs must not keep attempts alive beyond their lease.</remarks>
internal sealed class Deadlines(AttemptBook book)
{
    // Waiting for the moment itself would be waiting by a clock that stands still while the machine is suspended.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>Works for ever.</summary>
    public void Run()
    {
        while (true)
        {
            Thread.Sleep(Interval);
            try
            {
                if (book.TakeOverdue() is { Count: > 0 } overdue)
                {
                    KillAllOf(overdue);
                }
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // Out of descriptors, say: the next look may find some.
                SupervisorLog.Write($"A look for deadlines was cut short: {problem.Message}");
            }
        }
    }

    private void KillAllOf(List<Attempt> attempts)
    {
        // Their process groups are gone already; this finds who left group or session, by the mark that children inherit.
        var marks = attempts.Select(attempt => (attempt.Key.Mark(book.JournalId), (attempt as TaskContainer)?.Name)).ToHashSet();
        var sessions = attempts.Select(attempt => attempt.Process.Pid).ToHashSet();
        _ = ProcessSweep.Kill(
            (pid, status) =>
            sessions.Contains(status.Session)
            || (ProcessTable.VariableOf(pid, AttemptKey.MarkVariable) is { } mark
                && (marks.Contains((mark, null)) || marks.Contains((mark, ProcessTable.VariableOf(pid, AttemptKey.ContainerVariable))))),
            Patience);
    }
}
