using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Capacity.Instances;

/// <summary>What Fargate costs.</summary>
/// <param name="UsdPerVcpuHour">USD for a vCPU and hour.</param>
/// <param name="UsdPerGiBHour">USD for a GiB of memory and hour.</param>
/// <param name="SpotDiscountPercent">How much less FARGATE_SPOT costs, 0 to 100.</param>
public sealed record FargatePrices(decimal UsdPerVcpuHour, decimal UsdPerGiBHour, decimal SpotDiscountPercent)
{
    /// <summary>The price of a size, in USD per hour.</summary>
    /// <param name="size">The size.</param>
    /// <param name="type"><c>FARGATE</c> or <c>FARGATE_SPOT</c>.</param>
    public decimal PriceOf(ResourceNeeds size, string type)
    {
        var full = (UsdPerVcpuHour * size.VcpuMillis / 1000) + (UsdPerGiBHour * size.MemoryMiB / 1024);
        return type == "FARGATE_SPOT" ? full * (100 - SpotDiscountPercent) / 100 : full;
    }
}

/// <summary>Fargate's hosts: one for each job, as large as the job's pair of vCPU and memory.</summary>
public static class FargateHosts
{
    private static readonly long[] Vcpus = [250, 500, 1000, 2000, 4000, 8000, 16000, 32000];

    /// <summary>All pairs, the smaller first.</summary>
    /// <remarks>Source: <see cref="FargateSizes"/>.</remarks>
    public static IReadOnlyList<ResourceNeeds> Sizes { get; } =
    [
        .. from vcpu in Vcpus
           from memory in Enumerable.Range(1, 488).Select(half => half * 512L)
           where FargateSizes.Has(vcpu, memory)
           select new ResourceNeeds { VcpuMillis = vcpu, MemoryMiB = memory },
    ];

    private const string Prefix = "fargate-";

    /// <summary>The id of a new host.</summary>
    /// <param name="id">Unique over all time; best in the order of time.</param>
    public static string NewId(Guid id) => $"{Prefix}{id:N}";

    /// <summary>Whether an id is that of a host on Fargate.</summary>
    public static bool IsId(string hostId) => hostId.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The host of an attempt.</summary>
    /// <param name="placement">Where the attempt is, or was.</param>
    /// <param name="needs">What it holds.</param>
    /// <param name="launchedAt">When the host came.</param>
    /// <returns>Null when that is not on Fargate.</returns>
    public static Host? HostOf(JobPlacement placement, ResourceNeeds needs, DateTimeOffset launchedAt)
    {
        if (placement.Fargate is not { } host)
        {
            return null;
        }

        var size = SizeFor(needs) ?? needs;
        return Host.OfFargate(host, size, placement.UsdPerHour is { } price ? price / CostRules.ShareOf(size, needs) : 0, launchedAt);
    }

    /// <summary>The smallest pair that covers a job; null when none does, as with GPUs.</summary>
    public static ResourceNeeds? SizeFor(ResourceNeeds needs)
    {
        if (needs.Gpus == 0 && FargateSizes.Has(needs.VcpuMillis, needs.MemoryMiB))
        {
            return needs;
        }

        foreach (var size in Sizes)
        {
            if (size.Covers(needs))
            {
                return size;
            }
        }

        return null;
    }
}
