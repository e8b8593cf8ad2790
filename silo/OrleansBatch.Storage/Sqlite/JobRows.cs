using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Reads and writes the rows of jobs: single ones, arrays and their children.</summary>
internal sealed class JobRows(SqliteSession session, QueueRows queues, RecentJobs recent) : IJobTable
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

    /// <summary>Open arrays by id: asked for at each start of a child.</summary>
    private readonly Dictionary<string, JobRow> _arrays = new(StringComparer.Ordinal);

    public JobRow? Find(string jobId) => recent.FindRow(jobId) ?? _arrays.GetValueOrDefault(jobId) ?? Read(jobId);

    public JobRow? FindPart(JobRow parent, string jobId, int index) => recent.FindRow(jobId) ?? ReadPart(parent, index);

    public bool Exists(string jobId) => session.Prepare("SELECT 1 FROM jobs WHERE job_id = ?1").Bind(1, jobId).Number() is not null;

    public string IdOf(long sequence)
    {
        var select = session.Prepare("SELECT job_id FROM jobs WHERE sequence = ?1").Bind(1, sequence);
        select.Step();
        var jobId = select.Text(0);
        select.Reset();
        return jobId;
    }

    public long QueueOf(ScopedName queue) => queues.IdOf(queue);

    public long Insert(PreparedInsert job, JobRow row)
    {
        var spec = job.Spec;
        session.Prepare(InsertJob)
            .Bind(1, (long)row.Status)
            .Bind(2, row.Queue)
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
        var sequence = session.LastInsertedKey;
        session.Prepare("INSERT INTO job_specs (sequence, spec) VALUES (?1, ?2)")
            .Bind(1, sequence)
            .BindUtf8(2, job.SpecJson)
            .Run();
        return sequence;
    }

    public void Update(JobRow old, JobRow row, PreparedUpdate update)
    {
        var isPart = row.Index >= 0;
        // A child is in no index of open jobs: its parent is.
        var change = ChangeOf(old, row) & ~(isPart ? Change.Open : 0);
        var text = isPart ? ChildUpdates[(int)change] ??= ChildTextOf(change) : Updates[(int)change] ??= TextOf(change);
        var statement = session.Prepare(text)
            .Bind(1, isPart ? ChildKey.Of(row.Sequence, row.Index) : row.Sequence)
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
    }

    public void InsertPart(JobRow old, JobRow row, PreparedUpdate update) =>
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

    public IReadOnlyList<(int Index, JobState State)> PartsIn(JobRow parent, JobStatus status)
    {
        List<(int, JobState)> parts = [];
        var select = session.Prepare(SelectToSweep).Bind(1, parent.Sequence).Bind(2, (long)status);
        while (select.Step())
        {
            parts.Add((ChildKey.IndexOf(select.Int64(0)), StoreJson.ReadState(select.Bytes(1))));
        }

        select.Reset();
        return parts;
    }

    public void InsertUse(JobRow row, ShareUse used) =>
        session.Prepare("INSERT INTO share_use (queue, ended_at, started_at, vcpu_millis, share) VALUES (?1, ?2, ?3, ?4, ?5)")
            .Bind(1, row.Queue)
            .Bind(2, used.To.ToUnixTimeMilliseconds())
            .Bind(3, used.From.ToUnixTimeMilliseconds())
            .Bind(4, used.VcpuMillis)
            .Bind(5, used.Share)
            .Run();

    /// <summary>Before the commit: nobody is to read from memory what the file may have newer.</summary>
    public void Hide(IReadOnlyDictionary<string, TouchedJob> touched)
    {
        foreach (var jobId in touched.Keys)
        {
            recent.Hide(jobId);
        }
    }

    /// <summary>After the commit, and before anyone is answered.</summary>
    public void Show(IReadOnlyDictionary<string, TouchedJob> touched)
    {
        foreach (var (jobId, job) in touched)
        {
            recent.Show(jobId, job.Row, job.Insert, job.State);
            if (job.Row.Size > 0)
            {
                Keep(jobId, job.Row);
            }
        }
    }

    private void Keep(string jobId, JobRow array)
    {
        if (_arrays.Count >= MostArraysKept)
        {
            _arrays.Clear();
        }

        _arrays[jobId] = array;
    }

    private JobRow? ReadPart(JobRow parent, int index)
    {
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
            : null;
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
            Keep(jobId, row);
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
}
