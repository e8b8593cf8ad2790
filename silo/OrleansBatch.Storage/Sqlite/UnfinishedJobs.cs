using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What queues, environments, nodes and the keeper read to rebuild themselves: by partial indexes that hold only live jobs.</summary>
internal static class UnfinishedJobs
{
    private const string Runnable =
        """
        SELECT j.sequence, j.job_id, j.vcpu_millis, j.memory_mib, j.gpus, j.rank, j.has_reason
        FROM jobs j INDEXED BY jobs_runnable
        WHERE j.queue = (SELECT id FROM queues WHERE key = ?1) AND j.rank = ?2 AND j.sequence > ?3
        ORDER BY j.sequence LIMIT ?4
        """;

    private const string Open =
        """
        SELECT j.sequence, j.job_id, j.status FROM jobs j INDEXED BY jobs_open
        WHERE j.open_queue = (SELECT id FROM queues WHERE key = ?1) AND j.sequence > ?2
        ORDER BY j.sequence LIMIT ?3
        """;

    public const string InEnvironment = Placed + " INDEXED BY jobs_by_environment JOIN queues q ON q.id = j.queue WHERE j.environment = ?1";
    public const string OnNode = Placed + " INDEXED BY jobs_by_node JOIN queues q ON q.id = j.queue WHERE j.node = ?1";

    private const string NextQueue = "SELECT min(queue) FROM jobs INDEXED BY jobs_runnable WHERE rank IS NOT NULL AND queue > ?1";
    private const string NextEnvironment = "SELECT min(environment) FROM jobs INDEXED BY jobs_by_environment WHERE environment > ?1";
    private const string NextNode = "SELECT min(node) FROM jobs INDEXED BY jobs_by_node WHERE node > ?1";
    private const string QueueKey = "SELECT key FROM queues WHERE id = ?1";

    private const string Placed = "SELECT j.job_id, q.key, j.vcpu_millis, j.memory_mib, j.gpus, j.state FROM jobs j";

    public static IReadOnlyList<RunnableJob> ReadRunnable(SqliteSession session, ScopedName queue, RunnableJob? after, int limit)
    {
        List<RunnableJob> jobs = [];
        for (var rank = after is null or { TriedBefore: true } ? 0 : 1; rank <= 1 && jobs.Count < limit; rank++)
        {
            var isOn = after is not null && after.TriedBefore == (rank == 0);
            var select = session.Prepare(Runnable)
                .Bind(1, queue.Key)
                .Bind(2, rank)
                .Bind(3, isOn ? after!.Sequence : 0)
                .Bind(4, limit - jobs.Count);
            while (select.Step())
            {
                jobs.Add(new(select.Int64(0), select.Text(1), ReadNeeds(select, 2), TriedBefore: rank == 0, select.Int64(6) != 0));
            }

            select.Reset();
        }

        return jobs;
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

    public static IReadOnlyList<PlacedJob> ReadPlaced(SqliteSession session, string sql, string key)
    {
        var select = session.Prepare(sql).Bind(1, key);
        List<PlacedJob> jobs = [];
        while (select.Step())
        {
            jobs.Add(new(select.Text(0), ScopedName.Parse(select.Text(1)), ReadNeeds(select, 2), StoreJson.ReadState(select.Bytes(5))));
        }

        select.Reset();
        return jobs;
    }

    /// <summary>By leaps: one step of the index for each key, however many jobs it has.</summary>
    public static UnfinishedWork ReadKeys(SqliteSession session)
    {
        List<ScopedName> queues = [];
        for (var id = session.Prepare(NextQueue).Bind(1, 0).Number(); id is not null; id = session.Prepare(NextQueue).Bind(1, id).Number())
        {
            queues.Add(ScopedName.Parse(Text(session.Prepare(QueueKey).Bind(1, id))!));
        }

        return new(queues, [.. Texts(session, NextEnvironment).Select(ScopedName.Parse)], [.. Texts(session, NextNode)]);
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
