using System.Collections.Immutable;
using OrleansBatch.Core.Events;

namespace OrleansBatch.Storage.Steps;

/// <summary>Numbers events: each comes at the end of the table, with the next key.</summary>
internal sealed class EventBook(IEventTable table)
{
    /// <summary>Instead of a part's index: the job itself.</summary>
    public const int OfJob = -2;

    /// <summary>Instead of a part's index: all parts of the job that have no row.</summary>
    public const int OfUnwritten = -1;

    /// <summary>What the last event of a job will be when these are inserted next.</summary>
    public EventMark After(EventMark last, ImmutableArray<JobChange> changes) =>
        changes.IsEmpty ? last : new(table.Newest + changes.Length, last.Number + changes.Length);

    /// <summary>Inserts a job's next events.</summary>
    /// <param name="job">Its sequence; of a part its parent's.</param>
    /// <param name="child">A part's index, <see cref="OfJob"/> or <see cref="OfUnwritten"/>.</param>
    /// <param name="last">Its last event so far.</param>
    /// <param name="changes">The events.</param>
    /// <returns>Its last event now.</returns>
    public EventMark Insert(long job, int child, EventMark last, ImmutableArray<JobChange> changes)
    {
        foreach (var change in changes)
        {
            var next = new EventMark(table.Newest + 1, last.Number + 1);
#if PLANTED_BUGS
            if (change.Attempts > 0 && PlantedBugs.Planted.Is("skip-an-event-number"))
            {
                next = next with { Number = next.Number + 1 };
            }

#endif
            table.Insert(job, child, next, last.Id, change);
            last = next;
        }

        return last;
    }
}

/// <summary>Which event is a job's last.</summary>
/// <param name="Id">Its key; 0: there is none.</param>
/// <param name="Number">Its place in the order of the job's.</param>
internal readonly record struct EventMark(long Id, int Number);
