namespace OrleansBatch.Processes.Cgroups;

/// <summary>What the processes of one group may use together.</summary>
/// <param name="MemoryBytes">Hard limit, page cache included: the kernel kills inside the group beyond it. Null: none.</param>
/// <param name="SwapBytes">Swap beside the memory. Counts only with a limit of memory.</param>
/// <param name="CpuShares">Weight against other groups when processors are short: 1024 for each vCPU.</param>
/// <param name="CpuQuotaMicroseconds">Processor time per tenth of a second that is never exceeded; null: no cap.</param>
/// <param name="Processes">Processes and threads at a time; null: no limit.</param>
public readonly record struct CgroupLimits(
    long? MemoryBytes, long SwapBytes, long CpuShares, long? CpuQuotaMicroseconds, long? Processes)
{
    /// <summary>The period of <see cref="CpuQuotaMicroseconds"/>: the kernel's default.</summary>
    public const long CpuPeriodMicroseconds = 100_000;
}

/// <summary>What the processes of one group have used together.</summary>
/// <param name="PeakMemoryBytes">The most memory at one time; null: not known.</param>
/// <param name="CpuMicroseconds">Processor time of all of them; null: not known.</param>
/// <param name="IsOutOfMemory">Whether the kernel killed one because the limit of memory was reached.</param>
public readonly record struct CgroupUsage(long? PeakMemoryBytes, long? CpuMicroseconds, bool IsOutOfMemory);
