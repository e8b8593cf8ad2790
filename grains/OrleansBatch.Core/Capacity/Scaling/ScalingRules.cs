using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>Decides which hosts an environment of EC2 or Spot launches and ends.</summary>
/// <remarks>
/// To be asked when what waits has changed, when a host became idle or went, when the environment was changed, and at the time that the plan names.
/// Source: AWS Batch user guide, "Compute environment template" (minvCpus, desiredvCpus, maxvCpus), "Instance type allocation
/// strategies"; API, ComputeScalingPolicy.
/// </remarks>
public static partial class ScalingRules
{
    /// <summary>Plans.</summary>
    /// <remarks>Hosts without jobs stay for a while, unless they are in the way: what waits because of the maximum has those end that nothing waits for.</remarks>
    public static ScalingPlan Plan(ScalingSnapshot snapshot)
    {
        var plan = Plan(snapshot, isRoomWanted: false);
        if (!plan.Unmet.Any(unmet => unmet.Reason == UnmetReason.MaximumReached) || !snapshot.Hosts.Any(host => host is { State: HostState.Active, Reservations: 0 }))
        {
            return plan;
        }

        var roomier = Plan(snapshot, isRoomWanted: true);
        return roomier.Unmet.Sum(unmet => (long)unmet.Count) < plan.Unmet.Sum(unmet => (long)unmet.Count) ? roomier : plan;
    }

    private static ScalingPlan Plan(ScalingSnapshot snapshot, bool isRoomWanted)
    {
        // How many of a demand's multi-node jobs keep hosts that are idle. Fewer when the rest of their hosts turns out not to be had: it ends.
        int[] keeping = [.. snapshot.Waiting.Select(demand => demand.Count)];
        while (true)
        {
            var planning = new Planning(snapshot, keeping, isRoomWanted);
            planning.PlaceOnHosts();
            planning.EndHosts();
            if (planning.LaunchForWaiting())
            {
                planning.LaunchForFloor();
                return planning.Finish();
            }
        }
    }

    /// <summary>When a host without jobs may go.</summary>
    private static DateTimeOffset EndOfIdleness(ScalingSnapshot snapshot, Host host) =>
        host.IdleSince!.Value + (host.WasUsed && snapshot.ScaleDownDelay > TimeSpan.Zero ? snapshot.ScaleDownDelay : snapshot.IdleDelay);

    private sealed partial class Planning
    {
        /// <summary>What a host kept for no job is measured by.</summary>
        private static readonly ResourceNeeds OneVcpu = new() { VcpuMillis = 1000 };

        private readonly ScalingSnapshot _snapshot;
        private readonly bool _isRoomWanted;
        private readonly int[] _left;
        private readonly HostPacking _active = new();
        private readonly HostPacking _coming = new();
        private readonly HashSet<string> _needed = new(StringComparer.Ordinal);
        private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
        private readonly ImmutableArray<PlannedEnd>.Builder _ends = ImmutableArray.CreateBuilder<PlannedEnd>();
        private readonly ImmutableArray<PlannedLaunch>.Builder _launches = ImmutableArray.CreateBuilder<PlannedLaunch>();
        private readonly List<UnmetDemand> _missed = [];

        /// <summary>vCPUs of all hosts, and of those that are not about to go: the maximum counts all, the minimum these.</summary>
        private int _total;

        private int _live;
        private int _launched;
        private int _named;
        private bool _isShort;

        public Planning(ScalingSnapshot snapshot, int[] keeping, bool isRoomWanted)
        {
            (_snapshot, _keeping, _isRoomWanted) = (snapshot, keeping, isRoomWanted);
            _left = [.. snapshot.Waiting.Select(demand => demand.Count)];
            foreach (var host in snapshot.Hosts.OrderBy(host => host.LaunchedAt).ThenBy(host => host.Id, StringComparer.Ordinal))
            {
                _total += host.Type.Vcpus;
                if (host.State is HostState.Active or HostState.Launching)
                {
                    _live += host.Type.Vcpus;
                    if (host.IsClosed)
                    {
                        // Nobody waits for a node that may never come back.
                        continue;
                    }

                    (host.State == HostState.Active ? _active : _coming).Add(host.Id, host.Free, host.Capacity.Gpus > 0);
                }
            }

            if (snapshot.Waiting.Any(demand => demand.Gang is not null))
            {
                _idle = new(snapshot.Hosts);
            }
        }

        /// <summary>vCPUs that are there whether anything waits or not.</summary>
        private int Floor => Math.Max(_snapshot.MinVcpus, _snapshot.IsEnabled ? Math.Min(_snapshot.AskedVcpus, _snapshot.Offer.MaxVcpus) : 0);

        /// <summary>What waits goes on the hosts that there are, then on those that are coming.</summary>
        public void PlaceOnHosts()
        {
            for (var index = 0; _snapshot.IsEnabled && index < _left.Length; index++)
            {
                if (_snapshot.Waiting[index].Gang is { } gang)
                {
                    KeepForGangs(index, gang);
                    continue;
                }

                PlaceOn(_active, index);
                PlaceOn(_coming, index);
            }
        }

        /// <summary>No job that still waits fits on an idle host, so ending it harms none.</summary>
        public void EndHosts()
        {
            foreach (var host in _snapshot.Hosts.Where(host => host is { State: HostState.Draining, Reservations: 0 }).OrderBy(host => host.Id, StringComparer.Ordinal))
            {
                End(host, "replaced, and its last job has ended");
            }

            foreach (var host in Idle().OrderBy(host => host.IdleSince).ThenBy(host => host.Id, StringComparer.Ordinal))
            {
                var isDue = EndOfIdleness(_snapshot, host) <= _snapshot.Now;
                if ((isDue || _isRoomWanted) && _live - host.Type.Vcpus >= Floor)
                {
                    _live -= host.Type.Vcpus;
                    End(host, $"idle for {Math.Floor((_snapshot.Now - host.IdleSince!.Value).TotalSeconds):0} s{(isDue ? string.Empty : ", and in the way of what waits")}");
                }
            }
        }

        /// <returns>False when hosts were kept for a multi-node job that cannot have all of its hosts: plan anew.</returns>
        public bool LaunchForWaiting()
        {
            for (var index = 0; index < _left.Length; index++)
            {
                if (!_snapshot.IsEnabled)
                {
                    Miss(index, UnmetReason.Disabled, null);
                    continue;
                }

                if (_snapshot.Waiting[index].Gang is { } gang)
                {
                    if (!LaunchForGangs(index, gang))
                    {
                        return false;
                    }

                    continue;
                }

                // What was launched for others may have room left.
                PlaceOn(_coming, index);
                while (_left[index] > 0)
                {
                    var needs = _snapshot.Waiting[index].Needs;
                    var chosen = TypeChoice.Choose(_snapshot.Offer, needs, _left[index], Room);
                    if (chosen.Refusal is { } refusal)
                    {
                        Miss(index, refusal, chosen.Type?.Name);
                        break;
                    }

                    var count = CountOf(chosen.Type!, _left[index] / chosen.Holds);
                    Launch(chosen.Type!, count, $"{chosen.Reason}; for {_left[index]} waiting of {Reasons.Text(needs)}, {chosen.Holds} on a host");
                    PlaceOn(_coming, index);
                }
            }

            return true;
        }

        public void LaunchForFloor()
        {
            while (_live < Floor)
            {
                var missing = Floor - _live;
                var chosen = TypeChoice.Choose(_snapshot.Offer, OneVcpu, missing, Room);
                if (chosen.Refusal is { } refusal)
                {
                    _isShort |= refusal == UnmetReason.CapacityShortage;
                    break;
                }

                var why = Floor == _snapshot.MinVcpus ? $"to keep minvCpus {Floor}" : $"for desiredvCpus {Floor}";
                Launch(chosen.Type!, CountOf(chosen.Type!, missing / chosen.Type!.Vcpus), $"{chosen.Reason}; {why}", isForNobody: true);
            }
        }

        public ScalingPlan Finish() => new(
            _ends.DrainToImmutable(),
            _launches.DrainToImmutable(),
            Math.Max(_snapshot.MinVcpus, Math.Min(_live, _snapshot.Offer.MaxVcpus)),
            _live >= _snapshot.AskedVcpus ? 0 : _snapshot.AskedVcpus,
            Unmet(),
            LookAgainAt());

        private int Room => _snapshot.Offer.MaxVcpus - _total;

        private IEnumerable<Host> Idle() => _snapshot.Hosts.Where(host =>
            host is { State: HostState.Active, Reservations: 0, IdleSince: not null, IsClosed: false } && !_needed.Contains(host.Id) && !_ended.Contains(host.Id));

        /// <summary>As many as wanted and as there is room for, but one.</summary>
        private int CountOf(InstanceType type, int wanted) => Math.Max(1, Math.Min(wanted, Room / type.Vcpus));

        private void PlaceOn(HostPacking hosts, int index)
        {
            while (_left[index] > 0 && hosts.PlaceMany(_snapshot.Waiting[index].Needs, _left[index]) is { } placed)
            {
                _left[index] -= placed.Count;
                Need(placed.HostId);
            }
        }

        private void Need(string hostId)
        {
            _ = _needed.Add(hostId);
            _idle?.Remove(hostId);
        }

        private void End(Host host, string reason)
        {
            _idle?.Remove(host.Id);
            _total -= host.Type.Vcpus;
            _ = _ended.Add(host.Id);
            _ends.Add(new(host.Id, reason));
        }

        private void Launch(InstanceType type, int count, string reason, bool isForNobody = false)
        {
            Count(type, count, reason);
            for (var host = 0; host < count; host++)
            {
                // No host has such an id.
                var launched = Host.Launch($"\0{++_named}", type, _snapshot.Offer.Purchase, _snapshot.Now, _snapshot.LaunchDelay) with { State = HostState.Launching };
                _coming.Add(launched.Id, launched.Capacity, type.Gpus > 0);
                if (isForNobody && launched.TakesNodes)
                {
                    _idle?.Add(launched);
                }
            }
        }

        private void Count(InstanceType type, int count, string reason)
        {
            _launches.Add(new(type, count, reason));
            _total += count * type.Vcpus;
            _live += count * type.Vcpus;
            _launched += count;
        }

        private void Miss(int index, UnmetReason reason, string? type)
        {
            _isShort |= reason == UnmetReason.CapacityShortage;
            _missed.Add(new(index, _snapshot.Waiting[index].Needs, _left[index], reason, type, _snapshot.Waiting[index].Gang));
        }

        /// <summary>What was launched for others, or for the minimum, may have room for some of it.</summary>
        private ImmutableArray<UnmetDemand> Unmet()
        {
            foreach (var missed in _missed.Where(missed => missed.Reason != UnmetReason.Disabled))
            {
                if (missed.Gang is { } gang)
                {
                    KeepLaunched(missed.Index, gang);
                }
                else
                {
                    PlaceOn(_coming, missed.Index);
                }
            }

            return [.. _missed.Select(missed => missed with { Count = _left[missed.Index] }).Where(missed => missed.Count > 0)];
        }

        private DateTimeOffset? LookAgainAt()
        {
            var times = _snapshot.Hosts.Where(host => host.State == HostState.Launching).Select(host => host.ReadyAt)
                .Concat(Idle().Where(host => _lacksRoom || _live - host.Type.Vcpus >= Floor).Select(host => EndOfIdleness(_snapshot, host)))
                .Concat(_launched > 0 ? [_snapshot.Now + _snapshot.LaunchDelay, _snapshot.Now + _snapshot.LaunchDelay + _snapshot.IdleDelay] : [])
                .Concat(_isShort ? [_snapshot.Now + _snapshot.ShortageRetry] : [])
                .Where(time => time > _snapshot.Now);
            return times.Select(time => (DateTimeOffset?)time).Min();
        }
    }
}
