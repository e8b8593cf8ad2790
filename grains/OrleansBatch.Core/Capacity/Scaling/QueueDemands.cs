using System.Collections.Immutable;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>What waits in one queue for an environment.</summary>
/// <param name="Queue">The queue's key.</param>
/// <param name="Waiting">What the job at its head needs, first.</param>
public sealed record QueueDemand(string Queue, ImmutableArray<Demand> Waiting);

/// <summary>What an environment does for several queues.</summary>
/// <param name="Scaling">Which hosts come and go.</param>
/// <param name="Unmet">By queue: what finds no place, neither on a host that there is nor on one that comes. Queues without any are left out.</param>
public sealed record QueueDemandPlan(ScalingPlan Scaling, IReadOnlyDictionary<string, ImmutableArray<UnmetDemand>> Unmet);

/// <summary>Decides which hosts an environment launches and ends when several queues wait for it.</summary>
/// <remarks>
/// A job that cannot be placed holds up those behind it. So what waits behind a head that finds no place does not count: it would take the room, and keep
/// the hosts, that the head waits for. A head that could never be here holds up nobody: it is for another environment.
/// Source: AWS Batch user guide, "Job scheduling".
/// </remarks>
public static class QueueDemands
{
    /// <summary>Plans.</summary>
    /// <param name="snapshot">The environment; what waits in it is not looked at.</param>
    /// <param name="queues">What waits: the queue that goes first, first.</param>
    public static QueueDemandPlan Plan(ScalingSnapshot snapshot, IReadOnlyList<QueueDemand> queues)
    {
        var counted = queues.Select(queue => (queue.Queue, Groups: queue.Waiting.Index().Where(group => IsPossible(snapshot.Offer, group.Item)).Select(group => group.Index).ToList())).ToArray();
        while (true)
        {
            var waiting = counted.SelectMany((queue, place) => queue.Groups.Select(group => (Place: place, Group: group))).ToArray();
            var plan = ScalingRules.Plan(snapshot with { Waiting = [.. waiting.Select(of => queues[of.Place].Waiting[of.Group])] });
            var stuck = plan.Unmet
                .Where(unmet => waiting[unmet.Index] is var of && of.Group == counted[of.Place].Groups[0] && counted[of.Place].Groups.Count > 1
                    && unmet.Count == queues[of.Place].Waiting[of.Group].Count)
                .Select(unmet => waiting[unmet.Index].Place)
                .ToArray();
            if (stuck.Length == 0)
            {
                return new(plan, Unmet(snapshot, queues, counted, waiting, plan));
            }

            foreach (var place in stuck)
            {
                counted[place].Groups.RemoveRange(1, counted[place].Groups.Count - 1);
            }
        }
    }

    private static Dictionary<string, ImmutableArray<UnmetDemand>> Unmet(
        ScalingSnapshot snapshot,
        IReadOnlyList<QueueDemand> queues,
        (string Queue, List<int> Groups)[] counted,
        (int Place, int Group)[] waiting,
        ScalingPlan plan)
    {
        var unmet = plan.Unmet.ToLookup(one => waiting[one.Index].Place, one => one with { Index = waiting[one.Index].Group });
        var all = new Dictionary<string, ImmutableArray<UnmetDemand>>(StringComparer.Ordinal);
        for (var place = 0; place < queues.Count; place++)
        {
            var left = queues[place].Waiting.Index()
                .Where(group => !counted[place].Groups.Contains(group.Index))
                .Select(group => new UnmetDemand(group.Index, group.Item.Needs, group.Item.Count, WhyNotCounted(snapshot.Offer, group.Item), null, group.Item.Gang));
            ImmutableArray<UnmetDemand> ofQueue = [.. unmet[place].Concat(left).OrderBy(one => one.Index)];
            if (!ofQueue.IsEmpty)
            {
                all.Add(queues[place].Queue, ofQueue);
            }
        }

        return all;
    }

    private static UnmetReason WhyNotCounted(CapacityOffer offer, Demand demand) => demand.Gang is { } gang
        ? (CapacityOffers.OutlookOf(offer, gang) == GangOutlook.MaximumTooLow ? UnmetReason.MaximumReached : UnmetReason.NoTypeLargeEnough)
        : offer.Types.Any(choice => choice.Type.Capacity.Covers(demand.Needs)) ? UnmetReason.MaximumReached : UnmetReason.NoTypeLargeEnough;

    /// <summary>A job that needs more vCPUs than the maximum is not there to exceed it.</summary>
    private static bool IsPossible(CapacityOffer offer, Demand demand) => demand.Gang is { } gang
        ? CapacityOffers.OutlookOf(offer, gang) == GangOutlook.Possible
        : demand.Needs.VcpuMillis <= offer.MaxVcpus * 1000L
        && offer.Types.Any(choice => choice.Type.Capacity.Covers(demand.Needs) && (offer.MayExceedMaximum || choice.Type.Vcpus <= offer.MaxVcpus));
}
