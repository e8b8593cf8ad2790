using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The recorded answers of client calls, those of the last ten minutes.</summary>
/// <remarks>
/// Their keys are long and in no order: an index in the file would change a page for each call. So it is in memory, some forty
/// bytes a call, read from the table with the connection; and the table only grows at its end and goes at its beginning.
/// The writer alone looks and inserts: so a key is unique without an index that says so.
/// </remarks>
internal sealed class InvocationRows
{
    private const int RowsPerPruning = 1_000;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>The oldest stay this much longer, so that many go at once.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly Dictionary<UInt128, long> _ids = [];
    private readonly SqliteSession _session;
    private readonly TimeProvider _time;
    private long _oldest = long.MaxValue;

    public InvocationRows(SqliteSession session, TimeProvider time)
    {
        (_session, _time) = (session, time);
        var rows = session.Prepare("SELECT id, at, key FROM invocations WHERE id > ?1 ORDER BY id").Bind(1, 0);
        while (rows.Step())
        {
            _oldest = Math.Min(_oldest, rows.Int64(1));
            _ids[HashOf(rows.Text(2))] = rows.Int64(0);
        }

        rows.Reset();
    }

    /// <summary>The recorded answer; null when there is none.</summary>
    public string? Find(string key)
    {
        if (!_ids.TryGetValue(HashOf(key), out var id))
        {
            return null;
        }

        var select = _session.Prepare("SELECT answer FROM invocations WHERE id = ?1 AND key = ?2").Bind(1, id).Bind(2, key);
        var answer = select.Step() ? select.Text(0) : null;
        select.Reset();
        return answer;
    }

    public void Insert(InvocationRecord record)
    {
        var at = record.At.ToUnixTimeMilliseconds();
        _session.Prepare("INSERT INTO invocations (at, key, answer) VALUES (?1, ?2, ?3)")
            .Bind(1, at)
            .Bind(2, record.Key)
            .Bind(3, record.Answer)
            .Run();
        _ids[HashOf(record.Key)] = _session.LastInsertedKey;
        _oldest = Math.Min(_oldest, at);
        Prune();
    }

    /// <summary>Removes the oldest. What is younger and lies before them holds up those behind it, for as long as it must be kept.</summary>
    private void Prune()
    {
        var kept = _time.GetUtcNow() - Kept;
        if (_oldest >= (kept - Slack).ToUnixTimeMilliseconds())
        {
            return;
        }

        var rows = _session.Prepare("SELECT id, at, key FROM invocations WHERE id > ?1 ORDER BY id LIMIT ?2").Bind(1, 0).Bind(2, RowsPerPruning);
        var last = 0L;
        // When all that are read go, the next call goes on.
        _oldest = 0;
        while (rows.Step())
        {
            if (rows.Int64(1) >= kept.ToUnixTimeMilliseconds())
            {
                _oldest = rows.Int64(1);
                break;
            }

            last = rows.Int64(0);
            _ids.Remove(HashOf(rows.Text(2)));
        }

        rows.Reset();
        _session.Prepare("DELETE FROM invocations WHERE id <= ?1").Bind(1, last).Run();
    }

    private static UInt128 HashOf(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
