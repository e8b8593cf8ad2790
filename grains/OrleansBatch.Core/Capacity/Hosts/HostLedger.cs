using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>Which hosts an environment has, and who holds how much of each. Hands out no more than there is.</summary>
/// <remarks>A ledger belongs to one owner: it is not safe for several threads.</remarks>
public sealed partial class HostLedger
{
    private readonly Dictionary<string, Entry> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly HostPacking _packing = new();

    /// <summary>Thousandths of vCPUs of the hosts that each node backs.</summary>
    private readonly Dictionary<string, long> _loads = new(StringComparer.Ordinal);
    private long _added;
    private int _unlaunched;

    /// <summary>What all reservations hold.</summary>
    public ResourceNeeds InUse { get; private set; }

    /// <summary>What all hosts have, in whatever state.</summary>
    public ResourceNeeds Capacity { get; private set; }

    /// <summary>How many reservations there are.</summary>
    public int Count => _held.Count;

    /// <summary>How many hosts there are.</summary>
    public int HostCount => _hosts.Count;

    /// <summary>Whether any reservation was never launched.</summary>
    public bool HasUnlaunched => _unlaunched > 0;

    /// <summary>How many hosts, in whatever state, have no reservations.</summary>
    public int IdleCount { get; private set; }

    /// <summary>All hosts as they are now, in the order in which they came.</summary>
    public ImmutableArray<Host> Snapshot() => [.. _hosts.Values.OrderBy(entry => entry.Added).Select(entry => entry.Now())];

    /// <summary>A host as it is now; null when there is no such one.</summary>
    public Host? Find(string hostId) => _hosts.TryGetValue(hostId, out var entry) ? entry.Now() : null;

    /// <summary>Takes in a host without reservations. False when there is one of that id.</summary>
    public bool Add(Host host)
    {
        var entry = new Entry(host with { Used = default, Reservations = 0 }, ++_added);
        if (!_hosts.TryAdd(host.Id, entry))
        {
            return false;
        }

        Capacity += host.Capacity;
        Load(host.NodeId, host.Capacity.VcpuMillis);
        IdleCount++;
        Open(entry);
        return true;
    }

    /// <summary>Thousandths of vCPUs of all hosts that a node backs.</summary>
    public long LoadOf(string nodeId) => _loads.GetValueOrDefault(nodeId);

    /// <summary>The node that backs a host; null: there is no such host, or nobody knows.</summary>
    public string? NodeOf(string hostId) => _hosts.TryGetValue(hostId, out var entry) ? entry.Host.NodeId : null;

    /// <summary>It has become known which node backs a host. False when there is no such host.</summary>
    public bool Back(string hostId, string nodeId)
    {
        if (!_hosts.TryGetValue(hostId, out var entry))
        {
            return false;
        }

        Load(entry.Host.NodeId, -entry.Host.Capacity.VcpuMillis);
        entry.Host = entry.Host with { NodeId = nodeId };
        Load(nodeId, entry.Host.Capacity.VcpuMillis);
        return true;
    }

    /// <summary>A host has another capacity than was known. False when there is no such host.</summary>
    public bool Resize(string hostId, InstanceType type, ResourceNeeds capacity)
    {
        if (!_hosts.TryGetValue(hostId, out var entry))
        {
            return false;
        }

        _ = _packing.Remove(hostId);
        Capacity += capacity - entry.Host.Capacity;
        Load(entry.Host.NodeId, capacity.VcpuMillis - entry.Host.Capacity.VcpuMillis);
        entry.Host = entry.Host with { Type = type, Capacity = capacity };
        Open(entry);
        return true;
    }

    /// <summary>The hosts in a state, equal ones together; without those that have no vCPU or memory left.</summary>
    /// <param name="state">Which.</param>
    /// <param name="most">So many groups at most, those with the most vCPUs free; but all of hosts without reservations, which only multi-node jobs tell apart.</param>
    public ImmutableArray<HostGroup> Groups(HostState state, int most)
    {
        if (_hosts.Count == 1)
        {
            var only = _hosts.Values.First();
            return only.Host is { IsSingleUse: false, IsClosed: false } && only.Host.State == state && IsOpen(only.Free) ? [new(only.Free, 1, only.IdleType)] : [];
        }

        var groups = new Dictionary<(ResourceNeeds Free, string? IdleType), int>();
        foreach (var entry in _hosts.Values)
        {
            if (entry.Host is { IsSingleUse: false, IsClosed: false } && entry.Host.State == state && IsOpen(entry.Free))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(groups, (entry.Free, entry.IdleType), out _)++;
            }
        }

        var all = groups.Select(group => new HostGroup(group.Key.Free, group.Value, group.Key.IdleType));
        return groups.Count <= most ? [.. all] :
        [
            .. all.OrderByDescending(group => group.IdleType is not null).ThenByDescending(group => group.Free.VcpuMillis).ThenByDescending(group => group.Free.MemoryMiB)
                .Take(Math.Max(most, groups.Keys.Count(group => group.IdleType is not null))),
        ];

        static bool IsOpen(ResourceNeeds free) => free is { VcpuMillis: > 0, MemoryMiB: > 0 };
    }

    /// <summary>A host is gone.</summary>
    /// <returns>The reservations that it had: they are gone too. Empty also when there is no such host.</returns>
    public ImmutableArray<Reservation> Remove(string hostId)
    {
        if (!_hosts.Remove(hostId, out var entry))
        {
            return [];
        }

        _ = _packing.Remove(hostId);
        Capacity -= entry.Host.Capacity;
        Load(entry.Host.NodeId, -entry.Host.Capacity.VcpuMillis);
        IdleCount -= entry.Reservations.Count == 0 ? 1 : 0;
        ImmutableArray<Reservation> lost = [.. entry.Reservations.Select(id => _held[id].Reservation).OrderBy(held => held.Id, StringComparer.Ordinal)];
        foreach (var reservation in lost)
        {
            Forget(reservation.Id);
        }

        return lost;
    }

    /// <summary>Moves a host on in its life. False when there is no such host.</summary>
    /// <param name="hostId">Which.</param>
    /// <param name="state">Only an active host takes jobs.</param>
    /// <param name="endsAt">When an interrupted one goes.</param>
    public bool Move(string hostId, HostState state, DateTimeOffset? endsAt = null)
    {
        if (!_hosts.TryGetValue(hostId, out var entry))
        {
            return false;
        }

        _ = _packing.Remove(hostId);
        entry.Host = entry.Host with { State = state, EndsAt = endsAt };
        Open(entry);
        return true;
    }

    /// <summary>Closes a host while its node cannot be reached, or opens it again. False when there is no such host.</summary>
    public bool Close(string hostId, bool isClosed)
    {
        if (!_hosts.TryGetValue(hostId, out var entry))
        {
            return false;
        }

        if (entry.Host.IsClosed != isClosed)
        {
            _ = _packing.Remove(hostId);
            entry.Host = entry.Host with { IsClosed = isClosed };
            Open(entry);
        }

        return true;
    }

    /// <summary>Launching hosts whose time has come take jobs from now on.</summary>
    /// <returns>How many.</returns>
    public int Activate(DateTimeOffset now)
    {
        var ready = _hosts.Values.Where(entry => entry.Host.State == HostState.Launching && entry.Host.ReadyAt <= now).OrderBy(entry => entry.Added).ToArray();
        foreach (var entry in ready)
        {
            _ = Move(entry.Host.Id, HostState.Active);
        }

        return ready.Length;
    }

    /// <summary>Reserves on the best host.</summary>
    /// <returns>The host's id; null when it fits on none now.</returns>
    /// <exception cref="ArgumentException">There is a reservation of that id.</exception>
    public string? TryReserve(Reservation reservation)
    {
        ThrowIfKnown(reservation);
        if (_packing.Find(reservation.Needs) is not { } hostId)
        {
            return null;
        }

        var entry = _hosts[hostId];
        Hold(entry.Host.Type.IsMachine && reservation.Needs.Gpus > 0 ? reservation with { Gpus = entry.FreeGpus(reservation.Needs.Gpus) } : reservation, entry);
        return hostId;
    }

    /// <summary>Reserves on a host of its own, as on Fargate.</summary>
    /// <param name="reservation">It holds the whole host.</param>
    /// <param name="host">Made by <see cref="Host.OfFargate"/>, with an id that is new.</param>
    /// <param name="maxVcpus">So many vCPUs all hosts may have together.</param>
    /// <returns>False when that would be more.</returns>
    /// <exception cref="ArgumentException">There is a reservation or a host of that id, or the host does not cover the needs.</exception>
    public bool TryReserveOwn(Reservation reservation, Host host, int maxVcpus)
    {
        ThrowIfKnown(reservation);
        if (!host.Capacity.Covers(reservation.Needs))
        {
            throw new ArgumentException($"Host {host.Id} is too small for reservation {reservation.Id}.", nameof(host));
        }

        if (Capacity.VcpuMillis + host.Capacity.VcpuMillis > maxVcpus * 1000L)
        {
            return false;
        }

        if (!Add(host))
        {
            throw new ArgumentException($"There is a host {host.Id} already.", nameof(host));
        }

        Hold(reservation, _hosts[host.Id]);
        return true;
    }

    /// <summary>Takes in a reservation that a job's row already holds, whether it fits or not.</summary>
    /// <returns>False when there is no such host: the attempt is lost.</returns>
    public bool Hold(Reservation reservation, string hostId)
    {
        if (!_hosts.TryGetValue(hostId, out var entry))
        {
            return false;
        }

        if (!_held.ContainsKey(reservation.Id))
        {
            Hold(reservation, entry);
        }

        return true;
    }

    /// <summary>Notes that it was launched. False when there is no such reservation.</summary>
    public bool MarkLaunched(string id)
    {
        if (!_held.TryGetValue(id, out var held))
        {
            return false;
        }

        if (!held.Reservation.IsLaunched)
        {
            _unlaunched--;
            _held[id] = held with { Reservation = held.Reservation with { IsLaunched = true } };
        }

        return true;
    }

    /// <summary>Frees it, and its host if that was there for it only.</summary>
    /// <param name="id">The reservation.</param>
    /// <param name="now">From when its host is idle, if it was the last there.</param>
    /// <returns>The host that had it; null when there is no such reservation: it was freed before.</returns>
    public string? Release(string id, DateTimeOffset now)
    {
        if (!_held.TryGetValue(id, out var held))
        {
            return null;
        }

        Forget(id);
        var entry = held.Entry;
        _ = entry.Reservations.Remove(id);
        entry.Used -= held.Reservation.Needs;
        entry.LetGo(held.Reservation.Gpus);
        entry.IdleSince = entry.Reservations.Count == 0 ? now : null;
        IdleCount += entry.Reservations.Count == 0 ? 1 : 0;
        _packing.Give(entry.Host.Id, held.Reservation.Needs);
#if PLANTED_BUGS
        if (PlantedBugs.Planted.Is("give-capacity-back-twice") && entry.Reservations.Count > 0)
        {
            entry.Used -= held.Reservation.Needs;
            _packing.Give(entry.Host.Id, held.Reservation.Needs);
        }

#endif
        if (entry.Host.IsSingleUse && entry.Reservations.Count == 0)
        {
            _ = Remove(entry.Host.Id);
        }

        return entry.Host.Id;
    }

    /// <summary>Whether a reservation is there, and not on another node's host.</summary>
    public bool IsHeldOn(string nodeId, string id) => _held.TryGetValue(id, out var held) && (held.Entry.Host.NodeId is not { } backing || backing == nodeId);

    /// <summary>A reservation and its host; null when there is no such one.</summary>
    public (Reservation Reservation, string HostId)? FindReservation(string id) =>
        _held.TryGetValue(id, out var held) ? (held.Reservation, held.Entry.Host.Id) : null;

    /// <summary>What a host carries, by id; empty when there is no such host.</summary>
    public ImmutableArray<Reservation> ReservationsOn(string hostId) => _hosts.TryGetValue(hostId, out var entry)
        ? [.. entry.Reservations.Select(id => _held[id].Reservation).OrderBy(reservation => reservation.Id, StringComparer.Ordinal)]
        : [];

    /// <summary>Those made before this time that were launched.</summary>
    public IReadOnlyList<Reservation> LaunchedBefore(DateTimeOffset time) =>
        [.. _held.Values.Select(held => held.Reservation).Where(reservation => reservation.IsLaunched && reservation.At < time)];

    /// <summary>Those made before this time that were never launched.</summary>
    public IReadOnlyList<Reservation> UnlaunchedBefore(DateTimeOffset time) => _unlaunched == 0
        ? []
        : [.. _held.Values.Select(held => held.Reservation).Where(reservation => !reservation.IsLaunched && reservation.At < time)];

    private void Load(string? nodeId, long vcpuMillis)
    {
        if (nodeId is not null && (CollectionsMarshal.GetValueRefOrAddDefault(_loads, nodeId, out _) += vcpuMillis) == 0)
        {
            _ = _loads.Remove(nodeId);
        }
    }

    private void Hold(Reservation reservation, Entry entry)
    {
        if (reservation.IsWholeHost)
        {
            reservation = reservation with { Needs = entry.Host.Capacity };
        }

        _held.Add(reservation.Id, new(reservation, entry));
        _unlaunched += reservation.IsLaunched ? 0 : 1;
        InUse += reservation.Needs;
        IdleCount -= entry.Reservations.Count == 0 ? 1 : 0;
        _ = entry.Reservations.Add(reservation.Id);
        entry.Used += reservation.Needs;
        entry.Take(reservation.Gpus);
        entry.IdleSince = null;
        entry.WasUsed = true;
        _packing.Take(entry.Host.Id, reservation.Needs);
    }

    private void Forget(string id)
    {
        _ = _held.Remove(id, out var held);
        _unlaunched -= held.Reservation.IsLaunched ? 0 : 1;
        InUse -= held.Reservation.Needs;
    }

    private void Open(Entry entry)
    {
        if (entry.Host is { State: HostState.Active, IsSingleUse: false, IsClosed: false })
        {
            _packing.Add(entry.Host.Id, entry.Free, entry.Host.Capacity.Gpus > 0);
        }
    }

    private void ThrowIfKnown(Reservation reservation)
    {
        if (_held.ContainsKey(reservation.Id))
        {
            throw new ArgumentException($"There is a reservation {reservation.Id} already.", nameof(reservation));
        }
    }

    private readonly record struct Held(Reservation Reservation, Entry Entry);

    private sealed class Entry(Host host, long added)
    {
        /// <summary>The GPUs of a machine that reservations name; null: none ever did.</summary>
        private HashSet<int>? _gpus;

        public Host Host { get; set; } = host;

        public long Added { get; } = added;

        public ResourceNeeds Used { get; set; }

        public ResourceNeeds Free => Host.Capacity - Used;

        /// <summary>The type of a host without reservations that may have a node.</summary>
        public string? IdleType => Reservations.Count == 0 && Host.TakesNodes ? Host.Type.Name : null;

        public HashSet<string> Reservations { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset? IdleSince { get; set; } = host.IdleSince;

        public bool WasUsed { get; set; } = host.WasUsed;

        /// <summary>The first so many that nobody holds. There are as many: each one that is held counts as used.</summary>
        public ImmutableArray<int> FreeGpus(int count) => [.. Enumerable.Range(0, Host.Capacity.Gpus).Where(gpu => _gpus?.Contains(gpu) != true).Take(count)];

        public void Take(ImmutableArray<int> gpus)
        {
            if (!gpus.IsEmpty)
            {
                (_gpus ??= []).UnionWith(gpus);
            }
        }

        public void LetGo(ImmutableArray<int> gpus)
        {
            if (!gpus.IsEmpty)
            {
                _gpus?.ExceptWith(gpus);
            }
        }

        public Host Now() => Host with { Used = Used, Reservations = Reservations.Count, IdleSince = IdleSince, WasUsed = WasUsed };
    }
}
