using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>What queues, environments, nodes and the keeper read to rebuild themselves: by partial indexes that hold only live jobs.</summary>
internal static class UnfinishedJobs
{
    private const string OfQueue = "(SELECT id FROM queues WHERE key = $1)";

    private const string RunnableColumns = "j.job_id, j.vcpu_millis, j.memory_mib, j.gpus, j.share, j.priority, j.needs_consumables";

    private const string Runnable =
        $"""
        SELECT s.sequence, -1, s.has_reason, {RunnableColumns}, j.is_gang, a.size, a.node_vcpu_millis, a.node_memory_mib, a.node_gpus, a.instance_type
        FROM job_states s JOIN jobs j ON j.sequence = s.sequence LEFT JOIN arrays a ON a.sequence = s.sequence
        WHERE s.queue = {OfQueue} AND s.rank = $2 AND s.sequence > $3 ORDER BY s.sequence LIMIT $4
        """;

    private const string RunnableChildren =
        $"""
        SELECT c.parent, c.index, c.has_reason, {RunnableColumns}
        FROM array_children c JOIN jobs j ON j.sequence = c.parent
        WHERE c.queue = {OfQueue} AND c.rank = $2 AND (c.parent, c.index) > ($3, $4) ORDER BY c.parent, c.index LIMIT $5
        """;

    private const string Needs = "SELECT job, resource, quantity FROM consumable_needs WHERE job = ANY ($1)";

    private const string OwedLooks =
        "SELECT child, stamp FROM owed_looks WHERE dependent = (SELECT sequence FROM jobs WHERE job_id = $1) ORDER BY child LIMIT $2";

    private const string Open =
        $"""
        SELECT s.sequence, j.job_id, s.status FROM job_states s JOIN jobs j ON j.sequence = s.sequence
        WHERE s.open_queue = {OfQueue} AND s.sequence > $2 ORDER BY s.sequence LIMIT $3
        """;

    private const string PlacedColumns = "j.job_id, q.key, j.vcpu_millis, j.memory_mib, j.gpus, j.share";

    private const string Placed =
        $"SELECT {PlacedColumns}, s.state FROM job_states s JOIN jobs j ON j.sequence = s.sequence JOIN queues q ON q.id = s.queue WHERE ";

    private const string PlacedChildren =
        $"""
        SELECT {PlacedColumns}, c.state, c.index, a.node_vcpu_millis, a.node_memory_mib, a.node_gpus
        FROM array_children c JOIN jobs j ON j.sequence = c.parent JOIN arrays a ON a.sequence = c.parent JOIN queues q ON q.id = c.queue WHERE 
        """;

    /// <summary>Stands for needs that are still to be read.</summary>
    private static readonly IReadOnlyList<ConsumableNeed> NoNeeds = [];

    public static async Task<IReadOnlyList<RunnableJob>> ReadRunnableAsync(PostgresSession session, ScopedName queue, RunnableJob? after, int limit)
    {
        List<RunnableJob> jobs = [];
        for (var rank = after is null or { TriedBefore: true } ? 0 : 1; rank <= 1 && jobs.Count < limit; rank++)
        {
            var start = after is not null && after.TriedBefore == (rank == 0) ? after : null;
            jobs.AddRange(await ReadRankAsync(session, queue, rank, start, limit - jobs.Count));
        }

        var needs = await ReadNeedsAsync(session, jobs);
        return needs is null ? jobs : [.. jobs.Select(job => job.Consumables is null ? job : job with { Consumables = [.. needs[job.Sequence]] })];
    }

    public static async Task<IReadOnlyList<OwedLook>> ReadOwedLooksAsync(PostgresSession session, string jobId, int limit) =>
        await session.ListAsync(OwedLooks, reader => new OwedLook(reader.GetInt32(0), reader.GetInt64(1)), jobId, limit);

    public static async Task<IReadOnlyList<OpenJob>> ReadOpenAsync(PostgresSession session, ScopedName queue, long afterSequence, int limit) =>
        await session.ListAsync(
            Open, reader => new OpenJob(reader.GetInt64(0), reader.GetString(1), (JobStatus)reader.GetInt16(2)), queue.Key, afterSequence, limit);

    public static Task<IReadOnlyList<PlacedJob>> ReadPlacedInEnvironmentAsync(PostgresSession session, ScopedName environment) =>
        ReadPlacedAsync(session, "s.environment = $1", "c.environment = $1", environment.Key);

    public static Task<IReadOnlyList<PlacedJob>> ReadPlacedOnNodeAsync(PostgresSession session, string nodeId) =>
        ReadPlacedAsync(session, "s.node = $1", "c.node = $1", nodeId);

    /// <summary>By leaps: one step of the index for each key, however many jobs it has.</summary>
    public static async Task<UnfinishedWork> ReadKeysAsync(PostgresSession session)
    {
        // Both before they are put together: a connection does one thing at a time.
        var (queues, queuesOfChildren) = (await NamesAsync("queue", "job_states", "rank IS NOT NULL", "queues n ON n.id = k.key", "key", order: "queue, rank, sequence"),
            await NamesAsync("queue", "array_children", "rank IS NOT NULL", "queues n ON n.id = k.key", "key", order: "queue, rank, parent, index"));
        var (environments, environmentsOfChildren) = (await KeysAsync("environment", "job_states"), await KeysAsync("environment", "array_children"));
        var (nodes, nodesOfChildren) = (await KeysAsync("node", "job_states"), await KeysAsync("node", "array_children"));
        return new(
            [.. queues.Union(queuesOfChildren).Select(ScopedName.Parse)],
            [.. environments.Union(environmentsOfChildren).Select(ScopedName.Parse)],
            [.. nodes.Union(nodesOfChildren)],
            await NamesAsync("dependent", "owed_looks", "true", "jobs n ON n.sequence = k.key", "job_id"),
            await NamesAsync("sequence", "arrays", "is_owed", "jobs n ON n.sequence = k.key", "job_id"));

        Task<List<string>> NamesAsync(string column, string table, string which, string names, string name, string? order = null) =>
            session.ListAsync($"{Leap(column, table, which, order ?? column)} SELECT n.{name} FROM keys k JOIN {names}", reader => reader.GetString(0));

        Task<List<string>> KeysAsync(string column, string table) =>
            session.ListAsync($"{Leap(column, table, $"{column} IS NOT NULL", column)} SELECT key FROM keys WHERE key IS NOT NULL", reader => reader.GetString(0));
    }

    /// <param name="column">What is leapt over.</param>
    /// <param name="table">Its table.</param>
    /// <param name="which">The condition of the partial index.</param>
    /// <param name="order">All columns of the index: then no other has the order, and the planner no choice.</param>
    private static string Leap(string column, string table, string which, string order) =>
        $"""
        WITH RECURSIVE keys (key) AS (
            (SELECT {column} FROM {table} WHERE {which} ORDER BY {order} LIMIT 1)
            UNION ALL
            SELECT (SELECT {column} FROM {table} WHERE {which} AND {column} > keys.key ORDER BY {order} LIMIT 1) FROM keys WHERE keys.key IS NOT NULL
        )
        """;

    /// <summary>Two indexes have the order in part: what both give is merged.</summary>
    private static async Task<IEnumerable<RunnableJob>> ReadRankAsync(PostgresSession session, ScopedName queue, int rank, RunnableJob? after, int limit)
    {
        var jobs = await session.ListAsync(Runnable, reader => AsRunnable(reader, rank == 0), queue.Key, (short)rank, after?.Sequence ?? 0, limit);
        // A child comes after its array, which has the index -1.
        var children = await session.ListAsync(
            RunnableChildren, reader => AsRunnablePart(reader, rank == 0), queue.Key, (short)rank, after?.Sequence ?? 0, after?.Index ?? -1, limit);
        return children.Count == 0 ? jobs : jobs.Concat(children).OrderBy(job => job.Sequence).ThenBy(job => job.Index).Take(limit);
    }

    private static RunnableJob AsRunnable(NpgsqlDataReader reader, bool isTried)
    {
        var (isGang, size) = (reader.GetBoolean(10), reader.IsDBNull(11) ? 0 : reader.GetInt32(11));
        var job = AsRunnablePart(reader, isTried);
        return isGang
            ? job with { Gang = new(ReadNeeds(reader, 12), size, reader.IsDBNull(15) ? null : reader.GetString(15)) }
            : job with { ArraySize = size };
    }

    private static RunnableJob AsRunnablePart(NpgsqlDataReader reader, bool isTried)
    {
        var (sequence, index, jobId) = (reader.GetInt64(0), reader.GetInt32(1), reader.GetString(3));
        return new(sequence, index < 0 ? jobId : JobPartIds.Child(jobId, index), ReadNeeds(reader, 4), isTried, reader.GetBoolean(2), index)
        {
            Share = reader.IsDBNull(7) ? null : reader.GetString(7),
            Priority = reader.IsDBNull(8) ? 0 : reader.GetInt32(8),
            Consumables = reader.GetBoolean(9) ? NoNeeds : null,
        };
    }

    /// <summary>What the jobs take of consumable resources; null when none takes any.</summary>
    private static async Task<ILookup<long, ConsumableNeed>?> ReadNeedsAsync(PostgresSession session, List<RunnableJob> jobs)
    {
        long[] takers = [.. jobs.Where(job => job.Consumables is not null).Select(job => job.Sequence).Distinct()];
        return takers.Length == 0
            ? null
            : (await session.ListAsync(
                Needs,
                reader => (Job: reader.GetInt64(0), Need: new ConsumableNeed { ResourceName = ScopedName.Parse(reader.GetString(1)).Name, Quantity = reader.GetInt64(2) }),
                takers)).ToLookup(row => row.Job, row => row.Need);
    }

    private static async Task<IReadOnlyList<PlacedJob>> ReadPlacedAsync(PostgresSession session, string jobs, string children, string key) =>
        [.. await session.ListAsync(Placed + jobs, AsPlaced, key), .. await session.ListAsync(PlacedChildren + children, AsPlacedPart, key)];

    private static PlacedJob AsPlaced(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        ScopedName.Parse(reader.GetString(1)),
        ReadNeeds(reader, 2),
        JobReads.State(reader, 6),
        reader.IsDBNull(5) ? null : reader.GetString(5));

    private static PlacedJob AsPlacedPart(NpgsqlDataReader reader)
    {
        var (placed, isNode) = (AsPlaced(reader), !reader.IsDBNull(8));
        var part = placed with { JobId = JobPartIds.Part(placed.JobId, reader.GetInt32(7), isNode) };
        return isNode ? part with { Needs = ReadNeeds(reader, 8), OfGang = placed.Needs } : part;
    }

    private static ResourceNeeds ReadNeeds(NpgsqlDataReader reader, int column) => new()
    {
        VcpuMillis = reader.GetInt64(column),
        MemoryMiB = reader.GetInt64(column + 1),
        Gpus = reader.GetInt32(column + 2),
    };
}
