using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>What a transaction is to write: each row once, as it is at the end, in as few statements as there are tables.</summary>
internal sealed class PendingRows(LoadedRows loaded)
{
    private readonly Dictionary<long, PendingState> _states = [];
    private readonly Dictionary<(long Parent, int Index), PendingPart> _parts = [];
    private readonly List<(PreparedInsert Job, JobRow Row)> _inserts = [];

    public Dictionary<string, long> Epochs { get; } = new(StringComparer.Ordinal);

    public List<InvocationRecord> Invocations { get; } = [];

    public List<LogStreamRow> LogStreams { get; } = [];

    public List<PreparedHost> Hosts { get; } = [];

    public List<(int Queue, ShareUse Use)> Uses { get; } = [];

    public Dictionary<long, GangNeeds?> NewArrays { get; } = [];

    public HashSet<long> ChangedArrays { get; } = [];

    public HashSet<(long Job, int Child, long Dependent)> NewWaits { get; } = [];

    public HashSet<(long Job, int Child)> DeletedWaits { get; } = [];

    public Dictionary<(long Dependent, int Look), long> Owed { get; } = [];

    public List<(long Dependent, int Look, long Stamp)> Looked { get; } = [];

    public Dictionary<string, long> Taken { get; } = new(StringComparer.Ordinal);

    public HashSet<(long Job, int Child)> ChangedClaims { get; } = [];

    public Dictionary<(long Job, string Resource), (long Quantity, bool IsOpen)> Needs { get; } = [];

    public HashSet<long> ClosedNeeds { get; } = [];

    public List<PendingEvent> Events { get; } = [];

    /// <summary>What belongs to no step of a job, in its order.</summary>
    public List<PlainStatement> Plain { get; } = [];

    /// <summary>A new job.</summary>
    public void Insert(PreparedInsert job, JobRow row)
    {
        _inserts.Add((job, row));
        _states.Add(row.Sequence, new(row, job.StateJson, job.State.StatusReason is not null, job));
    }

    /// <summary>A job's new state.</summary>
    public void Update(JobRow row, byte[] state, bool hasReason) =>
        _states[row.Sequence] = new(row, state, hasReason, _states.GetValueOrDefault(row.Sequence)?.Insert);

    /// <summary>A child's or node's new state.</summary>
    public void Part(JobRow row, byte[] state, bool hasReason, bool isNew, long shared)
    {
        var before = _parts.GetValueOrDefault((row.Sequence, row.Index));
        _parts[(row.Sequence, row.Index)] = new(row, state, hasReason, before?.IsNew ?? isNew, before?.Shared ?? shared);
    }

    /// <summary>After the commit: jobs that were inserted and are to begin their first attempt may be wanted soon, those that have gone on are not.</summary>
    public void Tell(RecentInserts recent)
    {
        foreach (var (row, _, _, insert) in _states.Values)
        {
            if (insert is null)
            {
                recent.Remove(loaded.JobIds[row.Sequence]);
            }
            else if (row is { Status: JobStatus.Runnable, Size: 0, Version: 1 })
            {
                recent.Add(insert, row);
            }
        }
    }

    /// <summary>Adds the statements that write it all.</summary>
    public void AddTo(StatementBatch batch)
    {
        AddJobs(batch);
        AddParts(batch);
        AddArrays(batch);
        AddWaits(batch);
        AddConsumables(batch);
        AddEvents(batch);
        AddEnds(batch);
        AddCalls(batch);
        Plain.ForEach(statement => batch.Add(statement.Text, statement.Parameters));
    }

    private void AddJobs(StatementBatch batch)
    {
        batch.Add(
            """
            INSERT INTO jobs (sequence, queue, created_at, vcpu_millis, memory_mib, gpus, definition_revision, priority, parts, is_gang, needs_consumables,
                job_id, name, name_folded, definition_name, share, spec)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """,
            _inserts)
            .Column(one => one.Row.Sequence)
            .Column(one => (int)one.Row.Queue)
            .Column(one => one.Job.CreatedAt.ToUnixTimeMilliseconds())
            .Column(one => one.Job.Spec.Needs.VcpuMillis)
            .Column(one => one.Job.Spec.Needs.MemoryMiB)
            .Column(one => one.Job.Spec.Needs.Gpus)
            .Column(one => one.Job.Spec.DefinitionRevision)
            .Column(one => one.Job.Spec.SchedulingPriority)
            .Column(one => one.Row.Size == 0 ? (int?)null : one.Row.Size)
            .Column(one => one.Row.IsGang)
            .Column(one => one.Row.NeedsConsumables)
            .Column(one => one.Job.JobId)
            .Column(one => one.Job.Spec.JobName)
            .Column(one => one.Job.FoldedName)
            .Column(one => one.Job.Spec.DefinitionName)
            .Column(one => one.Job.Spec.ShareIdentifier)
            .Column(one => one.Job.SpecJson);
        batch.Add(
            """
            INSERT INTO job_states (sequence, version, queue, created_at, status, rank, has_reason, open_queue, last_event, last_number, environment, node, share, state)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            _states.Values.Where(one => one.Insert is not null))
            .Column(one => one.Row.Sequence)
            .Column(one => one.Row.Version)
            .Column(one => (int)one.Row.Queue)
            .Column(one => one.Insert!.CreatedAt.ToUnixTimeMilliseconds())
            .Column(one => (short)one.Row.Status)
            .Column(one => (short?)one.Row.Rank)
            .Column(one => one.HasReason)
            .Column(one => (int?)one.Row.OpenQueue)
            .Column(one => one.Row.LastEvent.Id)
            .Column(one => one.Row.LastEvent.Number)
            .Column(one => one.Row.Environment)
            .Column(one => one.Row.Node)
            .Column(one => one.Insert!.Spec.ShareIdentifier)
            .Column(one => one.Json);
        batch.Add(
            """
            UPDATE job_states s SET version = u.version, status = u.status, rank = u.rank, has_reason = u.has_reason, open_queue = u.open_queue,
                last_event = u.last_event, last_number = u.last_number, environment = u.environment, node = u.node, state = u.state
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS u (sequence, version, status, rank, has_reason, open_queue, last_event, last_number, environment, node, state)
            WHERE s.sequence = u.sequence
            """,
            _states.Values.Where(one => one.Insert is null))
            .Column(one => one.Row.Sequence)
            .Column(one => one.Row.Version)
            .Column(one => (short)one.Row.Status)
            .Column(one => (short?)one.Row.Rank)
            .Column(one => one.HasReason)
            .Column(one => (int?)one.Row.OpenQueue)
            .Column(one => one.Row.LastEvent.Id)
            .Column(one => one.Row.LastEvent.Number)
            .Column(one => one.Row.Environment)
            .Column(one => one.Row.Node)
            .Column(one => one.Json);
    }

    private void AddParts(StatementBatch batch)
    {
        batch.Add(
            """
            INSERT INTO array_children (parent, index, version, queue, status, rank, has_reason, last_event, last_number, shared_event, environment, node, state)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            _parts.Values.Where(part => part.IsNew))
            .Column(part => part.Row.Sequence)
            .Column(part => part.Row.Index)
            .Column(part => part.Row.Version)
            .Column(part => (int)part.Row.Queue)
            .Column(part => (short)part.Row.Status)
            .Column(part => (short?)part.Row.Rank)
            .Column(part => part.HasReason)
            .Column(part => part.Row.LastEvent.Id)
            .Column(part => part.Row.LastEvent.Number)
            .Column(part => part.Shared)
            .Column(part => part.Row.Environment)
            .Column(part => part.Row.Node)
            .Column(part => part.Json);
        batch.Add(
            """
            UPDATE array_children c SET version = u.version, status = u.status, rank = u.rank, has_reason = u.has_reason,
                last_event = u.last_event, last_number = u.last_number, environment = u.environment, node = u.node, state = u.state
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS u (parent, index, version, status, rank, has_reason, last_event, last_number, environment, node, state)
            WHERE c.parent = u.parent AND c.index = u.index
            """,
            _parts.Values.Where(part => !part.IsNew))
            .Column(part => part.Row.Sequence)
            .Column(part => part.Row.Index)
            .Column(part => part.Row.Version)
            .Column(part => (short)part.Row.Status)
            .Column(part => (short?)part.Row.Rank)
            .Column(part => part.HasReason)
            .Column(part => part.Row.LastEvent.Id)
            .Column(part => part.Row.LastEvent.Number)
            .Column(part => part.Row.Environment)
            .Column(part => part.Row.Node)
            .Column(part => part.Json);
    }

    private void AddArrays(StatementBatch batch)
    {
        batch.Add(
            """
            INSERT INTO arrays (sequence, size, written, unwritten, submitted, pending, runnable, starting, running, succeeded, failed,
                updated_at, first_started_at, last_stopped_at, is_owed, last_event, last_number, node_vcpu_millis, node_memory_mib, node_gpus, instance_type)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
            """,
            NewArrays.Select(array => (Sequence: array.Key, Row: loaded.Arrays[array.Key], Gang: array.Value)))
            .Column(array => array.Sequence)
            .Column(array => array.Row.Size)
            .Progress(array => array.Row)
            .Column(array => array.Gang?.PerNode.VcpuMillis)
            .Column(array => array.Gang?.PerNode.MemoryMiB)
            .Column(array => array.Gang?.PerNode.Gpus)
            .Column(array => array.Gang?.InstanceType);
        batch.Add(
            """
            UPDATE arrays a SET written = u.written, unwritten = u.unwritten, submitted = u.submitted, pending = u.pending, runnable = u.runnable, starting = u.starting,
                running = u.running, succeeded = u.succeeded, failed = u.failed, updated_at = u.updated_at, first_started_at = u.first_started_at,
                last_stopped_at = u.last_stopped_at, is_owed = u.is_owed, last_event = u.last_event, last_number = u.last_number
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS u (sequence, written, unwritten, submitted, pending, runnable, starting,
                running, succeeded, failed, updated_at, first_started_at, last_stopped_at, is_owed, last_event, last_number)
            WHERE a.sequence = u.sequence
            """,
            ChangedArrays.Where(sequence => !NewArrays.ContainsKey(sequence)).Select(sequence => (Sequence: sequence, Row: loaded.Arrays[sequence])))
            .Column(array => array.Sequence)
            .Progress(array => array.Row);
    }

    private void AddWaits(StatementBatch batch)
    {
        batch.Add(
            "DELETE FROM waits w USING unnest($1, $2) AS u (job, child) WHERE w.job = u.job AND w.child = u.child",
            DeletedWaits)
            .Column(wait => wait.Job)
            .Column(wait => wait.Child);
        batch.Add(
            "INSERT INTO waits (job, child, dependent) SELECT * FROM unnest($1, $2, $3)",
            NewWaits)
            .Column(wait => wait.Job)
            .Column(wait => wait.Child)
            .Column(wait => wait.Dependent);
        batch.Add(
            "DELETE FROM owed_looks o USING unnest($1, $2, $3) AS u (dependent, child, stamp) WHERE o.dependent = u.dependent AND o.child = u.child AND o.stamp = u.stamp",
            Looked)
            .Column(look => look.Dependent)
            .Column(look => look.Look)
            .Column(look => look.Stamp);
        batch.Add(
            "INSERT INTO owed_looks (dependent, child, stamp) SELECT * FROM unnest($1, $2, $3) ON CONFLICT (dependent, child) DO UPDATE SET stamp = excluded.stamp",
            Owed)
            .Column(look => look.Key.Dependent)
            .Column(look => look.Key.Look)
            .Column(look => look.Value);
    }

    private void AddConsumables(StatementBatch batch)
    {
        batch.Add(
            "INSERT INTO consumable_taken AS t (key, quantity) SELECT * FROM unnest($1, $2) ON CONFLICT (key) DO UPDATE SET quantity = t.quantity + excluded.quantity",
            Taken)
            .Column(taken => taken.Key)
            .Column(taken => taken.Value);
        batch.Add(
            "DELETE FROM consumable_claims c USING unnest($1, $2) AS u (job, child) WHERE c.job = u.job AND c.child = u.child",
            ChangedClaims)
            .Column(claim => claim.Job)
            .Column(claim => claim.Child);
        batch.Add(
            "INSERT INTO consumable_claims (job, child, key, quantity, is_replenishable) SELECT * FROM unnest($1, $2, $3, $4, $5)",
            ChangedClaims.SelectMany(of => loaded.Claims.TryGetValue(of, out var claims) ? claims.Select(claim => (of.Job, of.Child, Claim: claim)) : []))
            .Column(one => one.Job)
            .Column(one => one.Child)
            .Column(one => one.Claim.Key)
            .Column(one => one.Claim.Quantity)
            .Column(one => one.Claim.IsReplenishable);
        batch.Add(
            "INSERT INTO consumable_needs (job, resource, quantity, is_open) SELECT * FROM unnest($1, $2, $3, $4)",
            Needs)
            .Column(need => need.Key.Job)
            .Column(need => need.Key.Resource)
            .Column(need => need.Value.Quantity)
            .Column(need => need.Value.IsOpen);
        batch.Add(
            "UPDATE consumable_needs SET is_open = false WHERE job = ANY ($1)",
            ClosedNeeds)
            .Column(job => job);
    }

    private void AddEvents(StatementBatch batch) => batch.Add(
            "INSERT INTO job_events (id, job, child, number, previous, at, what, attempts, reason) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            Events)
            .Column(one => one.Mark.Id)
            .Column(one => one.Job)
            .Column(one => one.Child == EventBook.OfJob ? (int?)null : one.Child)
            .Column(one => one.Mark.Number)
            .Column(one => one.Previous)
            .Column(one => one.Change.At.ToUnixTimeMilliseconds())
            .Column(one => EventBits.Of(one.Change))
            .Column(one => one.Change.Attempts)
            .Column(one => one.Change.StatusReason is { } reason ? System.Text.Encoding.UTF8.GetBytes(reason) : null);

    private void AddEnds(StatementBatch batch)
    {
        batch.Add(
            "INSERT INTO log_streams (log_group, ended_at, created_at, name) SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            LogStreams)
            .Column(stream => loaded.LogGroups[stream.Group])
            .Column(stream => stream.EndedAt!.Value.ToUnixTimeMilliseconds())
            .Column(stream => stream.CreatedAt.ToUnixTimeMilliseconds())
            .Column(stream => stream.Stream);
        batch.Add(
            "INSERT INTO share_use (queue, ended_at, started_at, vcpu_millis, share) SELECT * FROM unnest($1, $2, $3, $4, $5)",
            Uses)
            .Column(one => one.Queue)
            .Column(one => one.Use.To.ToUnixTimeMilliseconds())
            .Column(one => one.Use.From.ToUnixTimeMilliseconds())
            .Column(one => one.Use.VcpuMillis)
            .Column(one => one.Use.Share);
        HostStatements.Add(batch, Hosts);
    }

    private void AddCalls(StatementBatch batch)
    {
        batch.Add(
            "INSERT INTO invocations (key, at, answer) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING",
            Invocations)
            .Column(call => call.Key)
            .Column(call => call.At.ToUnixTimeMilliseconds())
            .Column(call => call.Answer);
        batch.Add(
            "INSERT INTO epochs (key, epoch) SELECT * FROM unnest($1, $2) ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch",
            Epochs)
            .Column(epoch => epoch.Key)
            .Column(epoch => epoch.Value);
    }

    private sealed record PendingState(JobRow Row, byte[] Json, bool HasReason, PreparedInsert? Insert);

    private sealed record PendingPart(JobRow Row, byte[] Json, bool HasReason, bool IsNew, long Shared);
}

/// <summary>An event to write.</summary>
internal sealed record PendingEvent(long Job, int Child, EventMark Mark, long Previous, JobChange Change);

/// <summary>The columns that a new array and a changed one have in common, in their order.</summary>
internal static class ArrayColumns
{
    public static RowStatement<T> Progress<T>(this RowStatement<T> statement, Func<T, ArrayRow> row)
    {
        statement = statement
            .Column(one => row(one).Written)
            .Column(one => (short)row(one).Unwritten);
        for (var status = 0; status < ArrayRow.Statuses; status++)
        {
            var counted = status;
            statement = statement.Column(one => row(one).Counts[counted]);
        }

        return statement
            .Column(one => row(one).UpdatedAt)
            .Column(one => row(one).FirstStartedAt)
            .Column(one => row(one).LastStoppedAt)
            .Column(one => row(one).IsOwed)
            .Column(one => row(one).LastEvent.Id)
            .Column(one => row(one).LastEvent.Number);
    }
}
