using OrleansBatch.Chaos.Checker.Documents;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>A terminated job ends FAILED with the first reason, unless it had ended by itself before. What can succeed after the answer was not terminated.</summary>
public sealed class TerminateIsFinal : Invariant
{
    /// <summary>The clocks of the wall and of the boot are set against each other once, and a row's time is taken before it is stored.</summary>
    private const double ToleranceMilliseconds = 20;

    /// <inheritdoc/>
    public override string Statement => "A terminated job ends FAILED, for the reason given.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var bootedAt = history.Of<History.RunBegan>().FirstOrDefault()?.BootedAt;
        var calls = history.Calls.Where(call => call.Made.Operation is "CancelJob" or "TerminateJob").ToLookup(call => RunHistory.Root(call.Made.Subject));
        foreach (var call in calls.SelectMany(calls => calls).Where(call => call.IsAcknowledged && call.Made.Operation == "TerminateJob"))
        {
            foreach (var row in history.Reached(call.Made.Subject).Select(id => history.Rows[id]).Where(row => !row.JobId.Contains('#', StringComparison.Ordinal)))
            {
                if (!row.HasEnded)
                {
                    yield return (row.JobId, $"TerminateJob was acknowledged at {Clock.Of(call.Answered!.At)}, but it is {row.Status} at the end.");
                }
                else if (row.Status == Statuses.Succeeded && row.StoppedAt is { } stopped && bootedAt is { } boot
                    && stopped > boot + (call.Answered!.At / 1e6) + ToleranceMilliseconds)
                {
                    yield return (row.JobId, $"TerminateJob was acknowledged at {Clock.Of(call.Answered.At)}, but it SUCCEEDED at {Clock.Of((long)((stopped - boot) * 1e6))}.");
                }
                else if (row is { Status: Statuses.Succeeded, IsTerminated: true, Size: null })
                {
                    yield return (row.JobId, "it is terminated and SUCCEEDED.");
                }
            }

            // With other commands for the same job another reason may have come first.
            var reasons = calls[RunHistory.Root(call.Made.Subject)].Select(each => (each.Made.Operation, each.Made.Reason, each.Made.Subject)).Distinct().ToList();
            if (reasons is [(_, { } reason, var subject)] && history.Rows.TryGetValue(subject, out var one)
                && one is { IsTerminated: true, Status: Statuses.Failed } && one.StatusReason != reason)
            {
                yield return (subject, $"it was terminated because of '{reason}', but its reason is '{one.StatusReason}'.");
            }
        }
    }
}
