using OrleansBatch.Model;

namespace OrleansBatch.Core.Scheduling.FairShare;

/// <summary>A RUNNABLE job of a fair-share queue.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="Share">Its share identifier.</param>
/// <param name="Priority">Inside its share: higher first.</param>
/// <param name="TriedBefore">Whether it has had an attempt: such jobs go first among those of its share and priority.</param>
/// <param name="Sequence">The number that the store gave at insert, which no other job has.</param>
/// <param name="Needs">What it needs.</param>
public sealed record FairShareJob(string JobId, string Share, int Priority, bool TriedBefore, long Sequence, ResourceNeeds Needs)
{
    /// <summary>The order inside a share: highest priority, then first in, first out.</summary>
    internal static readonly IComparer<FairShareJob> Order = Comparer<FairShareJob>.Create(static (x, y) =>
    {
        var order = y.Priority.CompareTo(x.Priority);
        order = order != 0 ? order : y.TriedBefore.CompareTo(x.TriedBefore);
        return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
    });
}
