using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The recorded answers of client calls.</summary>
/// <remarks>
/// Keys are long and in no order: the index holds eight bytes of a hash of them, and whoever looks compares the whole key.
/// The writer alone inserts, after it looked: so the key is unique without an index of its own.
/// </remarks>
internal sealed class InvocationRows(SqliteSession session, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private const string Select = "SELECT answer FROM invocations WHERE hash = ?1 AND key = ?2";

    /// <summary>The recorded answer; null when there is none.</summary>
    public static string? Find(SqliteSession session, string key)
    {
        var select = session.Prepare(Select).Bind(1, HashOf(key)).Bind(2, key);
        var answer = select.Step() ? select.Text(0) : null;
        select.Reset();
        return answer;
    }

    public string? Find(string key) => Find(session, key);

    public void Insert(InvocationRecord record)
    {
        session.Prepare("INSERT INTO invocations (hash, at, key, answer) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, HashOf(record.Key))
            .Bind(2, record.At.ToUnixTimeMilliseconds())
            .Bind(3, record.Key)
            .Bind(4, record.Answer)
            .Run();
        Prune();
    }

    // Two go for each that comes: the table shrinks to what must be kept, and no call ever pays for many.
    private void Prune() => session
        .Prepare("DELETE FROM invocations WHERE id IN (SELECT id FROM invocations WHERE at < ?1 ORDER BY at LIMIT 2)")
        .Bind(1, (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds())
        .Run();

    private static long HashOf(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
