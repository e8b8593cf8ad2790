using System.Collections.Frozen;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Tests.Capacity.Hosts;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>What environments may launch, from the catalogue that is built in.</summary>
internal static class AnOffer
{
    public static CapacityOffer Of(string instanceTypes, AllocationStrategy strategy = AllocationStrategy.BestFitProgressive, int maxVcpus = 256) => new()
    {
        Types = InstanceCatalogue.BuiltIn.ResolveNew(instanceTypes.Split(' ')).Choices,
        Strategy = strategy,
        Purchase = strategy.ToString().StartsWith("Spot", StringComparison.Ordinal) ? PurchaseOption.Spot : PurchaseOption.OnDemand,
        MaxVcpus = maxVcpus,
    };

    public static CapacityOffer Without(this CapacityOffer offer, params string[] types) => offer with { Unavailable = types.ToFrozenSet() };

    public static ScalingSnapshot Waiting(this CapacityOffer offer, params (int Count, ResourceNeeds Needs)[] waiting) => new()
    {
        Offer = offer,
        Hosts = [],
        Waiting = [.. waiting.Select(demand => new Demand(demand.Needs, demand.Count))],
        Now = AHost.Noon.AddHours(1),
    };

    public static ScalingSnapshot Waiting(this CapacityOffer offer, GangNeeds gang, int count = 1) =>
        offer.Waiting() with { Waiting = [new(default, count, gang)] };

    /// <summary>Such as <c>2 m6i.large, 1 m6i.xlarge</c>.</summary>
    public static string Launched(this ScalingPlan plan) => string.Join(", ", plan.Launches.Select(launch => $"{launch.Count} {launch.Type.Name}"));

    public static Host IdleFor(this Host host, TimeSpan span, bool wasUsed = true) =>
        host with { IdleSince = AHost.Noon.AddHours(1) - span, WasUsed = wasUsed };
}
