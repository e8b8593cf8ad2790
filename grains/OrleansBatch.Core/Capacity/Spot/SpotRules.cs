using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;

namespace OrleansBatch.Core.Capacity.Spot;

/// <summary>Decides which Spot hosts are taken back, and when they go.</summary>
/// <remarks>Source: EC2 user guide, "Spot Instance interruption notices": two minutes before.</remarks>
public static class SpotRules
{
    /// <summary>From the notice to the end.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromMinutes(2);

    /// <summary>How probable it is that a host is taken back within a time.</summary>
    /// <param name="perHour">Interruptions of such a host expected in an hour; 0 or less: never.</param>
    /// <param name="span">The time; none or less: not in it.</param>
    /// <returns>0 to 1.</returns>
    public static double Probability(double perHour, TimeSpan span) => perHour > 0 && span > TimeSpan.Zero ? 1 - Math.Exp(-perHour * span.TotalHours) : 0;

    /// <summary>How much more often than a type of the class 5 to 10 % one of this class is interrupted.</summary>
    public static double WeightOf(InterruptionClass interruption) => interruption switch
    {
        InterruptionClass.Below5Percent => 2.5 / 7.5,
        InterruptionClass.From5To10Percent => 1,
        InterruptionClass.From10To15Percent => 12.5 / 7.5,
        InterruptionClass.From15To20Percent => 17.5 / 7.5,
        _ => 25 / 7.5,
    };

    /// <summary>Plans.</summary>
    public static SpotPlan Plan(SpotSnapshot snapshot)
    {
        var notices = ImmutableArray.CreateBuilder<SpotNotice>();
        foreach (var host in snapshot.Hosts.Where(MayBeTaken).OrderBy(host => host.Id, StringComparer.Ordinal))
        {
            var since = host.ReadyAt > snapshot.Since ? host.ReadyAt : snapshot.Since;
            if (snapshot.Draw(host.Id) < Probability(snapshot.PerHour * WeightOf(host.Type.Interruption), snapshot.Now - since))
            {
                notices.Add(new(host.Id, snapshot.Now + Notice));
            }
        }

        var interrupted = snapshot.Hosts.Where(host => host is { State: HostState.Interrupted, EndsAt: not null }).ToArray();
        return new(
            [.. notices],
            [.. interrupted.Where(host => host.EndsAt <= snapshot.Now).Select(host => host.Id).Order(StringComparer.Ordinal)],
            interrupted.Where(host => host.EndsAt > snapshot.Now).Select(host => host.EndsAt)
                .Concat(notices.Take(1).Select(notice => (DateTimeOffset?)notice.EndsAt))
                .Min());
    }

    private static bool MayBeTaken(Host host) => host is { Purchase: PurchaseOption.Spot, State: HostState.Active or HostState.Draining };
}

/// <summary>An environment's hosts, and chance.</summary>
public sealed record SpotSnapshot
{
    /// <summary>Its hosts, in whatever state.</summary>
    public required ImmutableArray<Host> Hosts { get; init; }

    /// <summary>Interruptions expected in an hour of a host whose type is of the class 5 to 10 %. Default: 0, none.</summary>
    public double PerHour { get; init; }

    /// <summary>When was looked last.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>A random number for a host's id: from 0, below 1, even, a new one for each look.</summary>
    public required Func<string, double> Draw { get; init; }
}

/// <summary>Which hosts are taken back.</summary>
/// <param name="Notices">Hosts that take no more jobs from now on, and when they go.</param>
/// <param name="Ends">Hosts whose time has come: their attempts end with them, as by <c>StatusReasons.HostTerminated</c>.</param>
/// <param name="LookAgainAt">When the next host goes; null: none is about to. Apart from that, look as often as wanted.</param>
public sealed record SpotPlan(ImmutableArray<SpotNotice> Notices, ImmutableArray<string> Ends, DateTimeOffset? LookAgainAt);

/// <summary>A host's notice.</summary>
/// <param name="HostId">Which.</param>
/// <param name="EndsAt">When it goes.</param>
public sealed record SpotNotice(string HostId, DateTimeOffset EndsAt);
