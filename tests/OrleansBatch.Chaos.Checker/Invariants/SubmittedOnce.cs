using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>However often a call is repeated, and over whichever silos, it makes one job.</summary>
public sealed class SubmittedOnce : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "A submission makes one job, however often it is repeated.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var answered = history.Calls.Where(call => call is { IsAcknowledged: true, Made.Operation: "SubmitJob", Answered.JobId: not null }).ToList();
        foreach (var call in answered.GroupBy(call => call.Made.InvocationId ?? call.Made.Subject))
        {
            var ids = call.Select(each => each.Answered!.JobId!).Distinct().ToList();
            if (ids.Count > 1)
            {
                yield return (call.First().Made.Subject, $"its repetitions were answered with {string.Join(" and ", ids)}.");
            }
        }

        foreach (var job in answered.GroupBy(call => call.Answered!.JobId!))
        {
            var subjects = job.Select(each => each.Made.Subject).Distinct().ToList();
            if (subjects.Count > 1)
            {
                yield return (job.Key, $"one id was the answer to {string.Join(" and ", subjects)}.");
            }
        }

        foreach (var named in history.Of<JobListed>().DistinctBy(job => job.JobId).GroupBy(job => job.JobName))
        {
            if (!history.Submissions.ContainsKey(named.Key))
            {
                yield return (named.First().JobId, $"its name, {named.Key}, is that of no submission.");
            }
            else if (named.Count() > 1)
            {
                yield return (named.Key, $"it is listed as {string.Join(" and ", named.Select(job => job.JobId))}.");
            }
        }
    }
}
