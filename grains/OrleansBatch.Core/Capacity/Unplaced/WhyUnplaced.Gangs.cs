using System.Collections.Immutable;
using System.Globalization;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Unplaced;

/// <summary>Why a multi-node parallel job was not placed.</summary>
public static partial class WhyUnplaced
{
    private static EnvironmentExplanation ForGang(GangNeeds gang, EnvironmentOutlook environment, InstanceCatalogue catalogue)
    {
        if (environment.Offer is not { Purchase: PurchaseOption.OnDemand } offer)
        {
            return new(environment.Name, JobOutlook.NotTaken, "takes no multi-node parallel jobs, for it is not a managed one of EC2 on demand", ["an environment of type EC2"]);
        }

        var idle = new IdleHosts(environment.Hosts);
        var types = new GangTypes(offer, gang);
        var total = environment.Hosts.Sum(host => host.Type.Vcpus);
        var chosen = types.Choose(idle, offer.MaxVcpus - total);
        if (chosen is { Refusal: null, Launches: 0 })
        {
            return OnIdleHosts(gang, environment, chosen.Type!, idle);
        }

        if (ImpossibleForGang(gang, environment, offer, catalogue) is { } impossible)
        {
            return impossible;
        }

        return chosen.Refusal switch
        {
            null => new(environment.Name, JobOutlook.HostCanBeLaunched, $"{chosen.Launches} {chosen.Type!.Name}{Beside(gang.Nodes - chosen.Launches)} can be launched: {chosen.Reason}", []),
            UnmetReason.CapacityShortage => new(
                environment.Name,
                JobOutlook.Shortage,
                $"needs {Hosts(chosen.Launches)} of {chosen.Type!.Name}{Beside(gang.Nodes - chosen.Launches)} at once, and none is to be had",
                offer.Strategy == AllocationStrategy.BestFit
                    ? ["other instance types", "an environment whose strategy is not BEST_FIT"]
                    : ["instance types of another family"]),
            UnmetReason.MaximumReached when types.Choose(new(environment.Hosts.Where(host => host.State != HostState.Active)), offer.MaxVcpus - total + InTheWay(environment)) is { Refusal: null } roomier => new(
                environment.Name, JobOutlook.HostCanBeLaunched, $"{roomier.Launches} {roomier.Type!.Name} can be launched in the place of idle hosts: {roomier.Reason}", []),
            _ => BusyForGang(gang, environment, offer.MaxVcpus, total, types, idle),
        };
    }

    private static EnvironmentExplanation OnIdleHosts(GangNeeds gang, EnvironmentOutlook environment, InstanceType type, IdleHosts idle)
    {
        if (idle.CountOf(type.Name).Active >= gang.Nodes)
        {
            return new(environment.Name, JobOutlook.FitsNow, $"fits now on {Idle(gang.Nodes)} of {type.Name}", []);
        }

        var last = idle.Take(type.Name, gang.Nodes).Max(host => host.ReadyAt);
        return new(
            environment.Name,
            JobOutlook.HostIsComing,
            $"fits on {Hosts(gang.Nodes)} of {type.Name}, the last of which is ready at {last.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}",
            []);
    }

    private static EnvironmentExplanation BusyForGang(GangNeeds gang, EnvironmentOutlook environment, int max, int total, GangTypes types, IdleHosts idle)
    {
        var most = idle.Types.Where(type => GangHosts.IsFor(gang, type))
            .OrderByDescending(type => idle.CountOf(type.Name) is var (active, coming) ? active + coming : 0).ThenBy(type => type, GangHosts.Order).FirstOrDefault();
        var has = most is null ? "none" : idle.CountOf(most.Name) is (var active, var coming) && coming == 0 ? $"{active} of {most.Name}"
            : $"{active} of {most.Name} and {coming} that {(coming == 1 ? "is" : "are")} coming";
        var nearest = types.Nearest(idle);
        return new(
            environment.Name,
            JobOutlook.Busy,
            $"needs {Idle(gang.Nodes)} of {gang.InstanceType ?? "one type"} at once, has {has}, and {Math.Max(0, max - total)} of maxvCpus {max} are left for new hosts",
            nearest is null ? [] : [$"maxvCpus ≥ {total + (types.Missing(nearest, idle) * nearest.Vcpus)}"]);
    }

    /// <summary>The proof that it can never be there. Hosts that are there may be larger than what could be launched today.</summary>
    private static EnvironmentExplanation? ImpossibleForGang(GangNeeds gang, EnvironmentOutlook environment, CapacityOffer offer, InstanceCatalogue catalogue)
    {
        var isThere = environment.Hosts.Where(host => IsLive(host) && host.TakesNodes && GangHosts.IsFor(gang, host.Type))
            .CountBy(host => host.Type.Name).Any(type => type.Value >= gang.Nodes);
        return isThere ? null : CapacityOffers.OutlookOf(offer, gang) switch
        {
            GangOutlook.MaximumTooLow => MaximumTooLow(gang, environment, offer),
            GangOutlook.NoTypeLargeEnough => NoTypeFor(gang, environment, [.. offer.Types.Select(choice => choice.Type)], catalogue),
            _ => null,
        };
    }

    private static EnvironmentExplanation MaximumTooLow(GangNeeds gang, EnvironmentOutlook environment, CapacityOffer offer)
    {
        var smallest = offer.Types.Select(choice => choice.Type).Where(type => GangHosts.IsFor(gang, type)).MinBy(type => type.Vcpus)!;
        var needed = (long)gang.Nodes * smallest.Vcpus;
        var fitting = offer.MaxVcpus / smallest.Vcpus;
        return new(
            environment.Name,
            JobOutlook.MaximumTooLow,
            $"needs {Hosts(gang.Nodes)}, of which each has {Reasons.Vcpus(smallest.Vcpus * 1000L)} or more, but maxvCpus is {offer.MaxVcpus}",
            [$"maxvCpus ≥ {needed}", .. fitting > 0 ? [$"nodes ≤ {fitting}"] : Array.Empty<string>()]);
    }

    private static EnvironmentExplanation NoTypeFor(GangNeeds gang, EnvironmentOutlook environment, ImmutableArray<InstanceType> types, InstanceCatalogue catalogue)
    {
        if (gang.InstanceType is { } asked && types.All(type => type.Name != asked))
        {
            return new(environment.Name, JobOutlook.TooLarge, $"needs instance type {asked}, which is not one of its own", [$"instance type {asked}"]);
        }

        ImmutableArray<InstanceType> own = gang.InstanceType is null ? types : [.. types.Where(type => type.Name == gang.InstanceType)];
        var helps = gang.InstanceType is null && TypesThatHelp(gang.PerNode, own, catalogue) is { } type ? $"instance type {type.Name}" : null;
        return new(
            environment.Name,
            JobOutlook.TooLarge,
            $"each node needs {Reasons.Text(gang.PerNode)}, {Largest(own)}",
            [.. new[] { helps, SmallerJob(gang.PerNode, own) }.OfType<string>()]);
    }

    private static string Hosts(int count) => $"{count} host{(count == 1 ? "" : "s")}";

    private static string Idle(int count) => $"{count} idle host{(count == 1 ? "" : "s")}";

    private static string Beside(int idle) => idle == 0 ? "" : $" beside {Idle(idle)}";
}
