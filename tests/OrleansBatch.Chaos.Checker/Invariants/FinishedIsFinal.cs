using OrleansBatch.Chaos.Checker.Documents;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>Who has once read that a job has ended reads the same for ever, from every silo, and none of its processes starts any more.</summary>
public sealed class FinishedIsFinal : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "Finished is final.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var job in history.Of<JobSeen>().GroupBy(seen => seen.JobId))
        {
            if (job.FirstOrDefault(seen => seen.Status is Statuses.Succeeded or Statuses.Failed) is not { } ended)
            {
                continue;
            }

            foreach (var later in job.Where(seen => seen.Asked > ended.At && Differs(ended, seen.Status, seen.StatusReason, seen.StoppedAt)))
            {
                yield return (job.Key, $"{ended.Door} said {Said(ended)} at {Clock.Of(ended.At)}; {later.Door}, asked at {Clock.Of(later.Asked)}, said {Said(later)}.");
            }

            if (history.Rows.TryGetValue(job.Key, out var row) && Differs(ended, row.Status, row.StatusReason, row.StoppedAt))
            {
                yield return (job.Key, $"{ended.Door} said {Said(ended)} at {Clock.Of(ended.At)}; at the end it is {row.Status} ({row.StatusReason}).");
            }

            foreach (var life in history.Lives.Where(life => life.From > ended.At && (life.JobId == job.Key || RunHistory.Root(life.JobId) == job.Key)))
            {
                // Nodes are stopped before their job ends, children end before their parent.
                yield return (job.Key, $"{ended.Door} said {Said(ended)} at {Clock.Of(ended.At)}, and then it started: {life}.");
            }
        }
    }

    private static bool Differs(JobSeen ended, string? status, string? reason, long? stoppedAt) =>
        ended.Status != status || ended.StatusReason != reason || ended.StoppedAt != stoppedAt;

    private static string Said(JobSeen seen) => $"{seen.Status ?? "nothing"}{(seen.StatusReason is { } reason ? $" ({reason})" : "")}";
}
