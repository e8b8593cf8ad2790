using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Storage.Logs;

/// <summary>A log's key in the tables of what was shipped: half of a hash, for names can be long, and hold what no database takes.</summary>
internal static class LogKey
{
    private const int Size = 16;

    /// <summary>16 bytes.</summary>
    public static byte[] Of(LogLocation log) => SHA256.HashData(Encoding.UTF8.GetBytes($"{log.Scope.Key}:{log.Group.Length}:{log.Group}{log.Stream}"))[..Size];

    /// <summary>The same as a UUID.</summary>
    public static Guid UuidOf(LogLocation log) => new(Of(log), bigEndian: true);

    /// <summary>The day that logs are kept by.</summary>
    public static int DayOf(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / (24 * 60 * 60));
}
