using System.Buffers;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Begins where an earlier supervisor ended, however that was.</summary>
/// <remarks>
/// Ends that it had seen are true and are told. Whatever it had accepted and not seen end is lost: killed if it still
/// runs, for its exit code can no longer be had; after a reboot there is nothing to kill. The journal keeps its id, unless its
/// lease had lapsed: then nobody can speak for it any more. Fences stay refused either way. The boot id is the agent's other half of who it is.
/// </remarks>
internal static class Recovery
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Reads the journal, clears up, and leaves the journal short. The caller holds the directory's lock.</summary>
    /// <returns>The journal's id, the history to go on with, and the journal to append to.</returns>
    /// <exception cref="IOException">The journal cannot be read or written, or a process would not die.</exception>
    public static (string JournalId, AttemptHistory History, Journal Journal) Begin(string path, TimeProvider time)
    {
        var history = new AttemptHistory();
        string? journalId = null;
        string? boot = null;
        var isLapsed = false;
        foreach (var record in Journal.Read(path))
        {
            journalId = record.Kind == JournalKind.Head ? record.Id : journalId;
            boot = record.Kind == JournalKind.Boot ? record.Id : boot;
            isLapsed |= record.Kind == JournalKind.Lapsed;
            history.Apply(record);
        }

        journalId ??= Guid.NewGuid().ToString("N");
        if (boot == ProcessIdentity.BootId)
        {
            KillWhatIsLeft(journalId, history);
        }

        journalId = isLapsed ? Guid.NewGuid().ToString("N") : journalId;
        CallLost(history, time.GetUtcNow().ToUnixTimeMilliseconds());
        var lines = new ArrayBufferWriter<byte>();
        history.Format(journalId, lines);
        var journal = Journal.Open(path);
        journal.Replace(lines.WrittenSpan);
        return (journalId, history, journal);
    }

    private static void KillWhatIsLeft(string journalId, AttemptHistory history)
    {
        var mains = history.Unsettled
            .SelectMany(attempt => attempt.Containers.Length > 0 ? attempt.Containers : (IEnumerable<Attempt>)[attempt])
            .Where(attempt => attempt.Stage == AttemptStage.Running)
            .SelectMany(PossibleProcesses)
            .ToHashSet();
        // By its mark is found what had escaped from attempts, also long settled ones, and what was started but not yet journalled as such.
        var sessions = mains.Where(process => process.IsAlive).Select(process => process.Pid).ToHashSet();
        var gone = ProcessSweep.Kill(
            (pid, status) =>
                mains.Contains(new(pid, status.StartTicks))
                || sessions.Contains(status.Session)
                || IsMarked(pid, journalId),
            Patience);
        if (!gone)
        {
            throw new IOException("Processes of an earlier supervisor would not die.");
        }
    }

    private static IEnumerable<ProcessIdentity> PossibleProcesses(Attempt attempt)
    {
        for (var ticks = attempt.Process.StartTicks; ticks <= Math.Max(attempt.StartedBefore, attempt.Process.StartTicks); ticks++)
        {
            yield return attempt.Process with { StartTicks = ticks };
        }
    }

    private static bool IsMarked(int pid, string journalId) =>
        ProcessTable.VariableOf(pid, AttemptKey.MarkVariable) is { } mark
        && mark.StartsWith(journalId + "/", StringComparison.Ordinal)
        && pid != Environment.ProcessId;

    private static void CallLost(AttemptHistory history, long now)
    {
        foreach (var attempt in history.Unsettled)
        {
            if (attempt.Stage != AttemptStage.Ended)
            {
                attempt.Stage = AttemptStage.Ended;
                attempt.End = AttemptEnd.Lost;
                attempt.StoppedAt = now;
                attempt.Log.Close(LastWriteTo(attempt.Log.Path, now));
                foreach (var container in attempt.Containers.Where(container => container.Stage != AttemptStage.Ended))
                {
                    container.Stage = AttemptStage.Ended;
                    container.End = AttemptEnd.Lost;
                    container.Log.Close(LastWriteTo(container.Log.Path, now));
                }
            }
        }
    }

    private static long LastWriteTo(string log, long now) =>
        File.Exists(log) ? new DateTimeOffset(File.GetLastWriteTimeUtc(log)).ToUnixTimeMilliseconds() : now;
}
