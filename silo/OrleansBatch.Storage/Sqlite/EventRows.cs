using System.Collections.Immutable;
using OrleansBatch.Core.Events;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Writes events: each at the end of the table, with the next key.</summary>
internal sealed class EventRows(SqliteSession session)
{
    /// <summary>Instead of a child's index: the job itself.</summary>
    public const int OfJob = -2;

    /// <summary>Instead of a child's index: all children of the array that have no row.</summary>
    public const int OfUnwritten = -1;

    private const string InsertRow =
        """
        INSERT INTO job_events (id, job, child, number, previous, at, what, attempts, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """;

    private long? _newest;

    /// <summary>The key of the newest event; 0 when there is none.</summary>
    public long Newest => _newest ??= session.Prepare("SELECT last_event FROM commit_mark WHERE id = 1").Number() ?? 0;

    /// <summary>What the last event of a job will be when these are inserted next.</summary>
    public EventMark After(EventMark last, ImmutableArray<JobChange> changes) =>
        changes.IsEmpty ? last : new(Newest + changes.Length, last.Number + changes.Length);

    /// <summary>Inserts a job's next events.</summary>
    /// <param name="job">Its sequence; of a child its parent's.</param>
    /// <param name="child">A child's index, <see cref="OfJob"/> or <see cref="OfUnwritten"/>.</param>
    /// <param name="last">Its last event so far.</param>
    /// <param name="changes">The events.</param>
    /// <returns>Its last event now.</returns>
    public EventMark Insert(long job, int child, EventMark last, ImmutableArray<JobChange> changes)
    {
        foreach (var change in changes)
        {
            var next = new EventMark(Newest + 1, last.Number + 1);
#if PLANTED_BUGS
            if (change.Attempts > 0 && PlantedBugs.Planted.Is("skip-an-event-number"))
            {
                next = next with { Number = next.Number + 1 };
            }

#endif
            session.Prepare(InsertRow)
                .Bind(1, next.Id)
                .Bind(2, job)
                .Bind(3, child == OfJob ? null : child)
                .Bind(4, next.Number)
                .Bind(5, last.Id)
                .Bind(6, change.At.ToUnixTimeMilliseconds())
                .Bind(7, EventColumns.What(change))
                .Bind(8, change.Attempts)
                .Bind(9, change.StatusReason)
                .Run();
            _newest = next.Id;
            last = next;
        }

        return last;
    }
}

/// <summary>Which event is a job's last.</summary>
/// <param name="Id">Its key; 0: there is none.</param>
/// <param name="Number">Its place in the order of the job's.</param>
internal readonly record struct EventMark(long Id, int Number);
