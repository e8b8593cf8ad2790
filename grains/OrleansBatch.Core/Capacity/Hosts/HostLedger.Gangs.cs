using System.Collections.Immutable;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>Whole hosts for the nodes of multi-node parallel jobs.</summary>
public sealed partial class HostLedger
{
    /// <summary>Reserves a whole host for each node of a multi-node parallel job, all of one instance type: all of them or none.</summary>
    /// <param name="reservations">One for each node. What they need is not looked at: each is held as one of a whole host.</param>
    /// <param name="gang">What the hosts must be.</param>
    /// <returns>The hosts' ids in the order of the reservations; empty when there are not enough that have nothing on them.</returns>
    /// <remarks>Of several types that would do: see <see cref="GangHosts.Order"/>. Of its hosts: those that came first.</remarks>
    /// <exception cref="ArgumentException">There are not as many reservations as nodes, or there is one of such an id.</exception>
    public ImmutableArray<string> TryReserveGang(ImmutableArray<Reservation> reservations, GangNeeds gang)
    {
        if (reservations.Length != gang.Nodes || gang.Nodes < 1)
        {
            throw new ArgumentException($"There are {reservations.Length} reservations for {gang.Nodes} nodes.", nameof(reservations));
        }

        if (reservations.DistinctBy(reservation => reservation.Id).Count() < reservations.Length)
        {
            throw new ArgumentException("Two nodes have one reservation.", nameof(reservations));
        }

        foreach (var reservation in reservations)
        {
            ThrowIfKnown(reservation);
        }

        var hosts = HostsFor(gang);
        for (var node = 0; node < hosts.Length; node++)
        {
            Hold(reservations[node] with { IsWholeHost = true }, hosts[node]);
        }

        return [.. hosts.Select(entry => entry.Host.Id)];
    }

    private Entry[] HostsFor(GangNeeds gang)
    {
        if (IdleCount < gang.Nodes)
        {
            return [];
        }

        var best = _hosts.Values
            .Where(entry => entry.Host is { State: HostState.Active, IsClosed: false } && entry.IdleType is not null && GangHosts.IsFor(gang, entry.Host.Type.Name, entry.Host.Capacity))
            .GroupBy(entry => entry.Host.Type.Name, StringComparer.Ordinal)
            .Where(type => type.Count() >= gang.Nodes)
            .OrderBy(type => type.First().Host.Type, GangHosts.Order)
            .FirstOrDefault();
        return best is null ? [] : [.. best.OrderBy(entry => entry.Added).Take(gang.Nodes)];
    }
}
