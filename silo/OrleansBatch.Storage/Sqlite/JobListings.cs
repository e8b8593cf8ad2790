using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Pages of a queue's jobs, each by the index that has its order.</summary>
internal static class JobListings
{
    private const string Columns =
        """
        SELECT j.created_at, j.sequence, j.name_folded, j.job_id, j.name, j.definition_name, j.definition_revision,
            j.vcpu_millis, j.memory_mib, j.gpus, j.state, a.size,
            a.updated_at, a.first_started_at, a.last_stopped_at, a.is_owed, a.submitted, a.pending, a.runnable, a.starting, a.running, a.succeeded, a.failed, j.share, a.node_vcpu_millis
        FROM jobs j
        """;

    private const string Arrays = " LEFT JOIN arrays a ON a.sequence = j.sequence WHERE ";


    private static readonly NewestFirst InStatus = new(Columns + " INDEXED BY jobs_by_status" + Arrays + "j.queue = ?1 AND j.status = ?5");
    private static readonly NewestFirst Named = new(Columns + " INDEXED BY jobs_by_name" + Arrays + "j.queue = ?1 AND j.name_folded = ?5");

    private static readonly NewestFirst OfDefinition =
        new(Columns + " INDEXED BY jobs_by_definition" + Arrays + "j.queue = ?1 AND j.definition_name = ?5");

    private static readonly NewestFirst OfRevision =
        new(Columns + " INDEXED BY jobs_by_revision" + Arrays + "j.queue = ?1 AND j.definition_name = ?5 AND j.definition_revision = ?6");

    private static readonly NewestFirst Created = new(Columns + " INDEXED BY jobs_by_created" + Arrays + "j.queue = ?1");
    private static readonly NewestFirst CreatedAfter = new(Columns + " INDEXED BY jobs_by_created" + Arrays + "j.queue = ?1 AND j.created_at > ?5");

    private static readonly NewestFirst InShare = new(Columns + " INDEXED BY jobs_by_share" + Arrays + "j.queue = ?1 AND j.share = ?5");

    private static readonly NewestFirst InShareAndStatus =
        new(Columns + " INDEXED BY jobs_by_share_status" + Arrays + "j.queue = ?1 AND j.share = ?5 AND j.status = ?6");

    private const string NamedAbove = Columns + " INDEXED BY jobs_by_name" + Arrays + "j.queue = ?1 AND j.name_folded > ?5";
    private const string ByName = " ORDER BY j.name_folded, j.created_at DESC, j.sequence DESC LIMIT ?4";
    private const string NamedBetween = NamedAbove + " AND j.name_folded < ?6" + ByName;
    private const string AllNamedAbove = NamedAbove + ByName;

    private const string BySequence = Columns + Arrays + "j.sequence = ?1";
    private const string QueueId = "SELECT id FROM queues WHERE key = ?1";

    public static JobPage Read(SqliteSession session, JobListing listing)
    {
        var after = listing.After is null ? (JobCursor?)null : JobCursor.Parse(listing.After);
        if (session.Prepare(QueueId).Bind(1, listing.Queue.Key).Number() is not { } queue)
        {
            return new([], null);
        }

        // One more than asked tells whether there is a next page.
        var rows = new Rows(session, queue, listing.Limit + 1);
        switch (listing.Filter)
        {
            case JobFilter.InStatus filter:
                rows.Add(InStatus, after, select => select.Bind(5, (long)filter.Status));
                break;
            case JobFilter.Named filter:
                AddNamed(rows, filter.Name.ToLowerInvariant(), filter.IsPrefix, after);
                break;
            case JobFilter.OfDefinition { IsPrefix: true } filter:
                rows.AddAll(DefinitionPrefix.Newest(session, queue, filter.Name, after, listing.Limit + 1));
                break;
            case JobFilter.OfDefinition { Revision: { } revision } filter:
                rows.Add(OfRevision, after, select => select.Bind(5, filter.Name).Bind(6, revision));
                break;
            case JobFilter.OfDefinition filter:
                rows.Add(OfDefinition, after, select => select.Bind(5, filter.Name));
                break;
            case JobFilter.InShare { Status: { } status } filter:
                rows.Add(InShareAndStatus, after, select => select.Bind(5, filter.Share).Bind(6, (long)status));
                break;
            case JobFilter.InShare filter:
                rows.Add(InShare, after, select => select.Bind(5, filter.Share));
                break;
            case JobFilter.CreatedBefore filter:
                // As if the page before had ended with that time: with no sequence, so that nothing of it is left.
                rows.Add(Created, after ?? new(filter.Time.ToUnixTimeMilliseconds(), 0, ""), select => select);
                break;
            case JobFilter.CreatedAfter filter:
                rows.Add(CreatedAfter, after, select => select.Bind(5, filter.Time.ToUnixTimeMilliseconds()));
                break;
            default:
                throw new ArgumentException($"No such filter: {listing.Filter}.", nameof(listing));
        }

        return rows.ToPage(listing.Limit);
    }

    private static void AddNamed(Rows rows, string name, bool isPrefix, JobCursor? after)
    {
        if (!isPrefix)
        {
            rows.Add(Named, after, select => select.Bind(5, name));
            return;
        }

        // A name's own rest, then the names above it: no single range of the index has that order.
        var current = JobPages.NameOf(name, after);
        rows.Add(Named, after, select => select.Bind(5, current));
        if (rows.Missing > 0)
        {
            rows.Add(NamePrefix.UpperBound(name) is { } bound
                ? rows.From(NamedBetween).Bind(5, current).Bind(6, bound)
                : rows.From(AllNamedAbove).Bind(5, current));
        }
    }

    /// <summary>The rows of one page, as they are read.</summary>
    private sealed class Rows(SqliteSession session, long queue, int limit)
    {
        private readonly List<JobPages.Row> _rows = [];

        public int Missing => limit - _rows.Count;

        public Statement From(string sql) => session.Prepare(sql).Bind(1, queue).Bind(4, Missing);

        public void Add(NewestFirst range, JobCursor? after, Func<Statement, Statement> bind)
        {
            if (after is { } cursor)
            {
                Add(bind(range.SameTime(session, queue, cursor, Missing)));
            }

            if (Missing > 0)
            {
                Add(bind(range.Earlier(session, queue, after ?? JobCursor.Start, Missing)));
            }
        }

        public void Add(Statement select)
        {
            while (select.Step())
            {
                _rows.Add(new(new(select.Int64(0), select.Int64(1), select.Text(2)), ReadItem(select)));
            }

            select.Reset();
        }

        public void AddAll(IEnumerable<long> sequences)
        {
            var select = session.Prepare(BySequence);
            foreach (var sequence in sequences)
            {
                Add(select.Bind(1, sequence));
            }
        }

        public JobPage ToPage(int count) => JobPages.Of(_rows, count);

        private static JobListItem ReadItem(Statement select) => new()
        {
            JobId = select.Text(3),
            JobName = select.Text(4),
            DefinitionName = select.Text(5),
            DefinitionRevision = select.Int32(6),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(0)),
            Needs = new() { VcpuMillis = select.Int64(7), MemoryMiB = select.Int64(8), Gpus = select.Int32(9) },
            State = StoreJson.ReadState(select.Bytes(10)),
            Children = select.IsNull(11) ? null : ArrayRows.Counts(select, 12),
            Share = select.IsNull(23) ? null : select.Text(23),
            IsGang = !select.IsNull(24),
        };
    }
}
