namespace OrleansBatch.Core.Jobs;

/// <summary>The pairs of vCPU and memory that Fargate has.</summary>
/// <remarks>Source: AWS Batch API, ResourceRequirement.</remarks>
public static class FargateSizes
{
    /// <summary>Whether there is such a vCPU size, in thousandths.</summary>
    public static bool HasVcpu(long vcpuMillis) => vcpuMillis is 250 or 500 or 1000 or 2000 or 4000 or 8000 or 16000 or 32000;

    /// <summary>Whether there is such a pair.</summary>
    public static bool Has(long vcpuMillis, long memoryMiB) => vcpuMillis switch
    {
        250 => memoryMiB is 512 or 1024 or 2048,
        500 => IsStep(memoryMiB, 1024, 4096, 1024),
        1000 => IsStep(memoryMiB, 2048, 8192, 1024),
        2000 => IsStep(memoryMiB, 4096, 16384, 1024),
        4000 => IsStep(memoryMiB, 8192, 30720, 1024),
        8000 => IsStep(memoryMiB, 16384, 61440, 4096),
        16000 => IsStep(memoryMiB, 32768, 122880, 8192),
        32000 => memoryMiB is 61440 or 122880 or 249856,
        _ => false,
    };

    private static bool IsStep(long memoryMiB, long from, long to, long step) =>
        memoryMiB >= from && memoryMiB <= to && (memoryMiB - from) % step == 0;
}
