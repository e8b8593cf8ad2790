using OrleansBatch.Chaos.Checker.Documents;
using static OrleansBatch.Chaos.Checker.Documents.Statuses;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>A job moves as AWS Batch says: the table of states, written down here a second time.</summary>
/// <remarks>Source: AWS Batch user guide, "Job states".</remarks>
public sealed class MovesAreLegal : Invariant
{
    private static readonly HashSet<(string From, string To)> OfJob =
    [
        (Submitted, Pending), (Submitted, Runnable), (Submitted, Failed),
        (Pending, Runnable), (Pending, Failed),
        (Runnable, Starting), (Runnable, Failed),
        (Starting, Running), (Starting, Runnable), (Starting, Failed),
        (Running, Succeeded), (Running, Failed), (Running, Runnable),
    ];

    /// <summary>A node's end is its own; a new attempt of its job is one of all nodes.</summary>
    private static readonly HashSet<(string From, string To)> OfNode = [.. OfJob, (Succeeded, Runnable), (Failed, Runnable)];

    /// <summary>A parent is never placed.</summary>
    private static readonly HashSet<(string From, string To)> OfParent = [(Submitted, Pending), (Pending, Succeeded), (Pending, Failed)];

    /// <summary>What is first told of: the submission itself is no event. A node's life is begun by its job's placement.</summary>
    private static readonly HashSet<string> First = [Pending, Runnable, Failed];

    private static readonly HashSet<string> FirstOfNode = [Pending, Runnable, Starting, Failed];

    /// <inheritdoc/>
    public override string Statement => "A job's status moves only as the table of states says.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var jobId in history.JobsWithEvents)
        {
            var isParent = history.SubmissionOf(jobId)?.Size is not null && RunHistory.Root(jobId) == jobId;
            var isNode = jobId.Contains('#', StringComparison.Ordinal);
            var moves = isParent ? OfParent : isNode ? OfNode : OfJob;
            string? before = null;
            foreach (var each in history.EventsOf(jobId).Where(each => each.IsChange))
            {
                var status = each.Job.Status;
                if (before is null ? !(isNode ? FirstOfNode : First).Contains(status) : !moves.Contains((before, status)))
                {
                    yield return (jobId, $"its event {each.Job.SequenceNumber} moves it from {before ?? "its submission"} to {status}.");
                }

                before = status;
            }
        }
    }
}
