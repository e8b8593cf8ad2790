using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity.Instances;

/// <summary>A kind of host.</summary>
/// <remarks>Sizes are those of the EC2 user guide. Prices are typical ones, not a bill.</remarks>
public sealed record InstanceType
{
    /// <summary>Such as <c>m5.large</c>.</summary>
    public required string Name { get; init; }

    /// <summary>vCPUs, at least 1.</summary>
    public required int Vcpus { get; init; }

    /// <summary>Nominal memory, in MiB. Jobs get less: see <see cref="RegisteredMemoryMiB"/>.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Memory that jobs can get, in MiB.</summary>
    public required long RegisteredMemoryMiB { get; init; }

    /// <summary>Whole GPUs. Default: 0.</summary>
    public int Gpus { get; init; }

    /// <summary>Such as <c>T4</c>; null without GPUs.</summary>
    public string? GpuModel { get; init; }

    /// <summary>Of its processor. Default: x86_64.</summary>
    public CpuArchitecture Architecture { get; init; }

    /// <summary>On-demand price, in USD per hour.</summary>
    public required decimal UsdPerHour { get; init; }

    /// <summary>Typical Spot price, in USD per hour.</summary>
    public required decimal SpotUsdPerHour { get; init; }

    /// <summary>How often Spot capacity of it is taken back.</summary>
    public InterruptionClass Interruption { get; init; }

    /// <summary>What stands before the dot, such as <c>m5</c>.</summary>
    public string Family => Name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? Name[..dot] : Name;

    /// <summary>What stands behind the dot, such as <c>large</c>; empty without one.</summary>
    public string Size => Name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? Name[(dot + 1)..] : string.Empty;

    /// <summary>Whether it is a whole machine. A family does not stand for these: they must be named.</summary>
    public bool IsMetal => Size.StartsWith("metal", StringComparison.Ordinal);

    /// <summary>Whether it is in no catalogue, see <see cref="OfMachine"/>: the names of instance types have a dot.</summary>
    public bool IsMachine => !Name.Contains('.', StringComparison.Ordinal);

    /// <summary>What jobs can get of it.</summary>
    public ResourceNeeds Capacity => new() { VcpuMillis = Vcpus * 1000L, MemoryMiB = RegisteredMemoryMiB, Gpus = Gpus };

    /// <summary>Its price, in USD per hour.</summary>
    public decimal PriceOf(PurchaseOption purchase) => purchase == PurchaseOption.Spot ? SpotUsdPerHour : UsdPerHour;

    /// <summary>What the agent sees of a nominal size, less what it keeps for itself; in MiB.</summary>
    /// <remarks>Source: AWS Batch user guide, "Compute resource memory management": 32 MiB are kept for the agent, and the kernel takes some.</remarks>
    public static long RegisteredOf(long memoryMiB) => Math.Max(0, (memoryMiB * 975 / 1000) - 32);

    /// <summary>A machine that is in no catalogue, such as the one this runs on. It costs nothing.</summary>
    /// <param name="name">What to call it, without a dot.</param>
    /// <param name="capacity">What jobs can get of it. Parts of a vCPU do not count.</param>
    public static InstanceType OfMachine(string name, ResourceNeeds capacity) => new()
    {
        Name = name,
        Vcpus = (int)Math.Min(int.MaxValue, capacity.VcpuMillis / 1000),
        MemoryMiB = capacity.MemoryMiB,
        RegisteredMemoryMiB = capacity.MemoryMiB,
        Gpus = capacity.Gpus,
        UsdPerHour = 0,
        SpotUsdPerHour = 0,
    };
}

/// <summary>What a processor understands.</summary>
public enum CpuArchitecture
{
    /// <summary>x86_64.</summary>
    X8664 = 0,

    /// <summary>arm64.</summary>
    Arm64,
}

/// <summary>How a host is paid for.</summary>
public enum PurchaseOption
{
    /// <summary>It stays until it is ended.</summary>
    OnDemand = 0,

    /// <summary>Cheaper, but it can be taken back.</summary>
    Spot,
}

/// <summary>How many of a type's Spot instances were taken back in a month.</summary>
/// <remarks>Source: EC2 Spot Instance advisor, "Frequency of interruption".</remarks>
public enum InterruptionClass
{
    /// <summary>Fewer than 5 %.</summary>
    Below5Percent = 0,

    /// <summary>5 to 10 %.</summary>
    From5To10Percent,

    /// <summary>10 to 15 %.</summary>
    From10To15Percent,

    /// <summary>15 to 20 %.</summary>
    From15To20Percent,

    /// <summary>More than 20 %.</summary>
    Above20Percent,
}
