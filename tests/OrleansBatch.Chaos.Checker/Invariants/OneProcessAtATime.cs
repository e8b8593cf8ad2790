namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>Of a job, child or node one process lives at a time; a start is never made twice; a multi-node job's attempts do not overlap.</summary>
public sealed class OneProcessAtATime : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "A job has one live process at a time.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var job in history.Lives.GroupBy(life => life.JobId))
        {
            foreach (var twice in job.GroupBy(life => life.Attempt).Where(attempt => attempt.Count() > 1))
            {
                yield return (job.Key, $"attempt {twice.Key} was started {twice.Count()} times: {string.Join("; ", twice)}.");
            }

            foreach (var (first, second) in Overlaps([.. job.OrderBy(life => life.From)], (one, other) => one.Attempt != other.Attempt))
            {
                yield return (job.Key, $"two processes lived at once: {first}; {second}.");
            }
        }

        foreach (var job in history.Lives.Where(life => life.JobId.Contains('#', StringComparison.Ordinal)).GroupBy(life => RunHistory.Root(life.JobId)))
        {
            foreach (var (first, second) in Overlaps([.. job.OrderBy(life => life.From)], (one, other) => one.Attempt != other.Attempt && one.JobId != other.JobId))
            {
                yield return (job.Key, $"a new attempt began while a node of the former lived: {first}; {second}.");
            }
        }
    }

    private static IEnumerable<(ProcessLife First, ProcessLife Second)> Overlaps(ProcessLife[] lives, Func<ProcessLife, ProcessLife, bool> counts)
    {
        for (var second = 1; second < lives.Length; second++)
        {
            for (var first = 0; first < second; first++)
            {
                if (lives[second].From < lives[first].Until && counts(lives[first], lives[second]))
                {
                    yield return (lives[first], lives[second]);
                }
            }
        }
    }
}
