using OrleansBatch.Chaos.Checker.Documents;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>An attempt's exit code is what its process ended with, or a signal's; and the job's status follows from it.</summary>
public sealed class ExitCodesAreTrue : Invariant
{
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    /// <inheritdoc/>
    public override string Statement => "Exit codes are true, and a job's status follows from its last.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var signalled = history.Of<ProcessSignalled>().Select(signal => signal.Pid).ToHashSet();
        foreach (var row in history.Rows.Values.Where(row => row.Size is null && history.SubmissionOf(row.JobId)?.Nodes is null))
        {
            for (var number = 1; number <= row.Attempts.Count; number++)
            {
                if (OfAttempt(history, row, number, signalled) is { } because)
                {
                    yield return (row.JobId, because);
                }
            }

            if (OfStatus(row) is { } wrong)
            {
                yield return (row.JobId, wrong);
            }
        }
    }

    private static string? OfAttempt(RunHistory history, JobDocument row, int number, HashSet<int> signalled)
    {
        var attempt = row.Attempts[number - 1];
        if (history.LivesOf(row.JobId).FirstOrDefault(life => life.Attempt == number) is not { } life)
        {
            return null;
        }

        if (attempt.ExitCode is not { } code)
        {
            return life.ExitCode is not null && !attempt.IsOfLostHost && !row.IsTerminated
                ? $"attempt {number} has no exit code ({attempt.StatusReason}), but its process ended by itself: {life}."
                : null;
        }

        if (life.ExitCode is { } said)
        {
            // Between its last line and its end a signal can still reach it.
            return code == said || (code is Killed or Terminated && (row.IsTerminated || attempt.IsOfLostHost || signalled.Contains(life.Pid)))
                ? null
                : $"attempt {number} has exit code {code}, but its process said {said}: {life}.";
        }

        return code is Killed or Terminated ? null : $"attempt {number} has exit code {code}, but its process never said that it ends: {life}.";
    }

    private static string? OfStatus(JobDocument row)
    {
        var last = row.Attempts.Count > 0 ? row.Attempts[^1].ExitCode : null;
        return row.Status switch
        {
            Statuses.Succeeded when last != 0 => $"it SUCCEEDED, but its last attempt has exit code {(last is { } code ? $"{code}" : "none")}.",
            Statuses.Failed when last == 0 && row is { IsTerminated: false, StatusReason: "Essential container in task exited" } =>
                "it FAILED, but its last attempt has exit code 0 and nobody terminated it.",
            _ => null,
        };
    }
}
