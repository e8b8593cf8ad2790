using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Reads jobs by their ids, children and nodes among them.</summary>
internal static class JobReads
{
    /// <summary>An array's counts, as <see cref="Counts"/> reads them.</summary>
    public const string CountColumns = "a.size, a.updated_at, a.first_started_at, a.last_stopped_at, a.submitted, a.pending, a.runnable, a.starting, a.running, a.succeeded, a.failed";

    private const string Columns = "SELECT j.sequence, q.key, s.version, j.created_at, s.state, j.spec, j.job_id, " + CountColumns;

    private const string From =
        " FROM jobs j JOIN job_states s ON s.sequence = j.sequence JOIN queues q ON q.id = j.queue LEFT JOIN arrays a ON a.sequence = j.sequence ";

    private const string ByIds = Columns + From + "WHERE j.job_id = ANY ($1)";

    private const string BySequences = Columns + From + "WHERE j.sequence = ANY ($1)";

    private const string Parts =
        """
        SELECT j.job_id, c.index, c.version, c.state
        FROM unnest($1::text[], $2::integer[]) AS u (job_id, index) JOIN jobs j ON j.job_id = u.job_id JOIN array_children c ON c.parent = j.sequence AND c.index = u.index
        """;

    /// <summary>One job; null when there is none.</summary>
    public static async Task<JobRecord?> ReadAsync(PostgresSession session, string jobId) => (await ReadAsync(session, [jobId])).GetValueOrDefault(jobId);

    /// <summary>Those that there are, by id.</summary>
    public static async Task<Dictionary<string, JobRecord>> ReadAsync(PostgresSession session, IReadOnlyCollection<string> jobIds)
    {
        var found = new Dictionary<string, JobRecord>(jobIds.Count, StringComparer.Ordinal);
        HashSet<string> wholes = new(StringComparer.Ordinal);
        List<(string JobId, string Parent, int Index, bool IsNode)> parts = [];
        foreach (var jobId in jobIds)
        {
            if (JobPartIds.TryParsePart(jobId, out var parent, out var index, out var isNode))
            {
                parts.Add((jobId, parent, index, isNode));
                _ = wholes.Add(parent);
            }
            else
            {
                _ = wholes.Add(jobId);
            }
        }

        if (wholes.Count == 0)
        {
            return found;
        }

        Dictionary<string, JobRecord> jobs = new(StringComparer.Ordinal);
        Dictionary<(string, int), PartState> rows = [];
        object ids = Texts(wholes);
        if (parts.Count == 0)
        {
            _ = await session.ListAsync(ByIds, reader => jobs[reader.GetString(6)] = Record(reader), ids);
        }
        else
        {
            // The parents first: a child that is read later is never older than its parent.
            await session.ListAsync(
                new(ByIds, reader => jobs[reader.GetString(6)] = Record(reader), ids),
                new(
                    Parts,
                    reader => rows[(reader.GetString(0), reader.GetInt32(1))] = PartState.Read(reader, 2),
                    Texts(parts.Select(part => part.Parent)),
                    parts.Select(part => part.Index).ToArray()));
        }

        foreach (var jobId in jobIds)
        {
            if (jobs.TryGetValue(jobId, out var job))
            {
                found[jobId] = job;
            }
        }

        foreach (var (jobId, parentId, index, isNode) in parts)
        {
            if (jobs.TryGetValue(parentId, out var parent)
                && (parent.Spec.Nodes is not null) == isNode
                && ChildReads.Of(parent, index, rows.GetValueOrDefault((parentId, index))) is { } part)
            {
                found[jobId] = part;
            }
        }

        return found;
    }

    /// <summary>Jobs by their sequences.</summary>
    public static async Task<Dictionary<long, JobRecord>> ReadAsync(PostgresSession session, long[] sequences) => sequences.Length == 0
        ? []
        : (await session.ListAsync(BySequences, Record, sequences)).ToDictionary(job => job.Sequence);

    /// <summary>Reads an array's counts from <see cref="CountColumns"/>; null of a job that is none.</summary>
    public static ArrayCounts? Counts(NpgsqlDataReader reader, int column) => reader.IsDBNull(column)
        ? null
        : new()
        {
            UpdatedAt = Time(reader.GetInt64(column + 1)),
            FirstStartedAt = reader.IsDBNull(column + 2) ? null : Time(reader.GetInt64(column + 2)),
            LastStoppedAt = reader.IsDBNull(column + 3) ? null : Time(reader.GetInt64(column + 3)),
            ByStatus = [.. Enumerable.Range(column + 4, 7).Select(reader.GetInt32)],
        };

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static JobState State(NpgsqlDataReader reader, int column) => StoreJson.ReadState(reader.GetFieldValue<byte[]>(column));

    private static JobRecord Record(NpgsqlDataReader reader) => new()
    {
        JobId = reader.GetString(6),
        Scope = ScopedName.Parse(reader.GetString(1)).Scope,
        Sequence = reader.GetInt64(0),
        Version = reader.GetInt64(2),
        CreatedAt = Time(reader.GetInt64(3)),
        Spec = StoreJson.ReadSpec(reader.GetFieldValue<byte[]>(5)),
        State = State(reader, 4),
        Children = Counts(reader, 7),
    };

    private static string[] Texts(IEnumerable<string> texts) => [.. texts.Select(PostgresText.ToFind)];
}
