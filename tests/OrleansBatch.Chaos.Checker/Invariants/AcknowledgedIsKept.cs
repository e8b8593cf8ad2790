using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>A SubmitJob that was answered with an id is found by it, from the next read on and at the end.</summary>
public sealed class AcknowledgedIsKept : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "An acknowledged submission is never lost.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var missing = history.Of<JobSeen>().Where(seen => seen.Status is null).ToLookup(seen => seen.JobId);
        foreach (var call in history.Calls.Where(call => call.IsAcknowledged && call.Made.Operation == "SubmitJob"))
        {
            var jobId = call.Answered!.JobId;
            if (jobId is null)
            {
                yield return (call.Made.Subject, $"SubmitJob was answered with {call.Answered.Status}, but without an id.");
                continue;
            }

            if (!history.Rows.TryGetValue(jobId, out var row))
            {
                yield return (jobId, $"acknowledged at {Clock.Of(call.Answered.At)} by {call.Made.Door}, but DescribeJobs does not know it at the end.");
            }
            else if (row.JobName != call.Made.Subject)
            {
                yield return (jobId, $"acknowledged for {call.Made.Subject}, but it is {row.JobName}.");
            }

            foreach (var seen in missing[jobId].Where(seen => seen.Asked > call.Answered.At))
            {
                yield return (jobId, $"acknowledged at {Clock.Of(call.Answered.At)}, but {seen.Door}, asked at {Clock.Of(seen.Asked)}, did not know it.");
            }
        }
    }
}
