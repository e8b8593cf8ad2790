using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The counts of arrays: kept in memory as their children are written, and written once before the commit.</summary>
internal sealed class ArrayRows(SqliteSession session) : IArrayTable
{
    private const int MostKept = 1_000;

    private const string Select =
        """
        SELECT size, written, unwritten, updated_at, first_started_at, last_stopped_at, is_owed,
            submitted, pending, runnable, starting, running, succeeded, failed, last_event
        FROM arrays WHERE sequence = ?1
        """;

    private const string InsertRow =
        """
        INSERT INTO arrays (sequence, size, written, unwritten, updated_at, first_started_at, last_stopped_at, is_owed,
            submitted, pending, runnable, starting, running, succeeded, failed, last_event, node_vcpu_millis, node_memory_mib, node_gpus, instance_type)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
        """;

    private const string UpdateRow =
        """
        UPDATE arrays SET written = ?3, unwritten = ?4, updated_at = ?5, first_started_at = ?6, last_stopped_at = ?7, is_owed = ?8,
            submitted = ?9, pending = ?10, runnable = ?11, starting = ?12, running = ?13, succeeded = ?14, failed = ?15, last_event = ?16
        WHERE sequence = ?1 AND size = ?2
        """;

    private readonly Dictionary<long, ArrayRow> _rows = [];
    private readonly HashSet<long> _changed = [];

    public void Insert(long sequence, ArrayRow row, GangNeeds? gang)
    {
        _rows[sequence] = row;
        Bind(
            session.Prepare(InsertRow)
                .Bind(17, gang?.PerNode.VcpuMillis)
                .Bind(18, gang?.PerNode.MemoryMiB)
                .Bind(19, gang?.PerNode.Gpus)
                .Bind(20, gang?.InstanceType),
            sequence,
            row);
    }

    public void Changed(long sequence, ArrayRow row) => _changed.Add(sequence);

    /// <summary>Before the commit.</summary>
    public void Write()
    {
        foreach (var sequence in _changed)
        {
            Bind(session.Prepare(UpdateRow), sequence, _rows[sequence]);
        }

        _changed.Clear();
        if (_rows.Count > MostKept)
        {
            _rows.Clear();
        }
    }

    /// <summary>Reads an array's counts.</summary>
    public static ArrayCounts? Read(SqliteSession session, long sequence)
    {
        var select = session.Prepare(Select).Bind(1, sequence);
        var counts = select.Step() ? Counts(select, 3) : null;
        select.Reset();
        return counts;
    }

    /// <summary>Reads counts from columns in the order of the arrays' table: times, a mark that is passed over, counts.</summary>
    public static ArrayCounts Counts(Statement select, int column) => new()
    {
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(column)),
        FirstStartedAt = Time(select, column + 1),
        LastStoppedAt = Time(select, column + 2),
        ByStatus = [.. Enumerable.Range(column + 4, 7).Select(select.Int32)],
    };

    public ArrayRow Find(long sequence)
    {
        if (_rows.TryGetValue(sequence, out var known))
        {
            return known;
        }

        var select = session.Prepare(Select).Bind(1, sequence);
        if (!select.Step())
        {
            select.Reset();
            throw new InvalidOperationException($"The array with sequence {sequence} has no counts.");
        }

        var counts = Counts(select, 3);
        var row = new ArrayRow(select.Int32(0))
        {
            Written = select.Int32(1),
            Unwritten = (JobStatus)select.Int32(2),
            UpdatedAt = counts.UpdatedAt.ToUnixTimeMilliseconds(),
            FirstStartedAt = counts.FirstStartedAt?.ToUnixTimeMilliseconds(),
            LastStoppedAt = counts.LastStoppedAt?.ToUnixTimeMilliseconds(),
            IsOwed = !select.IsNull(6),
            // The number of that event stands in its own row, which whoever writes the next has read.
            LastEvent = new(select.IsNull(14) ? 0 : select.Int64(14), 0),
        };
        select.Reset();
        counts.ByStatus.ToArray().CopyTo(row.Counts, 0);
        return _rows[sequence] = row;
    }

    private static void Bind(Statement statement, long sequence, ArrayRow row)
    {
        statement
            .Bind(1, sequence)
            .Bind(2, row.Size)
            .Bind(3, row.Written)
            .Bind(4, (long)row.Unwritten)
            .Bind(5, row.UpdatedAt)
            .Bind(6, row.FirstStartedAt)
            .Bind(7, row.LastStoppedAt)
            .Bind(8, row.IsOwed ? 1 : null);
        for (var status = 0; status < row.Counts.Length; status++)
        {
            statement.Bind(9 + status, row.Counts[status]);
        }

        statement.Bind(16, row.LastEvent.Id);

        statement.Run();
    }

    private static DateTimeOffset? Time(Statement select, int column) =>
        select.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(column));
}
