using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Listings;

/// <summary>Puts children that have rows together with those that are as their parent's row says.</summary>
internal static class ChildPages
{
    /// <summary>All children, by index.</summary>
    public static ImmutableArray<JobRecord> All(JobRecord parent, IEnumerable<JobRecord> withRows)
    {
        var all = new JobRecord?[MultiNodeJobs.PartsOf(parent.Spec)!.Value];
        foreach (var child in withRows)
        {
            all[child.Child!.Index] = child;
        }

        return [.. all.Select((part, index) => part ?? ArrayJobs.Child(parent, index)!)];
    }

    /// <summary>Whether a page needs to know which children have no rows.</summary>
    public static bool NeedsStatuses(ChildListing listing, JobRecord parent) => parent.State.Unwritten!.Status == listing.Status;

    /// <summary>A page.</summary>
    /// <param name="listing">What was asked.</param>
    /// <param name="parent">The parent.</param>
    /// <param name="found">Those with rows, one more than asked for at most.</param>
    /// <param name="statuses">Which have rows; null when that is not needed.</param>
    public static ChildPage Page(ChildListing listing, JobRecord parent, List<JobRecord> found, ArrayReading? statuses)
    {
        if (statuses is { Rows: var rows })
        {
            found.AddRange(Enumerable.Range(listing.AfterIndex + 1, Math.Max(0, rows.Count - listing.AfterIndex - 1))
                .Where(index => rows[index] is null)
                .Take(listing.Limit + 1)
                .Select(index => ArrayJobs.Child(parent, index)!));
            found.Sort((x, y) => x.Child!.Index.CompareTo(y.Child!.Index));
        }

        return new([.. found.Take(listing.Limit)], IsLast: found.Count <= listing.Limit);
    }
}
