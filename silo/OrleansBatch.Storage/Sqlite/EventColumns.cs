using OrleansBatch.Core.Events;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>An event in columns: status, kind and flags are bits of one number.</summary>
internal static class EventColumns
{
    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    public const string Changes = "at, what, attempts, reason";

    private const int StatusBits = 0b111;
    private const int KindShift = 3;
    private const int KindBits = 0b111;
    private const int Cancelled = 1 << 6;
    private const int Terminated = 1 << 7;

    public static long What(JobChange change) =>
        (int)change.Status | ((int)change.Kind << KindShift) | (change.IsCancelled ? Cancelled : 0) | (change.IsTerminated ? Terminated : 0);

    /// <summary>Reads an event from its columns, the first of which is this.</summary>
    public static JobChange Read(Statement select, int column)
    {
        var what = select.Int32(column + 1);
        return new(
            (JobChangeKind)((what >> KindShift) & KindBits),
            DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(column)),
            (JobStatus)(what & StatusBits),
            select.IsNull(column + 3) ? null : select.Text(column + 3),
            select.Int32(column + 2),
            (what & Cancelled) != 0,
            (what & Terminated) != 0);
    }
}
