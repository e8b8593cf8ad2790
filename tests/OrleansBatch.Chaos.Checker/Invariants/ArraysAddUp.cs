using OrleansBatch.Chaos.Checker.Documents;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>An array's seven counts are those of its children, and its end follows from theirs.</summary>
public sealed class ArraysAddUp : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "An array's counts are those of its children, and its end follows from theirs.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var parent in history.Rows.Values.Where(row => row.Size is not null))
        {
            var children = Enumerable.Range(0, parent.Size!.Value).Select(index => history.Rows.GetValueOrDefault($"{parent.JobId}:{index}")).ToList();
            if (history.SubmissionOf(parent.JobId)?.Size is { } asked && asked != parent.Size)
            {
                yield return (parent.JobId, $"{asked} children were asked for, it has {parent.Size}.");
            }

            if (children.Count(child => child is null) is > 0 and var missing)
            {
                yield return (parent.JobId, $"{missing} of its {parent.Size} children are not known.");
                continue;
            }

            var counts = children.CountBy(child => child!.Status).ToDictionary();
            var told = parent.StatusSummary?.Where(each => each.Value != 0).ToDictionary() ?? [];
            if (counts.Count != told.Count || counts.Any(each => told.GetValueOrDefault(each.Key) != each.Value))
            {
                yield return (parent.JobId, $"it counts {Words(told)}, its children are {Words(counts)}.");
            }

            var open = children.FirstOrDefault(child => !child!.HasEnded);
            if (parent.HasEnded && open is not null)
            {
                yield return (parent.JobId, $"it is {parent.Status}, but {open.JobId} is {open.Status}.");
            }
            else if (parent.HasEnded && open is null && (parent.Status == Statuses.Succeeded) != children.All(child => child!.Status == Statuses.Succeeded))
            {
                yield return (parent.JobId, $"it is {parent.Status}, but its children are {Words(counts)}.");
            }
        }
    }

    private static string Words(Dictionary<string, int> counts) => string.Join(", ", counts.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Value} {each.Key}"));
}
