using System.Collections.Immutable;
using System.Globalization;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Unplaced;

/// <summary>Explains why a job was not placed, and what would help.</summary>
/// <remarks>
/// Clients kill a job that is called misconfigured: that is said only when no attached environment could ever take it, be it DISABLED
/// or INVALID or not. Source: AWS Batch user guide, "Jobs stuck in RUNNABLE".
/// </remarks>
public static partial class WhyUnplaced
{
    /// <summary>Explains.</summary>
    /// <param name="needs">Of the job.</param>
    /// <param name="environments">Of its queue, in order.</param>
    /// <param name="catalogue">Where to look for types that would help.</param>
    /// <param name="gang">Of a multi-node parallel job: its hosts, which count instead of <paramref name="needs"/>; null of any other.</param>
    public static Explanation Explain(ResourceNeeds needs, ImmutableArray<EnvironmentOutlook> environments, InstanceCatalogue catalogue, GangNeeds? gang = null)
    {
        ImmutableArray<EnvironmentExplanation> explained = [.. environments.Select(environment => Explain(needs, gang, environment, catalogue))];
        var possible = environments.Zip(explained).Where(pair =>
            pair.First.IsUsable && !pair.Second.IsImpossible && pair.Second.Outlook != JobOutlook.NoHosts).ToArray();
        if (possible.Length > 0 && possible.All(pair => pair.Second.Outlook == JobOutlook.Shortage))
        {
            return new(UnplacedReason.NoFreeCapacity, Reasons.InsufficientCapacity(MissingType(needs, gang, possible[0].First)), explained);
        }

        var reason = possible.Length > 0 ? UnplacedReason.NoFreeCapacity : WhyNever(environments, explained);
        return new(reason, reason.StatusReason(), explained);
    }

    private static UnplacedReason WhyNever(ImmutableArray<EnvironmentOutlook> environments, ImmutableArray<EnvironmentExplanation> explained)
    {
        if (environments.IsEmpty)
        {
            return UnplacedReason.NoUsableEnvironment;
        }

        if (environments.All(environment => !environment.IsValid))
        {
            return UnplacedReason.EnvironmentsInvalid;
        }

        if (explained.All(environment => environment.IsImpossible))
        {
            return explained.All(environment => environment.Outlook == JobOutlook.MaximumTooLow)
                ? UnplacedReason.ExceedsMaximumVcpus
                : UnplacedReason.ExceedsResources;
        }

        return environments.All(environment => !environment.IsEnabled) ? UnplacedReason.EnvironmentsDisabled : UnplacedReason.NoUsableEnvironment;
    }

    private static EnvironmentExplanation Explain(ResourceNeeds needs, GangNeeds? gang, EnvironmentOutlook environment, InstanceCatalogue catalogue)
    {
        var explanation = gang is { } ofGang ? ForGang(ofGang, environment, catalogue) : environment switch
        {
            { FargateMaxVcpus: { } max } => OnFargate(needs, environment, max),
            { Offer: { } offer } => OnHosts(needs, environment, offer, catalogue),
            _ => OnOwnHosts(needs, environment),
        };
        if (!environment.HasNodes && !explanation.IsImpossible && environment is not { Offer: null, FargateMaxVcpus: null })
        {
            explanation = new(environment.Name, JobOutlook.NoHosts, "no agent that serves it is connected", ["an agent that serves it"]);
        }

        if (!environment.IsValid)
        {
            return explanation with { Text = $"is INVALID; {explanation.Text}", WouldHelp = ["an update that makes it VALID"] };
        }

        return environment.IsEnabled || explanation.IsImpossible
            ? explanation
            : explanation with { Text = $"is DISABLED; {explanation.Text}", WouldHelp = ["state ENABLED"] };
    }

    private static EnvironmentExplanation OnHosts(ResourceNeeds needs, EnvironmentOutlook environment, CapacityOffer offer, InstanceCatalogue catalogue)
    {
        if (OnItsHosts(needs, environment) is { } fits)
        {
            return fits;
        }

        var holders = Holders(needs, environment);
        var total = environment.Hosts.Sum(host => host.Type.Vcpus);
        var chosen = TypeChoice.Choose(offer, needs, 1, offer.MaxVcpus - total);

        // A host that is there may be larger than what could be launched today.
        if (holders.Length == 0 && Impossible(needs, environment, offer, catalogue) is { } impossible)
        {
            return impossible;
        }

        return chosen.Refusal switch
        {
            null => new(environment.Name, JobOutlook.HostCanBeLaunched, $"{chosen.Type!.Name} can be launched: {chosen.Reason}", []),
            UnmetReason.CapacityShortage when holders.Length == 0 => new(
                environment.Name,
                JobOutlook.Shortage,
                $"needs a host such as {chosen.Type!.Name}, and none is to be had",
                offer.Strategy == AllocationStrategy.BestFit ? ["other instance types", "an environment whose strategy is not BEST_FIT"] : ["other instance types"]),
            UnmetReason.MaximumReached when TypeChoice.Choose(offer, needs, 1, offer.MaxVcpus - total + InTheWay(environment)) is { Refusal: null } roomier => new(
                environment.Name, JobOutlook.HostCanBeLaunched, $"{roomier.Type!.Name} can be launched in the place of idle hosts: {roomier.Reason}", []),
            UnmetReason.MaximumReached => new(
                environment.Name,
                JobOutlook.Busy,
                $"{HoldersText(holders)}, and {Math.Max(0, offer.MaxVcpus - total)} of maxvCpus {offer.MaxVcpus} are left for new hosts",
                [$"maxvCpus ≥ {total + (offer.MayExceedMaximum ? 1 : SmallestVcpus(needs, offer))}"]),
            _ => new(environment.Name, JobOutlook.Busy, HoldersText(holders), []),
        };
    }

    /// <summary>The proof that it can never be there: no type holds it, or the maximum forbids every type that does.</summary>
    private static EnvironmentExplanation? Impossible(
        ResourceNeeds needs, EnvironmentOutlook environment, CapacityOffer offer, InstanceCatalogue catalogue)
    {
        ImmutableArray<InstanceType> types = [.. offer.Types.Select(choice => choice.Type)];
        var holding = types.Where(type => type.Capacity.Covers(needs)).ToArray();
        var least = Math.Max((needs.VcpuMillis + 999) / 1000, holding.Length > 0 && !offer.MayExceedMaximum ? holding.Min(type => type.Vcpus) : 1);
        var maximum = least > offer.MaxVcpus ? $"maxvCpus ≥ {least}" : null;
        if (holding.Length > 0)
        {
            return maximum is null
                ? null
                : new(environment.Name, JobOutlook.MaximumTooLow, $"needs {Reasons.Text(needs)}, but maxvCpus is {offer.MaxVcpus}", [maximum]);
        }

        var helps = TypesThatHelp(needs, types, catalogue) is { } type ? $"instance type {type.Name}" : null;
        var smaller = SmallerJob(needs, types);
        return new(
            environment.Name,
            maximum is null ? JobOutlook.TooLarge : JobOutlook.MaximumTooLow,
            $"needs {Reasons.Text(needs)}, {Largest(types)}{(maximum is null ? "" : $", and maxvCpus is {offer.MaxVcpus}")}",
            [.. (maximum is null ? new[] { helps, smaller } : [helps is null ? null : $"{helps} and {maximum}"]).OfType<string>()]);
    }

    private static EnvironmentExplanation OnFargate(ResourceNeeds needs, EnvironmentOutlook environment, int max)
    {
        if (FargateHosts.SizeFor(needs) is not { } size)
        {
            var why = needs.Gpus > 0 ? "Fargate has no GPUs" : $"the largest host of Fargate has {Reasons.Text(FargateHosts.Sizes[^1])}";
            return new(environment.Name, JobOutlook.TooLarge, $"needs {Reasons.Text(needs)}, {why}", ["an environment of EC2"]);
        }

        var used = environment.Hosts.Sum(host => host.Capacity.VcpuMillis);
        if (size.VcpuMillis > max * 1000L)
        {
            return new(
                environment.Name,
                JobOutlook.MaximumTooLow,
                $"needs {Reasons.Vcpus(size.VcpuMillis)}, but maxvCpus is {max}",
                [$"maxvCpus ≥ {(size.VcpuMillis + 999) / 1000}"]);
        }

        return used + size.VcpuMillis <= max * 1000L
            ? new(environment.Name, JobOutlook.FitsNow, $"fits now: {Reasons.Vcpus(used)} of {max} are in use", [])
            : new(
                environment.Name,
                JobOutlook.Busy,
                $"needs {Reasons.Vcpus(size.VcpuMillis)}, and of maxvCpus {max} are in use {Reasons.Vcpus(used)}",
                [$"maxvCpus ≥ {(used + size.VcpuMillis + 999) / 1000}"]);
    }

    private static EnvironmentExplanation OnOwnHosts(ResourceNeeds needs, EnvironmentOutlook environment)
    {
        if (OnItsHosts(needs, environment) is { } fits)
        {
            return fits;
        }

        var live = environment.Hosts.Where(IsLive).ToArray();
        if (live.Length == 0)
        {
            return new(environment.Name, JobOutlook.NoHosts, "has no hosts", ["a host in its cluster"]);
        }

        var holders = Holders(needs, environment);
        return holders.Length > 0
            ? new(environment.Name, JobOutlook.Busy, HoldersText(holders), [])
            : new(
                environment.Name,
                JobOutlook.TooLarge,
                $"needs {Reasons.Text(needs)}, {Largest([.. live.Select(host => host.Type)])}",
                ["a larger host in its cluster"]);
    }

    /// <summary>Whether it fits on a host now or as soon as it is ready; null: not.</summary>
    private static EnvironmentExplanation? OnItsHosts(ResourceNeeds needs, EnvironmentOutlook environment)
    {
        var fitting = environment.Hosts.Where(host => IsLive(host) && host.Free.Covers(needs))
            .OrderBy(host => host.State != HostState.Active).ThenBy(host => host.ReadyAt).ThenBy(host => host.Id, StringComparer.Ordinal).FirstOrDefault();
        return fitting switch
        {
            null => null,
            { State: HostState.Active } => new(environment.Name, JobOutlook.FitsNow, $"fits now on host {fitting.Id} ({fitting.Type.Name})", []),
            _ => new(
                environment.Name,
                JobOutlook.HostIsComing,
                $"fits on host {fitting.Id} ({fitting.Type.Name}), which is ready at {fitting.ReadyAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}",
                []),
        };
    }

    /// <summary>vCPUs of hosts that would end to make room.</summary>
    private static int InTheWay(EnvironmentOutlook environment) =>
        environment.Hosts.Where(host => host is { State: HostState.Active, Reservations: 0, IdleSince: not null }).Sum(host => host.Type.Vcpus);

    private static bool IsLive(Host host) => !host.IsClosed && host.State is HostState.Active or HostState.Launching;

    private static ImmutableArray<Host> Holders(ResourceNeeds needs, EnvironmentOutlook environment) =>
        [.. environment.Hosts.Where(host => IsLive(host) && host.Capacity.Covers(needs))];

    private static string HoldersText(ImmutableArray<Host> holders) => holders.Length switch
    {
        0 => "no host is large enough yet",
        1 => $"fits {holders[0].Type.Name}, but the one host that is large enough is busy",
        _ => $"fits {string.Join(", ", holders.Select(host => host.Type.Name).Distinct().Order(StringComparer.Ordinal).Take(3))}, but the {holders.Length} hosts that are large enough are busy",
    };

    private static string MissingType(ResourceNeeds needs, GangNeeds? gang, EnvironmentOutlook environment)
    {
        var room = environment.Offer!.MaxVcpus - environment.Hosts.Sum(host => host.Type.Vcpus);
        return (gang is { } ofGang
            ? new GangTypes(environment.Offer, ofGang).Choose(new(environment.Hosts), room).Type
            : TypeChoice.Choose(environment.Offer, needs, 1, room).Type)!.Name;
    }

    private static int SmallestVcpus(ResourceNeeds needs, CapacityOffer offer) =>
        offer.Types.Where(choice => choice.Type.Capacity.Covers(needs)).Select(choice => choice.Type.Vcpus).DefaultIfEmpty().Min();

    private static string Largest(ImmutableArray<InstanceType> types)
    {
        if (types.IsEmpty)
        {
            return "but the environment has no known instance type";
        }

        var largest = types.OrderByDescending(type => type.Vcpus).ThenByDescending(type => type.RegisteredMemoryMiB).ThenBy(type => type.Name, StringComparer.Ordinal).First();
        return types.Max(type => type.RegisteredMemoryMiB) > largest.RegisteredMemoryMiB || types.Max(type => type.Gpus) > largest.Gpus
            ? $"but no type has all of it: at most {Reasons.Vcpus(largest.Vcpus * 1000L)}, or {types.Max(type => type.RegisteredMemoryMiB)} MiB, or {types.Max(type => type.Gpus)} GPUs"
            : $"but the largest type, {largest.Name}, has {Reasons.Text(largest.Capacity)}";
    }

    private static InstanceType? TypesThatHelp(ResourceNeeds needs, ImmutableArray<InstanceType> types, InstanceCatalogue catalogue) =>
        catalogue.Types
            .Where(type => type.Capacity.Covers(needs) && (types.IsEmpty || type.Architecture == types[0].Architecture))
            .OrderBy(type => type.UsdPerHour).ThenBy(type => type.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>If it is only the memory: how much there is.</summary>
    private static string? SmallerJob(ResourceNeeds needs, ImmutableArray<InstanceType> types)
    {
        var memory = types.Where(type => type.Capacity.Covers(needs with { MemoryMiB = 0 })).Select(type => type.RegisteredMemoryMiB).DefaultIfEmpty().Max();
        return memory > 0 ? $"memory ≤ {memory} MiB" : null;
    }
}
