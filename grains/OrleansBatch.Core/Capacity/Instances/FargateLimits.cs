using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Instances;

/// <summary>What an environment of Fargate can give.</summary>
public static class FargateLimits
{
    private static readonly ImmutableArray<LargestHost> AllSizes =
        [.. FargateHosts.Sizes.GroupBy(size => size.VcpuMillis).Select(sizes => new LargestHost(sizes.MaxBy(size => size.MemoryMiB), IsWithinMaximum: true))];

    /// <summary>To one job, if nothing else ran.</summary>
    /// <param name="maxVcpus">maxvCpus.</param>
    public static ResourceNeeds Maximum(int maxVcpus) => FargateHosts.Sizes[^1] with { VcpuMillis = maxVcpus * 1000L };

    /// <summary>The largest host for each number of vCPUs.</summary>
    /// <param name="maxVcpus">maxvCpus.</param>
    public static ImmutableArray<LargestHost> Largest(int maxVcpus) =>
        [.. AllSizes.Select(host => host with { IsWithinMaximum = host.Capacity.VcpuMillis <= maxVcpus * 1000L })];

    /// <summary>Of what waits, in order: what finds no place. Multi-node parallel jobs find none.</summary>
    /// <param name="waiting">What waits.</param>
    /// <param name="freeVcpuMillis">Thousandths of a vCPU that are free.</param>
    public static ImmutableArray<WaitingGroup> Unmet(ImmutableArray<WaitingGroup> waiting, long freeVcpuMillis)
    {
        var unmet = ImmutableArray.CreateBuilder<WaitingGroup>();
        foreach (var group in waiting)
        {
            var fit = group.Gang is null && FargateHosts.SizeFor(group.Needs) is { } size ? (int)Math.Clamp(freeVcpuMillis / size.VcpuMillis, 0, group.Count) : 0;
            freeVcpuMillis -= fit * (FargateHosts.SizeFor(group.Needs)?.VcpuMillis ?? 0);
            if (fit < group.Count)
            {
                unmet.Add(group with { Count = group.Count - fit });
            }
        }

        return unmet.DrainToImmutable();
    }
}
