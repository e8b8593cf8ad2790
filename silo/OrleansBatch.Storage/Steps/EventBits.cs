using OrleansBatch.Core.Events;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>Status, kind and flags of an event as the bits of one number.</summary>
internal static class EventBits
{
    private const int StatusBits = 0b111;
    private const int KindShift = 3;
    private const int KindBits = 0b111;
    private const int Cancelled = 1 << 6;
    private const int Terminated = 1 << 7;

    /// <summary>The number of an event.</summary>
    public static int Of(JobChange change) =>
        (int)change.Status | ((int)change.Kind << KindShift) | (change.IsCancelled ? Cancelled : 0) | (change.IsTerminated ? Terminated : 0);

    /// <summary>The event of a number and of what stands beside it.</summary>
    public static JobChange Read(int bits, DateTimeOffset at, string? reason, int attempts) => new(
        (JobChangeKind)((bits >> KindShift) & KindBits), at, (JobStatus)(bits & StatusBits), reason, attempts, (bits & Cancelled) != 0, (bits & Terminated) != 0);
}
