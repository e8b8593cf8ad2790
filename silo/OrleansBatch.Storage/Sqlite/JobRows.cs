using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Writes the rows of jobs: single ones, arrays and their children.</summary>
internal sealed class JobRows(SqliteSession session, QueueRows queues, ArrayRows arrays, WaitRows waits, ConsumableRows consumables, EventRows events, RecentJobs recent)
{
    private const int MostArraysKept = 1_000;

    /// <summary>Text of an update by what changes, made when first needed.</summary>
    private static readonly string?[] Updates = new string?[1 << 4];

    private static readonly string?[] ChildUpdates = new string?[1 << 4];

    private const string Select =
        """
        SELECT j.sequence, j.queue, q.key, j.version, j.status, j.rank, j.environment, j.node, a.size, a.unwritten, j.needs_consumables,
            e.id, e.number, u.id, u.number, a.node_vcpu_millis
        FROM jobs j JOIN queues q ON q.id = j.queue LEFT JOIN arrays a ON a.sequence = j.sequence
            LEFT JOIN job_events e ON e.id = j.last_event LEFT JOIN job_events u ON u.id = a.last_event
        WHERE j.job_id = ?1
        """;

    private const string SelectChild =
        """
        SELECT c.version, c.status, c.rank, c.environment, c.node, e.id, e.number
        FROM array_children c LEFT JOIN job_events e ON e.id = c.last_event WHERE c.key = ?1
        """;

    private const string SelectToSweep = "SELECT key, state FROM array_children WHERE parent = ?1 AND status = ?2";

    private const string InsertJob =
        """
        INSERT INTO jobs (version, status, queue, created_at, open_queue, rank, has_reason, vcpu_millis, memory_mib, gpus,
            definition_revision, job_id, name, name_folded, definition_name, environment, node, state, share, priority, needs_consumables, last_event)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        """;

    private const string InsertChild =
        """
        INSERT INTO array_children (version, status, queue, rank, has_reason, key, parent, environment, node, state, last_event, shared_event)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """;

    private readonly Dictionary<string, Touched> _touched = new(StringComparer.Ordinal);

    /// <summary>Open arrays by id: asked for at each start of a child.</summary>
    private readonly Dictionary<string, JobRow> _arrays = new(StringComparer.Ordinal);

    /// <summary>The row as the open transaction sees it; null when there is none. A child without a row has version 0.</summary>
    public JobRow? Find(string jobId)
    {
        if (_touched.TryGetValue(jobId, out var touched))
        {
            return touched.Row;
        }

        if (recent.FindRow(jobId) is { } known)
        {
            return known;
        }

        return JobPartIds.TryParsePart(jobId, out var parentId, out var index, out var isNode) ? ReadChild(parentId, index, isNode) : FindArray(jobId) ?? Read(jobId);
    }

    /// <summary>Whether the open transaction sees a job with this id.</summary>
    public bool Exists(string jobId) => session.Prepare("SELECT 1 FROM jobs WHERE job_id = ?1").Bind(1, jobId).Number() is not null;

    public long Insert(PreparedInsert job)
    {
        var queue = queues.IdOf(job.Queue);
        var spec = job.Spec;
        var row = JobRow.Of(0, queue, job.Scope, version: 1, job.State) with
        {
            Size = MultiNodeJobs.PartsOf(spec) ?? 0,
            IsGang = spec.Nodes is not null,
            NeedsConsumables = spec.ConsumableResources is { Count: > 0 },
            LastEvent = events.After(default, job.Changes),
        };
        session.Prepare(InsertJob)
            .Bind(1, (long)row.Status)
            .Bind(2, queue)
            .Bind(3, job.CreatedAt.ToUnixTimeMilliseconds())
            .Bind(4, row.OpenQueue)
            .Bind(5, row.Rank)
            .Bind(6, HasReason(job.State))
            .Bind(7, spec.Needs.VcpuMillis)
            .Bind(8, spec.Needs.MemoryMiB)
            .Bind(9, spec.Needs.Gpus)
            .Bind(10, spec.DefinitionRevision)
            .Bind(11, job.JobId)
            .Bind(12, spec.JobName)
            .Bind(13, job.FoldedName)
            .Bind(14, spec.DefinitionName)
            .Bind(15, row.Environment)
            .Bind(16, row.Node)
            .BindUtf8(17, job.StateJson)
            .Bind(18, spec.ShareIdentifier)
            .Bind(19, (long?)spec.SchedulingPriority)
            .Bind(20, row.NeedsConsumables ? 1L : null)
            .Bind(21, row.LastEvent.Id)
            .Run();
        row = row with { Sequence = session.LastInsertedKey };
        events.Insert(row.Sequence, EventRows.OfJob, default, job.Changes);
        row = row with { UnwrittenEvent = events.Insert(row.Sequence, EventRows.OfUnwritten, default, job.UnwrittenChanges) };
        session.Prepare("INSERT INTO job_specs (sequence, spec) VALUES (?1, ?2)")
            .Bind(1, row.Sequence)
            .BindUtf8(2, job.SpecJson)
            .Run();
        Touch(job.JobId, row, job, job.State);
        if (row.Size > 0)
        {
            arrays.Insert(row.Sequence, row.Size, job.State, row.UnwrittenEvent.Id, MultiNodeJobs.HostsOf(spec));
        }

        if (row.NeedsConsumables)
        {
            consumables.Insert(row, spec.ConsumableResources!);
        }

        return row.Sequence;
    }

    /// <summary>Notes what an inserted job waits for. True when it owes itself a look.</summary>
    public bool InsertWaits(PreparedInsert job)
    {
        if (job.Waits.IsEmpty)
        {
            return false;
        }

        var row = Find(job.JobId)!;
        // What is gone will never tell; the look finds that out.
        return waits.Insert(row.Sequence, job.Waits.Select(wait => (wait.Kind == WaitKind.Sequence ? row : Find(wait.JobId) ?? row with { Status = JobStatus.Failed }, wait.Kind)));
    }

    /// <summary>Writes the row, which the caller found at the expected version.</summary>
    public void Update(PreparedUpdate update, StepEffects effects)
    {
        var old = Find(update.JobId)!;
        NoteUse(old, update.Used);
        if (old.Index >= 0)
        {
            UpdateChild(old, update, effects);
            return;
        }

        var row = old.With(update.State) with
        {
            LastEvent = events.Insert(old.Sequence, EventRows.OfJob, old.LastEvent, update.Changes),
            UnwrittenEvent = events.Insert(old.Sequence, EventRows.OfUnwritten, old.UnwrittenEvent, update.UnwrittenChanges),
        };
        var change = ChangeOf(old, row);
        var statement = session.Prepare(Updates[(int)change] ??= TextOf(change))
            .Bind(1, row.Sequence)
            .Bind(2, old.Version)
            .Bind(3, HasReason(update.State))
            .BindUtf8(4, update.StateJson)
            .Bind(10, row.LastEvent.Id);
        BindChanged(statement, change, row);
        if (statement.Run() != 1)
        {
            // Nobody else writes this file while it is ours.
            throw new InvalidOperationException($"The row of job {update.JobId} was changed by another program.");
        }

        Touch(update.JobId, row, _touched.GetValueOrDefault(update.JobId)?.Insert, update.State);
        if (row.Size > 0)
        {
            if (arrays.MoveUnwritten(row.Sequence, update.State, row.UnwrittenEvent.Id, row.IsGang))
            {
                effects.FullArrays.Add(row.Sequence);
            }

            if (row.Unwritten.IsTerminal() && !old.Unwritten.IsTerminal())
            {
                waits.UnwrittenEnded(row, effects.Owed);
            }
        }

        NoteMove(old, row, update, effects);
    }

    /// <summary>Applies a change to an array's children that have rows; those that were changed.</summary>
    public IEnumerable<SweptChild> Sweep(ArraySweep sweep, StepEffects effects)
    {
        var parent = Find(sweep.ParentId)!;
        List<(int Index, JobStatus Before, JobMove Move)> changed = [];
        foreach (var status in sweep.In)
        {
            var select = session.Prepare(SelectToSweep).Bind(1, parent.Sequence).Bind(2, (long)status);
            while (select.Step())
            {
                var before = StoreJson.ReadState(select.Bytes(1));
                var move = sweep.Next(before);
                if (move.State != before)
                {
                    changed.Add((ChildKey.IndexOf(select.Int64(0)), status, move));
                }
            }

            select.Reset();
        }

        foreach (var (index, _, move) in changed)
        {
            var jobId = JobPartIds.Child(sweep.ParentId, index);
            UpdateChild(Find(jobId)!, new(new(jobId, 0, move.State) { Changes = move.Changes }), effects);
        }

        return changed.Select(child => new SweptChild(child.Index, child.Before, child.Move.State));
    }

    private void UpdateChild(JobRow old, PreparedUpdate update, StepEffects effects)
    {
        var row = old.With(update.State) with { LastEvent = events.Insert(old.Sequence, old.Index, old.LastEvent, update.Changes) };
        if (old.Version == 0)
        {
            session.Prepare(InsertChild)
                .Bind(1, row.Version)
                .Bind(2, (long)row.Status)
                .Bind(3, row.Queue)
                .Bind(4, row.Rank)
                .Bind(5, HasReason(update.State))
                .Bind(6, ChildKey.Of(row.Sequence, row.Index))
                .Bind(7, row.Sequence)
                .Bind(8, row.Environment)
                .Bind(9, row.Node)
                .BindUtf8(10, update.StateJson)
                .Bind(11, row.LastEvent.Id)
                .Bind(12, old.LastEvent.Id)
                .Run();
        }
        else
        {
            // A child is in no index of open jobs: its parent is.
            var change = ChangeOf(old, row) & ~Change.Open;
            var statement = session.Prepare(ChildUpdates[(int)change] ??= ChildTextOf(change))
                .Bind(1, ChildKey.Of(row.Sequence, row.Index))
                .Bind(2, old.Version)
                .Bind(3, HasReason(update.State))
                .BindUtf8(4, update.StateJson)
                .Bind(10, row.LastEvent.Id);
            BindChanged(statement, change, row);
            if (statement.Run() != 1)
            {
                throw new InvalidOperationException($"The row of job {update.JobId} was changed by another program.");
            }
        }

        Touch(update.JobId, row, null, update.State);
        if (arrays.Move(row.Sequence, old.Status, update.State, isFirstRow: old.Version == 0, isNode: update.State.Role == JobRole.Node))
        {
            effects.FullArrays.Add(row.Sequence);
        }

        NoteMove(old, row, update, effects);
    }

    private void NoteUse(JobRow row, ShareUse? used)
    {
        if (used is not null)
        {
            session.Prepare("INSERT INTO share_use (queue, ended_at, started_at, vcpu_millis, share) VALUES (?1, ?2, ?3, ?4, ?5)")
                .Bind(1, row.Queue)
                .Bind(2, used.To.ToUnixTimeMilliseconds())
                .Bind(3, used.From.ToUnixTimeMilliseconds())
                .Bind(4, used.VcpuMillis)
                .Bind(5, used.Share)
                .Run();
        }
    }

    private void NoteMove(JobRow old, JobRow row, PreparedUpdate update, StepEffects effects)
    {
        if (row.NeedsConsumables)
        {
            consumables.Moved(old, row, update.Claims);
        }

        if (row.Status.IsTerminal() && !old.Status.IsTerminal())
        {
            waits.Ended(row, effects.Owed);
        }
    }

    private void Touch(string jobId, JobRow row, PreparedInsert? insert, JobState state)
    {
        _touched[jobId] = new(row, insert, state);
        if (row.Size > 0)
        {
            if (_arrays.Count >= MostArraysKept)
            {
                _arrays.Clear();
            }

            _arrays[jobId] = row;
        }
    }

    /// <summary>The ids of jobs, each once.</summary>
    public ImmutableArray<string> IdsOf(List<long> sequences) =>
    [
        .. sequences.Distinct().Select(sequence =>
        {
            var select = session.Prepare("SELECT job_id FROM jobs WHERE sequence = ?1").Bind(1, sequence);
            select.Step();
            var jobId = select.Text(0);
            select.Reset();
            return jobId;
        }),
    ];

    /// <summary>Before the commit: nobody is to read from memory what the file may have newer.</summary>
    public void Hide()
    {
        foreach (var jobId in _touched.Keys)
        {
            recent.Hide(jobId);
        }
    }

    /// <summary>After the commit, and before anyone is answered.</summary>
    public void Show()
    {
        foreach (var (jobId, touched) in _touched)
        {
            recent.Show(jobId, touched.Row, touched.Insert, touched.State);
        }

        _touched.Clear();
    }

    /// <summary>The array's row, if it is one that is kept in memory.</summary>
    private JobRow? FindArray(string jobId) => _arrays.GetValueOrDefault(jobId);

    private JobRow? ReadChild(string parentId, int index, bool isNode)
    {
        if (Find(parentId) is not { } parent || index >= parent.Size || parent.IsGang != isNode)
        {
            return null;
        }

        var select = session.Prepare(SelectChild).Bind(1, ChildKey.Of(parent.Sequence, index));
        var row = select.Step()
            ? new JobRow(
                parent.Sequence,
                parent.Queue,
                parent.Scope,
                select.Int64(0),
                (JobStatus)select.Int32(1),
                select.IsNull(2) ? null : select.Int64(2),
                select.IsNull(3) ? null : select.Text(3),
                select.IsNull(4) ? null : select.Text(4))
            {
                Index = index,
                NeedsConsumables = parent.PartsNeedConsumables,
                LastEvent = Mark(select, 5),
            }
            : parent.UnwrittenChild(index);
        select.Reset();
        return row;
    }

    private JobRow? Read(string jobId)
    {
        var select = session.Prepare(Select).Bind(1, jobId);
        var row = select.Step()
            ? new JobRow(
                select.Int64(0),
                select.Int64(1),
                ScopedName.Parse(select.Text(2)).Scope,
                select.Int64(3),
                (JobStatus)select.Int32(4),
                select.IsNull(5) ? null : select.Int64(5),
                select.IsNull(6) ? null : select.Text(6),
                select.IsNull(7) ? null : select.Text(7))
            {
                Size = select.IsNull(8) ? 0 : select.Int32(8),
                Unwritten = select.IsNull(9) ? default : (JobStatus)select.Int32(9),
                NeedsConsumables = !select.IsNull(10),
                LastEvent = Mark(select, 11),
                UnwrittenEvent = Mark(select, 13),
                IsGang = !select.IsNull(15),
            }
            : null;
        select.Reset();
        if (row?.Size > 0)
        {
            _arrays[jobId] = row;
        }

        return row;
    }

    private static EventMark Mark(Statement select, int column) =>
        select.IsNull(column) ? default : new(select.Int64(column), select.Int32(column + 1));

    private static long HasReason(JobState state) => state.StatusReason is null ? 0 : 1;

    private static Change ChangeOf(JobRow old, JobRow row) =>
        (old.Status != row.Status ? Change.Status : 0)
        | (old.OpenQueue != row.OpenQueue ? Change.Open : 0)
        | (old.Rank != row.Rank ? Change.Rank : 0)
        | (old.Environment != row.Environment || old.Node != row.Node ? Change.Place : 0);

    private static string TextOf(Change change) => "UPDATE jobs" + Sets(change) + " WHERE sequence = ?1 AND version = ?2";

    private static string ChildTextOf(Change change) => "UPDATE array_children" + Sets(change) + " WHERE key = ?1 AND version = ?2";

    // SQLite rewrites every index of a column that an update names, changed or not.
    private static string Sets(Change change) =>
        " SET version = ?2 + 1, has_reason = ?3, state = ?4, last_event = ?10"
        + (change.HasFlag(Change.Status) ? ", status = ?5" : "")
        + (change.HasFlag(Change.Open) ? ", open_queue = ?6" : "")
        + (change.HasFlag(Change.Rank) ? ", rank = ?7" : "")
        + (change.HasFlag(Change.Place) ? ", environment = ?8, node = ?9" : "");

    private static void BindChanged(Statement statement, Change change, JobRow row)
    {
        if (change.HasFlag(Change.Status))
        {
            statement.Bind(5, (long)row.Status);
        }

        if (change.HasFlag(Change.Open))
        {
            statement.Bind(6, row.OpenQueue);
        }

        if (change.HasFlag(Change.Rank))
        {
            statement.Bind(7, row.Rank);
        }

        if (change.HasFlag(Change.Place))
        {
            statement.Bind(8, row.Environment).Bind(9, row.Node);
        }
    }

    [Flags]
    private enum Change
    {
        Status = 1,
        Open = 2,
        Rank = 4,
        Place = 8,
    }

    private sealed record Touched(JobRow Row, PreparedInsert? Insert, JobState State);
}
