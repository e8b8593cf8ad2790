namespace OrleansBatch.Model;

/// <summary>What a job asks of a host, or what a host or environment has.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ResourceNeeds")]
public readonly record struct ResourceNeeds
{
    /// <summary>Processor time, in thousandths of a vCPU.</summary>
    [Id(0)] public long VcpuMillis { get; init; }

    /// <summary>Memory, in MiB.</summary>
    [Id(1)] public long MemoryMiB { get; init; }

    /// <summary>Whole GPUs.</summary>
    [Id(2)] public int Gpus { get; init; }

    /// <summary>Whether every one of these is at least what is asked.</summary>
    public bool Covers(ResourceNeeds asked) =>
        VcpuMillis >= asked.VcpuMillis && MemoryMiB >= asked.MemoryMiB && Gpus >= asked.Gpus;

    /// <summary>Both together.</summary>
    public static ResourceNeeds operator +(ResourceNeeds left, ResourceNeeds right) => new()
    {
        VcpuMillis = left.VcpuMillis + right.VcpuMillis,
        MemoryMiB = left.MemoryMiB + right.MemoryMiB,
        Gpus = left.Gpus + right.Gpus,
    };

    /// <summary>What is left of the first when the second is taken.</summary>
    public static ResourceNeeds operator -(ResourceNeeds left, ResourceNeeds right) => new()
    {
        VcpuMillis = left.VcpuMillis - right.VcpuMillis,
        MemoryMiB = left.MemoryMiB - right.MemoryMiB,
        Gpus = left.Gpus - right.Gpus,
    };
}
