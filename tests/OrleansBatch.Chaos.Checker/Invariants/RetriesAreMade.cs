using OrleansBatch.Chaos.Checker.Documents;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>A job fails for good only when its attempts are used up, or somebody or something stopped it.</summary>
public sealed class RetriesAreMade : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "A job that nobody stopped is tried as often as its retry strategy says.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var stopped = history.Calls.Where(call => call.Made.Operation is "CancelJob" or "TerminateJob").Select(call => call.Made.Subject).ToHashSet();
        foreach (var row in history.Rows.Values.Where(row => row is { Size: null, Status: Statuses.Failed } && !row.JobId.Contains('#', StringComparison.Ordinal)))
        {
            if (history.SubmissionOf(row.JobId) is not { } planned || stopped.Contains(row.JobId) || stopped.Contains(RunHistory.Root(row.JobId)))
            {
                continue;
            }

            if (row.IsCancelled || row.IsTerminated)
            {
                yield return (row.JobId, $"it is {(row.IsCancelled ? "cancelled" : "terminated")}, but nobody asked for that.");
            }
            else if (row.Attempts.Count < planned.Attempts && row.StatusReason != "Dependent Job failed")
            {
                yield return (row.JobId, $"it FAILED ({row.StatusReason}) after {row.Attempts.Count} of {planned.Attempts} attempts, and nobody had stopped it.");
            }
        }
    }
}
