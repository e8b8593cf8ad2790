using OrleansBatch.Chaos.Checker.Documents;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>There are as many starts as attempts at most, and the attempts' numbers count from 1 in the order of their starts, without gaps.</summary>
/// <remarks>An attempt can leave no witness, when its host was lost or it was stopped before its process wrote; one whose process ended by itself cannot.</remarks>
public sealed class StartsWithinAttempts : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "A job is started no more often than its attempts allow, and they are numbered without gaps.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var job in history.Lives.GroupBy(life => life.JobId))
        {
            var planned = history.SubmissionOf(job.Key);
            var starts = job.OrderBy(life => life.From).ToList();
            if (planned is null)
            {
                yield return (job.Key, $"it was started, but nobody submitted it: {starts[0]}.");
                continue;
            }

            if (starts.Count > planned.Attempts || starts.Any(start => start.Attempt < 1 || start.Attempt > planned.Attempts))
            {
                yield return (job.Key, $"{planned.Attempts} attempts, but these starts: {string.Join("; ", starts)}.");
            }

            foreach (var (former, latter) in starts.Zip(starts.Skip(1)).Where(pair => pair.Second.Attempt < pair.First.Attempt))
            {
                yield return (job.Key, $"attempt {latter.Attempt} began after attempt {former.Attempt}: {former}; {latter}.");
            }
        }

        foreach (var row in history.Rows.Values.Where(row => row.Size is null))
        {
            foreach (var because in OfRow(history, row))
            {
                yield return (row.JobId, because);
            }
        }
    }

    private static IEnumerable<string> OfRow(RunHistory history, JobDocument row)
    {
        var planned = history.SubmissionOf(row.JobId);
        if (planned is not null && row.Attempts.Count > planned.Attempts)
        {
            yield return $"{planned.Attempts} attempts, but its row has {row.Attempts.Count}.";
        }

        // The processes of a multi-node job are its nodes'.
        var isGang = planned?.Nodes is not null && RunHistory.Root(row.JobId) == row.JobId;
        var lives = history.LivesOf(isGang ? $"{row.JobId}#0" : row.JobId).ToList();
        if (row.HasEnded)
        {
            foreach (var life in lives.Where(life => life.Attempt > row.Attempts.Count))
            {
                yield return $"its row has {row.Attempts.Count} attempts, but there was a start of one more: {life}.";
            }
        }

        for (var number = 1; number <= row.Attempts.Count; number++)
        {
            // By a signal it can end before it writes its first line.
            if (row.Attempts[number - 1] is { ExitCode: { } code and < 128 } && !lives.Any(life => life.Attempt == number))
            {
                yield return $"attempt {number} ended with {code}, but no process of it was ever started.";
            }
        }
    }
}
