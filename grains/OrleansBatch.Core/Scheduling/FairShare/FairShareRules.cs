namespace OrleansBatch.Core.Scheduling.FairShare;

/// <summary>Fair share's arithmetic.</summary>
/// <remarks>Source: AWS Batch API, FairsharePolicy.computeReservation; AWS Batch user guide, "Fair-share scheduling policies".</remarks>
public static class FairShareRules
{
    /// <summary>Shares of one queue that may be active at a time.</summary>
    public const int MaxActiveShares = 500;

    /// <summary>What is kept free for shares that are not active yet: (percent / 100)ⁿ of the maximum.</summary>
    /// <param name="maximumVcpuMillis">What the queue's environments may have in all, in thousandths of a vCPU; null: not known, so nothing is kept.</param>
    /// <param name="percent">computeReservation, 0 to 99.</param>
    /// <param name="activeShares">n. Whoever asks is active, so 0 counts as 1.</param>
    /// <returns>Thousandths of a vCPU.</returns>
    public static long Reserved(long? maximumVcpuMillis, int percent, int activeShares) =>
        maximumVcpuMillis is not { } maximum || percent == 0
            ? 0
            : (long)Math.Floor(maximum * Math.Pow(percent / 100.0, Math.Max(1, activeShares)));

    /// <summary>Whether a job leaves the reservation free.</summary>
    /// <param name="vcpuMillis">What it needs.</param>
    /// <param name="freeVcpuMillis">What the queue's environments have left in all.</param>
    /// <param name="reservedVcpuMillis">See <see cref="Reserved"/>.</param>
    public static bool FitsBesideReservation(long vcpuMillis, long freeVcpuMillis, long reservedVcpuMillis) =>
        vcpuMillis <= freeVcpuMillis - reservedVcpuMillis;
}
