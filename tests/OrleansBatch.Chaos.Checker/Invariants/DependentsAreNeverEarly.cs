using OrleansBatch.Chaos.Checker.Documents;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>What waits for a job starts after the job's last process has ended and it has SUCCEEDED, or never.</summary>
public sealed class DependentsAreNeverEarly : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "A dependent starts after what it waits for has succeeded, or never.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var planned in history.Submissions.Values.Where(planned => planned.DependsOn.Count > 0))
        {
            if (history.JobOf(planned.Key) is not { } jobId)
            {
                continue;
            }

            foreach (var dependency in planned.DependsOn)
            {
                foreach (var (dependent, awaited) in Pairs(history, planned, jobId, dependency))
                {
                    if (OfPair(history, dependent, awaited) is { } because)
                    {
                        yield return (dependent, because);
                    }
                }
            }
        }
    }

    /// <summary>Who waits for whom, down to the children.</summary>
    private static IEnumerable<(string Dependent, string Awaited)> Pairs(RunHistory history, SubmissionPlanned planned, string jobId, PlannedDependency dependency)
    {
        var children = planned.Size is { } size ? Enumerable.Range(0, size).Select(index => $"{jobId}:{index}") : [jobId];
        if (dependency.Key is null)
        {
            return Enumerable.Range(1, (planned.Size ?? 1) - 1).Select(index => ($"{jobId}:{index}", $"{jobId}:{index - 1}"));
        }

        if (history.JobOf(dependency.Key) is not { } awaited)
        {
            return [];
        }

        return dependency.Type == "N_TO_N"
            ? children.Select(child => (child, $"{awaited}:{RunHistory.IndexOf(child)}"))
            : children.Select(child => (child, awaited));
    }

    private static string? OfPair(RunHistory history, string dependent, string awaited)
    {
        var starts = history.LivesOf(dependent).Concat(history.SubmissionOf(dependent)?.Nodes is null ? [] : history.Lives.Where(life => RunHistory.Root(life.JobId) == dependent)).ToList();
        var row = history.Rows.GetValueOrDefault(awaited);
        if (starts.Count > 0)
        {
            var first = starts.MinBy(life => life.From)!;
            if (row is null || row.Status != Statuses.Succeeded)
            {
                return $"it waits for {awaited}, which is {row?.Status ?? "unknown"}, and yet started: {first}.";
            }

            return history.Lives.Where(life => (life.JobId == awaited || RunHistory.Root(life.JobId) == awaited) && life.Until > first.From).FirstOrDefault() is { } alive
                ? $"it started while what it waits for still lived: {first}; {alive}."
                : null;
        }

        var own = history.Rows.GetValueOrDefault(dependent);
        return row?.Status == Statuses.Failed && own is { Status: Statuses.Succeeded } or { HasEnded: false }
            ? $"it waits for {awaited}, which is {row?.Status}, and is {own.Status}."
            : null;
    }
}
