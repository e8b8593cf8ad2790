using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>Hosts for multi-node parallel jobs: each job has all of them or none.</summary>
/// <remarks>
/// What is there is shared out in the order of what waits, before anything is launched. So a multi-node job first keeps hosts that are idle, if it looks as if the rest
/// could be launched. What jobs before it launch may leave too little room: then it keeps none, and the plan is made anew without.
/// </remarks>
public static partial class ScalingRules
{
    private sealed partial class Planning
    {
        private readonly int[] _keeping;

        /// <summary>Null when no multi-node job waits.</summary>
        private readonly IdleHosts? _idle;
        private readonly Dictionary<int, GangTypes> _types = [];
        private readonly Dictionary<int, List<(InstanceType Type, int Launches, string Reason)>> _kept = [];

        /// <summary>vCPUs to be launched for those that keep hosts.</summary>
        private int _promised;

        /// <summary>Whether hosts that are not idle for long enough yet may make room for a multi-node job.</summary>
        private bool _lacksRoom;

        private void KeepForGangs(int index, GangNeeds gang)
        {
            var kept = _kept[index] = [];
            while (kept.Count < _keeping[index] && TypesFor(index, gang).Choose(_idle!, Room - _promised) is { Refusal: null } chosen && chosen.Launches < gang.Nodes)
            {
                Keep(chosen.Type!, gang.Nodes - chosen.Launches);
                _promised += chosen.Launches * chosen.Type!.Vcpus;
                kept.Add((chosen.Type, chosen.Launches, chosen.Reason));
            }
        }

        /// <returns>False when some keep hosts and cannot have the rest.</returns>
        private bool LaunchForGangs(int index, GangNeeds gang)
        {
            foreach (var (type, launches, reason) in _kept[index])
            {
                if (launches > 0 && launches * type.Vcpus > Room)
                {
                    _keeping[index] = _snapshot.Waiting[index].Count - _left[index];
                    return false;
                }

                LaunchForGang(index, gang, type, launches, reason);
            }

            // Hosts that go may have made room.
            while (_left[index] > 0)
            {
                var chosen = TypesFor(index, gang).Choose(_idle!, Room);
                if (chosen.Refusal == UnmetReason.MaximumReached && MakeRoom(TypesFor(index, gang)))
                {
                    continue;
                }

                if (chosen.Refusal is { } refusal)
                {
                    Miss(index, refusal, chosen.Type?.Name);
                    break;
                }

                Keep(chosen.Type!, gang.Nodes - chosen.Launches);
                LaunchForGang(index, gang, chosen.Type!, chosen.Launches, chosen.Reason);
            }

            return true;
        }

        /// <summary>What was launched for the minimum.</summary>
        private void KeepLaunched(int index, GangNeeds gang)
        {
            while (_left[index] > 0 && TypesFor(index, gang).Choose(_idle!, 0) is { Refusal: null } chosen)
            {
                Keep(chosen.Type!, gang.Nodes);
                _left[index]--;
            }
        }

        /// <summary>
        /// Hosts that are idle for long, and are there for the minimum only, make room: they may be of a type that is of no use to the job, and would be for ever.
        /// </summary>
        private bool MakeRoom(GangTypes types)
        {
            var idle = Idle().OrderBy(host => host.IdleSince).ThenBy(host => host.Id, StringComparer.Ordinal).ToArray();
            var ripe = idle.Where(host => EndOfIdleness(_snapshot, host) <= _snapshot.Now).ToArray();
            foreach (var type in types.Launchable)
            {
                var going = FewestFor((types.Missing(type, _idle!) * type.Vcpus) - Room, ripe.Where(host => host.Type.Name != type.Name));
                if (going.Count == 0 || ChooseWithout(going, types) is not { Refusal: null })
                {
                    continue;
                }

                foreach (var host in going)
                {
                    _live -= host.Type.Vcpus;
                    End(host, "makes room for the hosts of a multi-node parallel job");
                }

                return true;
            }

            _lacksRoom |= ripe.Length < idle.Length;
            return false;
        }

        private ChosenGangType ChooseWithout(List<Host> going, GangTypes types)
        {
            _idle!.Count(going, isCounted: false);
            var chosen = types.Choose(_idle, Room + going.Sum(host => host.Type.Vcpus));
            _idle.Count(going, isCounted: true);
            return chosen;
        }

        /// <summary>The first hosts that have so many vCPUs together; none when all of them have not.</summary>
        private static List<Host> FewestFor(int vcpus, IEnumerable<Host> hosts)
        {
            List<Host> fewest = [];
            foreach (var host in hosts)
            {
                fewest.Add(host);
                vcpus -= host.Type.Vcpus;
                if (vcpus <= 0)
                {
                    return fewest;
                }
            }

            return [];
        }

        private GangTypes TypesFor(int index, GangNeeds gang) => _types.TryGetValue(index, out var types) ? types : _types[index] = new(_snapshot.Offer, gang);

        /// <summary>Nothing else goes on these hosts.</summary>
        private void Keep(InstanceType type, int hosts)
        {
            foreach (var host in _idle!.Take(type.Name, hosts))
            {
                _ = _needed.Add(host.Id);
                _ = _active.Remove(host.Id) || _coming.Remove(host.Id);
            }
        }

        private void LaunchForGang(int index, GangNeeds gang, InstanceType type, int launches, string reason)
        {
            _left[index]--;
            if (launches > 0)
            {
                Count(type, launches, $"{reason}; for a multi-node parallel job with {Reasons.Text(gang)}, a host for each");
            }
        }
    }
}
