using OrleansBatch.Core.Events;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>An event in columns.</summary>
internal static class EventColumns
{
    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    public const string Changes = "at, what, attempts, reason";

    /// <summary>Reads an event from its columns, the first of which is this.</summary>
    public static JobChange Read(Statement select, int column) => EventBits.Read(
        select.Int32(column + 1),
        DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(column)),
        select.IsNull(column + 3) ? null : select.Text(column + 3),
        select.Int32(column + 2));
}
