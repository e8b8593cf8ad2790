using OrleansBatch.Chaos.Checker.Documents;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>A job's events are numbered from 1 without gaps, and lead to what its row says.</summary>
public sealed class EventsFoldToTheRow : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "A job's events, numbered without gaps, lead to its row.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var row in history.Rows.Values)
        {
            var events = history.EventsOf(row.JobId).ToList();
            if (Numbers(events) is { } because)
            {
                yield return (row.JobId, because);
            }

            foreach (var difference in Differences(row, [.. events.Where(each => each.IsChange)], history.SubmissionOf(row.JobId)?.Nodes is not null))
            {
                yield return (row.JobId, difference);
            }
        }
    }

    private static string? Numbers(List<EventDocument> events)
    {
        var numbers = events.Select(each => each.Job.SequenceNumber).ToList();
        return numbers.SequenceEqual(Enumerable.Range(1, events.Count).Select(number => (int?)number))
            ? null
            : $"its events are numbered {string.Join(", ", numbers.Select(number => number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}.";
    }

    private static IEnumerable<string> Differences(JobDocument row, List<EventDocument> changes, bool isOfNodes)
    {
        if (changes.Count == 0)
        {
            yield return $"it is {row.Status}, and has no events.";
            yield break;
        }

        var last = changes[^1].Job;
        if (last.Status != row.Status || (row.HasEnded && last.StatusReason != row.StatusReason))
        {
            yield return $"its last event says {last.Status} ({last.StatusReason}), its row {row.Status} ({row.StatusReason}).";
        }

        if (last.Attempts.Count != row.Attempts.Count)
        {
            yield return $"its last event has {last.Attempts.Count} attempts, its row {row.Attempts.Count}.";
        }

        var placed = changes.Count(each => each.Job.Status == Statuses.Starting);
        if (row.HasEnded && !isOfNodes && placed != row.Attempts.Count)
        {
            yield return $"its events have {placed} STARTING, its row {row.Attempts.Count} attempts.";
        }

        foreach (var (former, latter) in changes.Zip(changes.Skip(1)).Where(pair => pair.Second.Job.Attempts.Count < pair.First.Job.Attempts.Count))
        {
            yield return $"event {latter.Job.SequenceNumber} has fewer attempts than event {former.Job.SequenceNumber}.";
        }
    }
}
