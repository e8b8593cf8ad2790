using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>What a compute environment may have, by its configuration.</summary>
public static class CapacityOffers
{
    private const int MostLargest = 8;

    /// <summary>What an environment of EC2 or Spot may launch; null of any other.</summary>
    /// <param name="environment">As stored.</param>
    /// <param name="catalogue">The instance types there are.</param>
    /// <param name="unavailable">Types of which none is to be had.</param>
    public static CapacityOffer? Of(ComputeEnvironmentConfiguration environment, InstanceCatalogue catalogue, FrozenSet<string> unavailable) =>
        environment.ComputeResources is { } resources && !ComputeResourceRules.IsFargate(resources)
            ? WithinMaximum(new()
            {
                Types = catalogue.Resolve(resources.InstanceTypes ?? []).Choices,
                Strategy = AllocationStrategies.Parse(resources.AllocationStrategy),
                Purchase = resources.Type == "SPOT" ? PurchaseOption.Spot : PurchaseOption.OnDemand,
                BidPercentage = resources.BidPercentage is null or 0 ? 100 : resources.BidPercentage.Value,
                MaxVcpus = resources.MaxvCpus!.Value,
                Unavailable = unavailable,
            })
            : null;

    /// <summary>
    /// A maximum below every type that must not be exceeded would let nothing run, ever: then the smallest types have no more vCPUs than the maximum.
    /// </summary>
    /// <remarks>Our own: at AWS jobs wait there without end.</remarks>
    private static CapacityOffer WithinMaximum(CapacityOffer offer)
    {
        if (offer.MayExceedMaximum || offer.MaxVcpus == 0 || offer.Types.IsEmpty || offer.Types.Any(choice => choice.Type.Vcpus <= offer.MaxVcpus))
        {
            return offer;
        }

        var smallest = offer.Types.Min(choice => choice.Type.Vcpus);
        return offer with
        {
            Types = [.. offer.Types.Where(choice => choice.Type.Vcpus == smallest).Select(choice => choice with { Type = choice.Type with { Vcpus = offer.MaxVcpus } })],
        };
    }

    /// <summary>Refuses instance types that are in no catalogue, or of different architectures.</summary>
    /// <param name="environment">A new one, or one whose instance types were changed.</param>
    /// <param name="catalogue">The instance types there are.</param>
    /// <exception cref="ValidationException">They are so.</exception>
    public static void CheckNew(ComputeEnvironmentConfiguration environment, InstanceCatalogue catalogue)
    {
        if (environment.ComputeResources is { InstanceTypes: { } types } resources && !ComputeResourceRules.IsFargate(resources))
        {
            _ = catalogue.ResolveNew(types);
        }
    }

    /// <summary>What an offer could give to one job if nothing else ran: vCPUs as far as the maximum, memory and GPUs as far as any type has.</summary>
    public static ResourceNeeds Maximum(CapacityOffer offer) => new()
    {
        VcpuMillis = offer.MaxVcpus * 1000L,
        MemoryMiB = offer.Types.Select(choice => choice.Type.RegisteredMemoryMiB).DefaultIfEmpty().Max(),
        Gpus = offer.Types.Select(choice => choice.Type.Gpus).DefaultIfEmpty().Max(),
    };

    /// <summary>The largest types of an offer, and the largest of those that its maximum allows.</summary>
    public static ImmutableArray<LargestHost> Largest(CapacityOffer offer)
    {
        var within = offer.Types.Where(choice => offer.MayExceedMaximum || choice.Type.Vcpus <= offer.MaxVcpus).Select(choice => choice.Type.Capacity);
        return
        [
            .. Greatest(within).Select(capacity => new LargestHost(capacity, IsWithinMaximum: true)),
            .. Greatest(offer.Types.Select(choice => choice.Type.Capacity)).Select(capacity => new LargestHost(capacity, IsWithinMaximum: false)),
        ];
    }

    /// <summary>Whether an environment takes multi-node parallel jobs at all: a managed one of EC2 on demand does.</summary>
    /// <param name="offer">What it may launch; null of one of another kind.</param>
    public static bool TakesGangs(CapacityOffer? offer) => offer is { Purchase: PurchaseOption.OnDemand };

    /// <summary>What an environment could do for a multi-node parallel job if nothing else ran there.</summary>
    /// <param name="offer">What it may launch; null of one of Fargate, or UNMANAGED.</param>
    /// <param name="gang">The job's hosts. They never exceed the maximum, whatever the strategy.</param>
    /// <remarks>Source: AWS Batch user guide, "Multi-node parallel jobs": not on UNMANAGED environments, nor on Spot or Fargate.</remarks>
    public static GangOutlook OutlookOf(CapacityOffer? offer, GangNeeds gang)
    {
        if (offer is null || !TakesGangs(offer))
        {
            return GangOutlook.NotTaken;
        }

        var large = offer.Types.Where(choice => GangHosts.IsFor(gang, choice.Type)).Select(choice => choice.Type.Vcpus).ToArray();
        return large.Length == 0 ? GangOutlook.NoTypeLargeEnough
            : (long)large.Min() * gang.Nodes <= offer.MaxVcpus ? GangOutlook.Possible
            : GangOutlook.MaximumTooLow;
    }

    /// <summary>What holds something that none of the others holds. When there are too many, one that is as large as all of them: what is told must be certain.</summary>
    private static ResourceNeeds[] Greatest(IEnumerable<ResourceNeeds> capacities)
    {
        var all = capacities.Distinct().ToArray();
        var greatest = all.Where(one => !all.Any(other => other != one && other.Covers(one))).ToArray();
        return greatest.Length <= MostLargest
            ? greatest
            : [new() { VcpuMillis = all.Max(one => one.VcpuMillis), MemoryMiB = all.Max(one => one.MemoryMiB), Gpus = all.Max(one => one.Gpus) }];
    }
}
