using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What queues, environments, nodes and the keeper read to rebuild themselves: by partial indexes that hold only live jobs.</summary>
internal static class UnfinishedJobs
{
    private const string Runnable =
        """
        SELECT j.sequence, j.job_id, j.vcpu_millis, j.memory_mib, j.gpus, j.rank, j.has_reason, a.size, j.share, j.priority, j.needs_consumables,
            a.node_vcpu_millis, a.node_memory_mib, a.node_gpus, a.instance_type
        FROM jobs j INDEXED BY jobs_runnable LEFT JOIN arrays a ON a.sequence = j.sequence
        WHERE j.queue = (SELECT id FROM queues WHERE key = ?1) AND j.rank = ?2 AND j.sequence > ?3
        ORDER BY j.sequence LIMIT ?4
        """;

    private const string RunnableChildren =
        """
        SELECT c.key, j.job_id, j.vcpu_millis, j.memory_mib, j.gpus, c.rank, c.has_reason, NULL, j.share, j.priority, j.needs_consumables
        FROM array_children c INDEXED BY array_children_runnable JOIN jobs j ON j.sequence = c.parent
        WHERE c.queue = (SELECT id FROM queues WHERE key = ?1) AND c.rank = ?2 AND c.key > ?3
        ORDER BY c.key LIMIT ?4
        """;

    private const string OwedLooks =
        "SELECT child, stamp FROM owed_looks WHERE dependent = (SELECT sequence FROM jobs WHERE job_id = ?1) ORDER BY child LIMIT ?2";

    private const string ConsumableNeeds = "SELECT resource, quantity FROM consumable_needs WHERE job = ?1";

    private const string Open =
        """
        SELECT j.sequence, j.job_id, j.status FROM jobs j INDEXED BY jobs_open
        WHERE j.open_queue = (SELECT id FROM queues WHERE key = ?1) AND j.sequence > ?2
        ORDER BY j.sequence LIMIT ?3
        """;

    public const string InEnvironment = Placed + " INDEXED BY jobs_by_environment JOIN queues q ON q.id = j.queue WHERE j.environment = ?1";
    public const string OnNode = Placed + " INDEXED BY jobs_by_node JOIN queues q ON q.id = j.queue WHERE j.node = ?1";

    public const string ChildrenInEnvironment =
        PlacedChildren + " INDEXED BY array_children_by_environment" + OfParent + "c.environment = ?1";

    public const string ChildrenOnNode =
        PlacedChildren + " INDEXED BY array_children_by_node" + OfParent + "c.node = ?1";

    private const string NextQueue = "SELECT min(queue) FROM jobs INDEXED BY jobs_runnable WHERE rank IS NOT NULL AND queue > ?1";
    private const string NextEnvironment = "SELECT min(environment) FROM jobs INDEXED BY jobs_by_environment WHERE environment > ?1";
    private const string NextNode = "SELECT min(node) FROM jobs INDEXED BY jobs_by_node WHERE node > ?1";
    private const string NextQueueOfChildren = "SELECT min(queue) FROM array_children INDEXED BY array_children_runnable WHERE rank IS NOT NULL AND queue > ?1";
    private const string NextEnvironmentOfChildren = "SELECT min(environment) FROM array_children INDEXED BY array_children_by_environment WHERE environment > ?1";
    private const string NextNodeOfChildren = "SELECT min(node) FROM array_children INDEXED BY array_children_by_node WHERE node > ?1";
    private const string NextDependent = "SELECT min(dependent) FROM owed_looks WHERE dependent > ?1";
    private const string NextFullArray = "SELECT min(sequence) FROM arrays INDEXED BY arrays_owed WHERE is_owed = 1 AND sequence > ?1";
    private const string QueueKey = "SELECT key FROM queues WHERE id = ?1";
    private const string JobId = "SELECT job_id FROM jobs WHERE sequence = ?1";

    /// <summary>Stands for needs that are still to be read.</summary>
    private static readonly IReadOnlyList<ConsumableNeed> NoNeeds = [];

    private const string Placed = "SELECT j.job_id, q.key, j.vcpu_millis, j.memory_mib, j.gpus, j.state, j.share FROM jobs j";
    private const string PlacedChildren =
        "SELECT j.job_id, q.key, j.vcpu_millis, j.memory_mib, j.gpus, c.state, j.share, c.key, a.node_vcpu_millis, a.node_memory_mib, a.node_gpus FROM array_children c";

    private const string OfParent =
        " JOIN jobs j ON j.sequence = c.parent JOIN arrays a ON a.sequence = c.parent JOIN queues q ON q.id = j.queue WHERE ";

    public static IReadOnlyList<RunnableJob> ReadRunnable(SqliteSession session, ScopedName queue, RunnableJob? after, int limit)
    {
        List<RunnableJob> jobs = [];
        for (var rank = after is null or { TriedBefore: true } ? 0 : 1; rank <= 1 && jobs.Count < limit; rank++)
        {
            var start = after is not null && after.TriedBefore == (rank == 0) ? after : null;
            jobs.AddRange(ReadRank(session, queue, rank, start, limit - jobs.Count));
        }

        return jobs;
    }

    /// <summary>Two indexes have the order in part: what both give is merged.</summary>
    private static IEnumerable<RunnableJob> ReadRank(SqliteSession session, ScopedName queue, int rank, RunnableJob? after, int limit)
    {
        List<RunnableJob> jobs = [];
        var select = session.Prepare(Runnable).Bind(1, queue.Key).Bind(2, rank).Bind(3, after?.Sequence ?? 0).Bind(4, limit);
        while (select.Step())
        {
            var isGang = !select.IsNull(11);
            var job = WithShare(select, new(
                select.Int64(0), select.Text(1), ReadNeeds(select, 2), rank == 0, select.Int64(6) != 0, ArraySize: select.IsNull(7) || isGang ? 0 : select.Int32(7)));
            jobs.Add(isGang ? job with { Gang = new(ReadNeeds(select, 11), select.Int32(7), select.IsNull(14) ? null : select.Text(14)) } : job);
        }

        select.Reset();
        var singles = jobs.Count;
        // A child comes after its array, which has the index -1.
        var children = session.Prepare(RunnableChildren)
            .Bind(1, queue.Key)
            .Bind(2, rank)
            .Bind(3, after is null ? 0 : ChildKey.Of(after.Sequence, after.Index))
            .Bind(4, limit);
        while (children.Step())
        {
            var (parent, index) = (ChildKey.ParentOf(children.Int64(0)), ChildKey.IndexOf(children.Int64(0)));
            jobs.Add(WithShare(children, new(parent, JobPartIds.Child(children.Text(1), index), ReadNeeds(children, 2), rank == 0, children.Int64(6) != 0, index)));
        }

        children.Reset();
        var ordered = jobs.Count == singles ? jobs : jobs.OrderBy(job => job.Sequence).ThenBy(job => job.Index).Take(limit);
        return ordered.Select(job => job.Consumables is null ? job : job with { Consumables = ReadConsumables(session, job.Sequence) });
    }

    private static List<ConsumableNeed> ReadConsumables(SqliteSession session, long sequence)
    {
        List<ConsumableNeed> needs = [];
        var select = session.Prepare(ConsumableNeeds).Bind(1, sequence);
        while (select.Step())
        {
            needs.Add(new() { ResourceName = ScopedName.Parse(select.Text(0)).Name, Quantity = select.Int64(1) });
        }

        select.Reset();
        return needs;
    }

    private static RunnableJob WithShare(Statement select, RunnableJob job) => select.IsNull(8) && select.IsNull(10) ? job : job with
    {
        Share = select.IsNull(8) ? null : select.Text(8),
        Priority = select.IsNull(9) ? 0 : select.Int32(9),
        Consumables = select.IsNull(10) ? null : NoNeeds,
    };

    public static IReadOnlyList<OwedLook> ReadOwedLooks(SqliteSession session, string jobId, int limit)
    {
        var select = session.Prepare(OwedLooks).Bind(1, jobId).Bind(2, limit);
        List<OwedLook> looks = [];
        while (select.Step())
        {
            looks.Add(new(select.Int32(0), select.Int64(1)));
        }

        select.Reset();
        return looks;
    }

    public static IReadOnlyList<OpenJob> ReadOpen(SqliteSession session, ScopedName queue, long afterSequence, int limit)
    {
        var select = session.Prepare(Open).Bind(1, queue.Key).Bind(2, afterSequence).Bind(3, limit);
        List<OpenJob> jobs = [];
        while (select.Step())
        {
            jobs.Add(new(select.Int64(0), select.Text(1), (JobStatus)select.Int32(2)));
        }

        select.Reset();
        return jobs;
    }

    public static IReadOnlyList<PlacedJob> ReadPlaced(SqliteSession session, string sql, string ofChildren, string key)
    {
        List<PlacedJob> jobs = [];
        Add(sql, AsStored);
        Add(ofChildren, AsPart);
        return jobs;

        void Add(string text, Func<Statement, PlacedJob> read)
        {
            var select = session.Prepare(text).Bind(1, key);
            while (select.Step())
            {
                jobs.Add(read(select));
            }

            select.Reset();
        }
    }

    private static PlacedJob AsStored(Statement select) => new(
        select.Text(0),
        ScopedName.Parse(select.Text(1)),
        ReadNeeds(select, 2),
        StoreJson.ReadState(select.Bytes(5)),
        select.IsNull(6) ? null : select.Text(6));

    private static PlacedJob AsPart(Statement select)
    {
        var (placed, isNode) = (AsStored(select), !select.IsNull(8));
        var part = placed with { JobId = JobPartIds.Part(placed.JobId, ChildKey.IndexOf(select.Int64(7)), isNode) };
        return isNode ? part with { Needs = ReadNeeds(select, 8), OfGang = placed.Needs } : part;
    }

    /// <summary>By leaps: one step of the index for each key, however many jobs it has.</summary>
    public static UnfinishedWork ReadKeys(SqliteSession session)
    {
        return new(
            [.. Names(NextQueue, QueueKey).Union(Names(NextQueueOfChildren, QueueKey)).Select(ScopedName.Parse)],
            [.. Texts(session, NextEnvironment).Union(Texts(session, NextEnvironmentOfChildren)).Select(ScopedName.Parse)],
            [.. Texts(session, NextNode).Union(Texts(session, NextNodeOfChildren))],
            [.. Names(NextDependent, JobId)],
            [.. Names(NextFullArray, JobId)]);

        IEnumerable<string> Names(string next, string nameOf) => Numbers(session, next).Select(id => Text(session.Prepare(nameOf).Bind(1, id))!);
    }

    private static IEnumerable<long> Numbers(SqliteSession session, string next)
    {
        for (var id = session.Prepare(next).Bind(1, 0).Number(); id is not null; id = session.Prepare(next).Bind(1, id).Number())
        {
            yield return id.Value;
        }
    }

    private static IEnumerable<string> Texts(SqliteSession session, string next)
    {
        for (var text = Text(session.Prepare(next).Bind(1, "")); text is not null; text = Text(session.Prepare(next).Bind(1, text)))
        {
            yield return text;
        }
    }

    private static string? Text(Statement select)
    {
        var text = select.Step() && !select.IsNull(0) ? select.Text(0) : null;
        select.Reset();
        return text;
    }

    private static ResourceNeeds ReadNeeds(Statement select, int column) => new()
    {
        VcpuMillis = select.Int64(column),
        MemoryMiB = select.Int64(column + 1),
        Gpus = select.Int32(column + 2),
    };
}
