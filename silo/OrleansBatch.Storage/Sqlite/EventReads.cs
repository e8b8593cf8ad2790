using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Reads events: all in the order of their keys, one job's along the chain that its row names the end of.</summary>
internal static class EventReads
{
    internal const string From = "SELECT id, job, child, number, " + EventColumns.Changes + " FROM job_events WHERE id >= ?1 ORDER BY id LIMIT ?2";

    internal const string ById = "SELECT number, previous, child, " + EventColumns.Changes + " FROM job_events WHERE id = ?1";

    internal const string LastOfJob = "SELECT last_event FROM jobs WHERE sequence = ?1";

    internal const string LastOfUnwritten = "SELECT last_event FROM arrays WHERE sequence = ?1";

    internal const string LastOfChild = "SELECT last_event FROM array_children WHERE key = ?1";

    internal const string SharedOfChildren = "SELECT key, shared_event FROM array_children WHERE key > ?1 AND key < ?2 ORDER BY key";

    internal const string JobOf = "SELECT j.job_id, q.key FROM jobs j JOIN queues q ON q.id = j.queue WHERE j.sequence = ?1";

    /// <summary>Rows that one page looks at at most, wanted or not.</summary>
    private const int MostRows = 5_000;

    public static IReadOnlyList<RecordedEvent>? ReadOfJob(SqliteSession session, Scope scope, string jobId, int after, int limit)
    {
        if (SqliteJobStore.Read(session, jobId) is not { } job || job.Scope != scope)
        {
            return null;
        }

        List<RecordedEvent> events = [];
        var next = LastOf(session, job);
        while (next > 0)
        {
            var select = session.Prepare(ById).Bind(1, next);
            if (!select.Step())
            {
                select.Reset();
                break;
            }

            var (id, number) = (next, select.Int32(0));
            next = number > after + 1 ? select.Int64(1) : 0;
            if (number > after)
            {
                var isShared = !select.IsNull(2) && select.Int32(2) == EventBook.OfUnwritten;
                events.Add(new(new(id, isShared ? job.Child!.Index : EventPosition.Whole), job, number, EventColumns.Read(select, 3)));
            }

            select.Reset();
        }

        events.Reverse();
        return events.Count > limit ? events[..limit] : events;
    }

    public static EventPage Read(SqliteSession session, EventFilter filter, EventPosition after, int limit)
    {
        var page = new Page(session, filter, after, limit);
        var from = after.Child == EventPosition.Whole ? after.Id + 1 : after.Id;
        var looked = 0;
        var select = session.Prepare(From).Bind(1, from).Bind(2, MostRows + 1);
        var isFull = false;
        while (!isFull && select.Step())
        {
            if (looked == MostRows)
            {
                isFull = true;
                break;
            }

            looked++;
            isFull = !page.Add(
                select.Int64(0), select.Int64(1), select.IsNull(2) ? EventBook.OfJob : select.Int32(2), select.Int32(3), EventColumns.Read(select, 4));
        }

        select.Reset();
        return new(page.Events, page.Next, isFull);
    }

    /// <summary>The event of a position.</summary>
    public static RecordedEvent? Find(SqliteSession session, EventPosition position)
    {
        var select = session.Prepare(From).Bind(1, position.Id).Bind(2, 1);
        RecordedEvent? found = null;
        if (select.Step() && select.Int64(0) == position.Id)
        {
            var child = select.IsNull(2) ? EventBook.OfJob : select.Int32(2);
            var (sequence, number, change) = (select.Int64(1), select.Int32(3), EventColumns.Read(select, 4));
            var job = new Jobs(session).Find(sequence);
            var part = child == EventBook.OfUnwritten ? position.Child : child;
            found = job is null ? null : part < 0 ? new(position, job, number, change) : OfChild(session, job, part, position, number, change);
        }

        select.Reset();
        return found;
    }

    private static RecordedEvent? OfChild(SqliteSession session, JobRecord parent, int index, EventPosition position, int number, JobChange change) =>
        Children.Read(session, parent, index) is { } child ? new(position, child, number, change) : null;

    private static long LastOf(SqliteSession session, JobRecord job)
    {
        if (job.Child is not { } child)
        {
            return session.Prepare(LastOfJob).Bind(1, job.Sequence).Number() ?? 0;
        }

        return (job.Version == 0
            ? session.Prepare(LastOfUnwritten).Bind(1, job.Sequence)
            : session.Prepare(LastOfChild).Bind(1, ChildKey.Of(job.Sequence, child.Index))).Number() ?? 0;
    }

    /// <summary>Jobs that were read for one page.</summary>
    private sealed class Jobs(SqliteSession session)
    {
        private readonly Dictionary<long, (string JobId, ScopedName Queue)?> _names = [];
        private readonly Dictionary<long, JobRecord?> _jobs = [];

        public ScopedName? QueueOf(long sequence) => NameOf(sequence)?.Queue;

        public JobRecord? Find(long sequence)
        {
            if (!_jobs.TryGetValue(sequence, out var job))
            {
                job = NameOf(sequence) is { } name ? SqliteJobStore.Read(session, name.JobId) : null;
                _jobs.Add(sequence, job);
            }

            return job;
        }

        private (string JobId, ScopedName Queue)? NameOf(long sequence)
        {
            if (!_names.TryGetValue(sequence, out var name))
            {
                var select = session.Prepare(JobOf).Bind(1, sequence);
                name = select.Step() ? (select.Text(0), ScopedName.Parse(select.Text(1))) : null;
                select.Reset();
                _names.Add(sequence, name);
            }

            return name;
        }
    }

    private sealed class Page(SqliteSession session, EventFilter filter, EventPosition after, int limit)
    {
        private readonly Jobs _jobs = new(session);
        private readonly EventPosition _after = after;

        public List<RecordedEvent> Events { get; } = [];

        public EventPosition Next { get; private set; } = after;

        /// <summary>Looks at a row; false when the page is full.</summary>
        public bool Add(long id, long sequence, int child, int number, JobChange change)
        {
            var whole = new EventPosition(id, EventPosition.Whole);
            if (!filter.Wants(change) || _jobs.QueueOf(sequence) is not { } queue || !filter.WantsQueue(queue) || _jobs.Find(sequence) is not { } job)
            {
                Next = whole;
                return true;
            }

            if (child == EventBook.OfUnwritten)
            {
                return AddUnwritten(id, job, number, change);
            }

            if (Events.Count == limit)
            {
                return false;
            }

            if (child == EventBook.OfJob)
            {
                Events.Add(new(whole, job, number, change));
            }
            else if (OfChild(session, job, child, whole, number, change) is { } recorded)
            {
                Events.Add(recorded);
            }

            Next = whole;
            return true;
        }

        /// <summary>One event for each child that had no row then: such a child has none yet, or its row follows a later event that it shared.</summary>
        private bool AddUnwritten(long id, JobRecord parent, int number, JobChange change)
        {
            var first = id == _after.Id ? _after.Child + 1 : 0;
            var hadRows = HadRows(id, parent);
            for (var index = first; index < MultiNodeJobs.PartsOf(parent.Spec); index++)
            {
                if (hadRows.Contains(index))
                {
                    continue;
                }

                if (Events.Count == limit)
                {
                    return false;
                }

                // What a child was without a row does not depend on what became of it.
                var position = new EventPosition(id, index);
                Events.Add(new(position, ArrayJobs.Child(parent, index)!, number, change));
                Next = position;
            }

            Next = new(id, EventPosition.Whole);
            return true;
        }

        private HashSet<int> HadRows(long id, JobRecord parent)
        {
            HashSet<int> indices = [];
            var select = session.Prepare(SharedOfChildren)
                .Bind(1, ChildKey.Of(parent.Sequence, 0) - 1)
                .Bind(2, ChildKey.Of(parent.Sequence + 1, 0));
            while (select.Step())
            {
                if (select.Int64(1) < id)
                {
                    indices.Add(ChildKey.IndexOf(select.Int64(0)));
                }
            }

            select.Reset();
            return indices;
        }
    }
}
