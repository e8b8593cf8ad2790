using Npgsql;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Reads what a batch of steps looks at: in one round trip, and in a second one what follows from the first and is seldom wanted.</summary>
internal sealed class RowLoader(NpgsqlConnection connection, KnownNames names, StepKeys keys)
{
    /// <summary>Whoever holds this row writes jobs; the others wait.</summary>
    private const string Lock = "SELECT last_sequence, last_event FROM counters WHERE id = 1 FOR UPDATE";

    // Behind the lock, for a statement sees what was committed when it began.
    private const string AnyWaits = "SELECT EXISTS (SELECT FROM waits)";

    private const string Jobs =
        """
        SELECT j.job_id, j.sequence, j.queue, q.key, s.version, s.status, s.rank, s.environment, s.node, s.last_event, s.last_number, j.parts, j.is_gang, j.needs_consumables,
            a.written, a.unwritten, a.submitted, a.pending, a.runnable, a.starting, a.running, a.succeeded, a.failed,
            a.updated_at, a.first_started_at, a.last_stopped_at, a.is_owed, a.last_event, a.last_number
        FROM jobs j JOIN job_states s ON s.sequence = j.sequence JOIN queues q ON q.id = j.queue LEFT JOIN arrays a ON a.sequence = j.sequence
        WHERE j.job_id = ANY ($1)
        """;

    private const string Parts =
        """
        SELECT c.parent, c.index, c.version, c.status, c.rank, c.environment, c.node, c.last_event, c.last_number
        FROM unnest($1, $2) AS u (job_id, index) JOIN jobs j ON j.job_id = u.job_id JOIN array_children c ON c.parent = j.sequence AND c.index = u.index
        """;

    private const string Swept =
        """
        SELECT c.parent, c.index, c.version, c.status, c.rank, c.environment, c.node, c.last_event, c.last_number, c.state
        FROM unnest($1, $2) AS u (job_id, status) JOIN jobs j ON j.job_id = u.job_id JOIN array_children c ON c.parent = j.sequence AND c.status = u.status
        """;

    private const string Waits =
        "SELECT w.job, w.child, w.dependent, d.job_id FROM waits w JOIN jobs d ON d.sequence = w.dependent WHERE w.job = ANY ($1)";

    private const string Claims = "SELECT job, child, key, quantity, is_replenishable FROM consumable_claims WHERE job = ANY ($1)";

    private const string Revisions =
        """
        SELECT d.scope, d.name, d.revision, d.is_active
        FROM unnest($1, $2, $3) AS u (scope, name, revision) JOIN job_definitions d ON d.scope = u.scope AND d.name = u.name AND d.revision = u.revision
        """;

    private const string NewQueues = "INSERT INTO queues (key) SELECT unnest($1) ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id, key";

    private const string NewLogGroups =
        "INSERT INTO log_groups (key, created_at) SELECT * FROM unnest($1, $2) ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id, key";

    public LoadedRows Rows { get; } = new();

    /// <summary>Begins the transaction, takes the lock, and reads.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var batch = new ReadBatch();
        batch.Add("BEGIN");
        batch.Add(Lock, ReadCounters);
        batch.Add(AnyWaits, reader => Rows.AnyWaits = reader.GetBoolean(0));
        batch.Add(Jobs, keys.Jobs, ReadJob).Column(jobId => jobId);
        batch.Add(Parts, keys.Parts, ReadPart).Column(part => part.Parent).Column(part => part.Index);
        batch.Add(Swept, keys.Swept, ReadPart).Column(swept => swept.Parent).Column(swept => (short)swept.Status);
        batch.Add("SELECT key, epoch FROM epochs WHERE key = ANY ($1)", keys.Epochs, reader => Rows.Epochs[reader.GetString(0)] = reader.GetInt64(1)).Column(key => key);
        batch.Add("SELECT key, answer FROM invocations WHERE key = ANY ($1)", keys.Invocations, reader => Rows.Invocations[reader.GetString(0)] = reader.GetString(1)).Column(key => key);
        batch.Add("SELECT key, quantity FROM consumable_taken WHERE key = ANY ($1)", keys.Taken, reader => Rows.Taken[reader.GetString(0)] = reader.GetInt64(1)).Column(key => key);
        batch.Add(Revisions, keys.Revisions, reader => Rows.Revisions[new(reader.GetString(0), reader.GetString(1), reader.GetInt32(2))] = reader.GetBoolean(3))
            .Column(key => key.Scope)
            .Column(key => key.Name)
            .Column(key => key.Revision);
        await batch.ExecuteAsync(connection, cancellationToken);
        await LoadMoreAsync(cancellationToken);
    }

    private async Task LoadMoreAsync(CancellationToken cancellationToken)
    {
        var batch = new ReadBatch();
        ScopedName[] newQueues = [.. keys.Queues.Where(queue => !Know(queue, names.Queues, Rows.Queues))];
        var newGroups = keys.LogGroups.Where(group => !Know(group.Key, names.LogGroups, Rows.LogGroups)).ToArray();
        batch.Add(NewQueues, newQueues, reader => Rows.Queues[ScopedName.Parse(reader.GetString(1))] = reader.GetInt32(0)).Column(queue => queue.Key);
        batch.Add(NewLogGroups, newGroups, reader => Rows.LogGroups[ScopedName.Parse(reader.GetString(1))] = reader.GetInt32(0))
            .Column(group => group.Key.Key)
            .Column(group => group.Value.ToUnixTimeMilliseconds());
        long[] ending = Rows.AnyWaits ? [.. keys.Ending.Select(jobId => Rows.Jobs.GetValueOrDefault(jobId)?.Sequence).OfType<long>()] : [];
        batch.Add(Waits, ending, ReadWait).Column(job => job);
        long[] taking = [.. Rows.Jobs.Values.Where(job => job.NeedsConsumables).Select(job => job.Sequence)];
        batch.Add(Claims, taking, ReadClaim).Column(job => job);
        if (!batch.IsEmpty)
        {
            await batch.ExecuteAsync(connection, cancellationToken);
        }
    }

    private static bool Know(ScopedName name, Dictionary<ScopedName, int> known, Dictionary<ScopedName, int> rows)
    {
        if (known.TryGetValue(name, out var id))
        {
            rows[name] = id;
            return true;
        }

        return false;
    }

    private void ReadCounters(NpgsqlDataReader reader) => (Rows.LastSequence, Rows.LastEvent) = (reader.GetInt64(0), reader.GetInt64(1));

    private void ReadJob(NpgsqlDataReader reader)
    {
        var sequence = reader.GetInt64(1);
        var size = reader.IsDBNull(11) ? 0 : reader.GetInt32(11);
        var job = new JobRow(
            sequence,
            reader.GetInt32(2),
            ScopedName.Parse(reader.GetString(3)).Scope,
            reader.GetInt64(4),
            (JobStatus)reader.GetInt16(5),
            reader.IsDBNull(6) ? null : reader.GetInt16(6),
            reader.IsDBNull(7) ? null : reader.GetString(7),
            reader.IsDBNull(8) ? null : reader.GetString(8))
        {
            LastEvent = new(reader.GetInt64(9), reader.GetInt32(10)),
            Size = size,
            IsGang = reader.GetBoolean(12),
            NeedsConsumables = reader.GetBoolean(13),
        };
        if (size > 0)
        {
            var array = ReadArray(reader, size, 14);
            Rows.Arrays[sequence] = array;
            job = job with { Unwritten = array.Unwritten, UnwrittenEvent = array.LastEvent };
        }

        Rows.Jobs[reader.GetString(0)] = job;
        Rows.JobIds[sequence] = reader.GetString(0);
    }

    private static ArrayRow ReadArray(NpgsqlDataReader reader, int size, int column)
    {
        var array = new ArrayRow(size)
        {
            Written = reader.GetInt32(column),
            Unwritten = (JobStatus)reader.GetInt16(column + 1),
            UpdatedAt = reader.GetInt64(column + 9),
            FirstStartedAt = reader.IsDBNull(column + 10) ? null : reader.GetInt64(column + 10),
            LastStoppedAt = reader.IsDBNull(column + 11) ? null : reader.GetInt64(column + 11),
            IsOwed = reader.GetBoolean(column + 12),
            LastEvent = new(reader.GetInt64(column + 13), reader.GetInt32(column + 14)),
        };
        for (var status = 0; status < array.Counts.Length; status++)
        {
            array.Counts[status] = reader.GetInt32(column + 2 + status);
        }

        return array;
    }

    private void ReadPart(NpgsqlDataReader reader) => Rows.Parts[(reader.GetInt64(0), reader.GetInt32(1))] = new(
        reader.GetInt64(2),
        (JobStatus)reader.GetInt16(3),
        reader.IsDBNull(4) ? null : reader.GetInt16(4),
        reader.IsDBNull(5) ? null : reader.GetString(5),
        reader.IsDBNull(6) ? null : reader.GetString(6),
        new(reader.GetInt64(7), reader.GetInt32(8)),
        reader.FieldCount > 9 ? StoreJson.ReadState(reader.GetFieldValue<byte[]>(9)) : null);

    private void ReadWait(NpgsqlDataReader reader)
    {
        var (job, child, dependent) = (reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2));
        if (!Rows.Waits.TryGetValue(job, out var waits))
        {
            Rows.Waits.Add(job, waits = []);
        }

        if (!waits.TryGetValue(child, out var dependents))
        {
            waits.Add(child, dependents = []);
        }

        dependents.Add(dependent);
        Rows.JobIds[dependent] = reader.GetString(3);
    }

    private void ReadClaim(NpgsqlDataReader reader)
    {
        var key = (reader.GetInt64(0), reader.GetInt32(1));
        if (!Rows.Claims.TryGetValue(key, out var claims))
        {
            Rows.Claims.Add(key, claims = []);
        }

        claims.Add((reader.GetString(2), reader.GetInt64(3), reader.GetBoolean(4)));
    }
}

/// <summary>Numbers that stand for names, and never change.</summary>
internal sealed class KnownNames
{
    public Dictionary<ScopedName, int> Queues { get; } = [];

    public Dictionary<ScopedName, int> LogGroups { get; } = [];

    /// <summary>After a commit: what it has read or given is known.</summary>
    public void Learn(LoadedRows rows)
    {
        foreach (var (queue, id) in rows.Queues)
        {
            Queues[queue] = id;
        }

        foreach (var (group, id) in rows.LogGroups)
        {
            LogGroups[group] = id;
        }
    }
}
