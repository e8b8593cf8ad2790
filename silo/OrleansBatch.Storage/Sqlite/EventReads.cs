using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;
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
        var page = new EventPageBuilder(new Jobs(session), filter, after, limit);
        var select = session.Prepare(From).Bind(1, page.From).Bind(2, EventPageBuilder.MostRows + 1);
        while (select.Step() && page.Add(Row(select)))
        {
        }

        select.Reset();
        return page.Page;
    }

    /// <summary>The event of a position.</summary>
    public static RecordedEvent? Find(SqliteSession session, EventPosition position)
    {
        var select = session.Prepare(From).Bind(1, position.Id).Bind(2, 1);
        var found = select.Step() && select.Int64(0) == position.Id ? EventPageBuilder.Find(new Jobs(session), Row(select), position) : null;
        select.Reset();
        return found;
    }

    private static EventRow Row(Statement select) => new(
        select.Int64(0), select.Int64(1), select.IsNull(2) ? EventBook.OfJob : select.Int32(2), select.Int32(3), EventColumns.Read(select, 4));

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
    private sealed class Jobs(SqliteSession session) : IEventJobs
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

        public JobRecord? Child(JobRecord parent, int index) => Children.Read(session, parent, index);

        public IReadOnlySet<int> HadRows(JobRecord parent, long eventId)
        {
            HashSet<int> indices = [];
            var select = session.Prepare(SharedOfChildren)
                .Bind(1, ChildKey.Of(parent.Sequence, 0) - 1)
                .Bind(2, ChildKey.Of(parent.Sequence + 1, 0));
            while (select.Step())
            {
                if (select.Int64(1) < eventId)
                {
                    indices.Add(ChildKey.IndexOf(select.Int64(0)));
                }
            }

            select.Reset();
            return indices;
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
}
