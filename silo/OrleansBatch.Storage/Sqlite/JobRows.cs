using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Writes the rows of jobs.</summary>
internal sealed class JobRows(SqliteSession session, QueueRows queues, RecentJobs recent)
{
    /// <summary>Text of an update by what changes, made when first needed.</summary>
    private static readonly string?[] Updates = new string?[1 << 4];

    private const string Select =
        """
        SELECT j.sequence, j.queue, q.key, j.version, j.status, j.rank, j.environment, j.node
        FROM jobs j JOIN queues q ON q.id = j.queue WHERE j.job_id = ?1
        """;

    private const string InsertJob =
        """
        INSERT INTO jobs (version, status, queue, created_at, open_queue, rank, has_reason, vcpu_millis, memory_mib, gpus,
            definition_revision, job_id, name, name_folded, definition_name, environment, node, state)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        """;

    private readonly Dictionary<string, Touched> _touched = new(StringComparer.Ordinal);

    /// <summary>The row as the open transaction sees it; null when there is none.</summary>
    public JobRow? Find(string jobId) =>
        _touched.TryGetValue(jobId, out var touched) ? touched.Row : recent.FindRow(jobId) ?? Read(jobId);

    /// <summary>Whether the open transaction sees a job with this id.</summary>
    public bool Exists(string jobId) => session.Prepare("SELECT 1 FROM jobs WHERE job_id = ?1").Bind(1, jobId).Number() is not null;

    public long Insert(PreparedInsert job)
    {
        var queue = queues.IdOf(job.Queue);
        var row = JobRow.Of(0, queue, job.Scope, version: 1, job.State);
        var spec = job.Spec;
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
            .Run();
        row = row with { Sequence = session.LastInsertedKey };
        session.Prepare("INSERT INTO job_specs (sequence, spec) VALUES (?1, ?2)")
            .Bind(1, row.Sequence)
            .BindUtf8(2, job.SpecJson)
            .Run();
        _touched[job.JobId] = new(row, job, job.State);
        return row.Sequence;
    }

    /// <summary>Writes the row, which the caller found at the expected version.</summary>
    public void Update(PreparedUpdate update)
    {
        var old = Find(update.JobId)!;
        var row = JobRow.Of(old.Sequence, old.Queue, old.Scope, old.Version + 1, update.State);
        var change = ChangeOf(old, row);
        var statement = session.Prepare(Updates[(int)change] ??= TextOf(change))
            .Bind(1, row.Sequence)
            .Bind(2, old.Version)
            .Bind(3, HasReason(update.State))
            .BindUtf8(4, update.StateJson);
        BindChanged(statement, change, row);
        if (statement.Run() != 1)
        {
            // Nobody else writes this file while it is ours.
            throw new InvalidOperationException($"The row of job {update.JobId} was changed by another program.");
        }

        _touched[update.JobId] = new(row, _touched.GetValueOrDefault(update.JobId)?.Insert, update.State);
    }

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
            : null;
        select.Reset();
        return row;
    }

    private static long HasReason(JobState state) => state.StatusReason is null ? 0 : 1;

    private static Change ChangeOf(JobRow old, JobRow row) =>
        (old.Status != row.Status ? Change.Status : 0)
        | (old.OpenQueue != row.OpenQueue ? Change.Open : 0)
        | (old.Rank != row.Rank ? Change.Rank : 0)
        | (old.Environment != row.Environment || old.Node != row.Node ? Change.Place : 0);

    // SQLite rewrites every index of a column that an update names, changed or not.
    private static string TextOf(Change change) =>
        "UPDATE jobs SET version = ?2 + 1, has_reason = ?3, state = ?4"
        + (change.HasFlag(Change.Status) ? ", status = ?5" : "")
        + (change.HasFlag(Change.Open) ? ", open_queue = ?6" : "")
        + (change.HasFlag(Change.Rank) ? ", rank = ?7" : "")
        + (change.HasFlag(Change.Place) ? ", environment = ?8, node = ?9" : "")
        + " WHERE sequence = ?1 AND version = ?2";

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
