using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>Chooses the instance type of a multi-node parallel job's hosts: of those that there are, or of new ones beside them.</summary>
/// <remarks>
/// A type of which enough hosts are there without anything on them goes first, then one of which they are coming: what was chosen first, so that each
/// job finds again what was launched for it. Then those of which the rest can be launched, as the strategy ranks them.
/// Source: AWS Batch user guide, "Instance type allocation strategies": of multi-node parallel jobs, BEST_FIT_PROGRESSIVE does not go on to another
/// size of the family that is not to be had.
/// </remarks>
internal sealed class GangTypes
{
    private readonly CapacityOffer _offer;
    private readonly GangNeeds _gang;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <param name="offer">What may be launched.</param>
    /// <param name="gang">What the hosts must be.</param>
    public GangTypes(CapacityOffer offer, GangNeeds gang)
    {
        (_offer, _gang) = (offer, gang);
        Launchable = offer.Purchase == PurchaseOption.OnDemand
            ? [.. TypeChoice.InOrder(offer, gang.PerNode, [.. offer.Types.Where(choice => GangHosts.IsFor(gang, choice.Type))])]
            : [];
        foreach (var (place, type) in Launchable.Index())
        {
            _ = _places.TryAdd(type.Name, place);
        }
    }

    /// <summary>What may be launched and is large enough, best first, whether any are to be had or not.</summary>
    public ImmutableArray<InstanceType> Launchable { get; }

    /// <summary>Chooses for one job.</summary>
    /// <param name="idle">The hosts that have nothing on them. Nothing is taken.</param>
    /// <param name="roomVcpus">vCPUs left to the maximum, which all hosts together never exceed.</param>
    public ChosenGangType Choose(IdleHosts idle, int roomVcpus)
    {
        if (OfThoseThatThereAre(idle) is { } enough)
        {
            return new(enough, 0, null, "there are enough hosts of this type without jobs");
        }

        if (Launchable.IsEmpty)
        {
            return new(null, 0, UnmetReason.NoTypeLargeEnough, string.Empty);
        }

        var possible = Launchable.Where(type => Missing(type, idle) <= Math.Max(0, roomVcpus) / type.Vcpus).ToArray();
        if (possible.Length == 0)
        {
            return new(null, 0, UnmetReason.MaximumReached, string.Empty);
        }

        // Another size of its family does not stand in for one that is not to be had; with BEST_FIT, no other type does.
        var wanted = possible[0];
        var chosen = FirstToBeHad(possible);
        if (chosen is null || (_offer.Strategy == AllocationStrategy.BestFit && chosen != wanted))
        {
            return new(wanted, Missing(wanted, idle), UnmetReason.CapacityShortage, string.Empty);
        }

        return new(chosen, Missing(chosen, idle), null, Reasons.OfChoice(_offer, chosen, Launchable.Length, chosen == wanted ? null : wanted));
    }

    /// <summary>The type for which the fewest vCPUs more would have to be launched than there is room for; null: none is large enough.</summary>
    public InstanceType? Nearest(IdleHosts idle) => Launchable.MinBy(type => (long)Missing(type, idle) * type.Vcpus);

    /// <summary>How many hosts of a type are missing.</summary>
    public int Missing(InstanceType type, IdleHosts idle) => idle.CountOf(type.Name) is var (active, coming) ? Math.Max(0, _gang.Nodes - active - coming) : 0;

    private InstanceType? FirstToBeHad(InstanceType[] possible)
    {
        HashSet<string> without = new(StringComparer.Ordinal);
        foreach (var type in possible)
        {
            if (without.Contains(type.Family))
            {
                continue;
            }

            if (_offer.IsAvailable(type))
            {
                return type;
            }

            _ = without.Add(type.Family);
        }

        return null;
    }

    private InstanceType? OfThoseThatThereAre(IdleHosts idle) => idle.Types
        .Where(type => GangHosts.IsFor(_gang, type) && Missing(type, idle) == 0)
        .OrderBy(type => idle.CountOf(type.Name).Active < _gang.Nodes)
        .ThenBy(type => idle.Since(type.Name, _gang.Nodes))
        .ThenBy(type => _places.GetValueOrDefault(type.Name, int.MaxValue))
        .ThenBy(type => type, GangHosts.Order)
        .FirstOrDefault();
}

/// <summary>The type of a multi-node parallel job's hosts.</summary>
/// <param name="Type">The type. With a shortage, the one to wait for; null when there is none at all.</param>
/// <param name="Launches">How many are to be launched beside those that there are.</param>
/// <param name="Refusal">Why it cannot have all its hosts now; null: it can.</param>
/// <param name="Reason">For people: why this type.</param>
internal sealed record ChosenGangType(InstanceType? Type, int Launches, UnmetReason? Refusal, string Reason);
