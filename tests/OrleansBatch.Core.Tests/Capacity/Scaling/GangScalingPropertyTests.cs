using System.Collections.Frozen;
using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Tests.Capacity.Hosts;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>What holds for every plan with multi-node parallel jobs.</summary>
public sealed class GangScalingPropertyTests
{
    private static readonly Gen<AllocationStrategy> OnDemand =
        OneOf(AllocationStrategy.BestFit, AllocationStrategy.BestFitProgressive, AllocationStrategy.BestFitProgressiveOrdered);

    private static readonly Gen<CapacityOffer> Offers = Gen.Select(
        OneOf("m5", "optimal", "m5.xlarge", "c5.large r5.2xlarge", "g4dn m5.large", "m5.large m5a.large", "m5.2xlarge c5 m5a"), OnDemand, Gen.Int[0, 60],
        (types, strategy, max) => AnOffer.Of(types, strategy, max));

    private static readonly Gen<GangNeeds> Gangs = Gen.Select(
        Gen.Int[1, 5], OneOf(1, 1, 2, 3, 8), OneOf(512, 1024, 4096, 8192, 40_000), Gen.Frequency((6, Gen.Const((string?)null)), (1, Gen.Const((string?)"m5.large")), (1, Gen.Const((string?)"c5.xlarge"))),
        (nodes, vcpus, memory, type) => AGang.Of(nodes, vcpus, memory, type));

    private static readonly Gen<Demand> Singles = Gen.Select(OneOf(1, 2, 4), OneOf(512, 4096, 8192), Gen.Int[1, 3], (vcpus, memory, count) => new Demand(Needs(vcpus, memory), count));

    private static readonly Gen<Demand> GangDemands = Gen.Select(Gangs, Gen.Int[1, 3], (gang, count) => new Demand(default, count, gang));

    private static readonly Gen<Host> SomeHost = Gen.Select(
        OneOf("m5.large", "m5.xlarge", "c5.xlarge", "m5a.large", "r5.2xlarge"), Gen.Int[0, 9], (type, kind) => kind switch
        {
            < 5 => Of("?", type).IdleFor(TimeSpan.FromSeconds(kind * 30)),
            5 or 6 => Host.Launch("?", Of("?", type).Type, PurchaseOption.OnDemand, Noon.AddMinutes(59), TimeSpan.FromMinutes(2)),
            7 => Of("?", type, Needs(1)) with { State = HostState.Draining },
            _ => Of("?", type, Needs(1)),
        });

    private static readonly Gen<Host[]> Hosts = SomeHost.Array[0, 8].Select(hosts => hosts.Select((host, index) => host with { Id = $"h{index}" }).ToArray());

    [Fact]
    public void What_is_possible_in_an_empty_environment_gets_its_hosts_in_one_round() => Gen.Select(Offers, Gangs).Sample(
        (offer, gang) =>
        {
            var snapshot = offer.Waiting(gang);
            var plan = ScalingRules.Plan(snapshot);
            Assert.Equal(CapacityOffers.OutlookOf(offer, gang) == GangOutlook.Possible, plan.Unmet.IsEmpty);
            Assert.Equal(plan.Unmet.IsEmpty ? gang.Nodes : 0, plan.Launches.Sum(launch => launch.Count));
            if (plan.Unmet.IsEmpty)
            {
                var ledger = new HostLedger();
                Assert.All(New(plan, TimeSpan.FromMinutes(1)), host => ledger.Add(host));
                Assert.Empty(ScalingRules.Plan(snapshot with { Hosts = ledger.Snapshot() }).Launches);
                ledger.Activate(snapshot.Now.AddMinutes(1));
                Assert.Empty(ScalingRules.Plan(snapshot with { Hosts = ledger.Snapshot(), Now = snapshot.Now.AddHours(2) }) is var again ? [.. again.Launches, .. again.Ends] : Array.Empty<object>());
                Assert.Equal(gang.Nodes, ledger.TryReserveGang(gang.Reservations(), gang).Length);
                Assert.Equal(0, ledger.IdleCount);
            }
        },
        iter: 20_000);

    [Fact]
    public void A_plan_that_is_carried_out_and_made_again_launches_nothing_more() => Gen.Select(Offers, Hosts, GangDemands.Array[1, 4], Gen.Int[0, 12]).Sample(
        (offer, hosts, demands, min) =>
        {
            var snapshot = offer.Waiting() with { Waiting = [.. demands], Hosts = [.. hosts], MinVcpus = Math.Min(min, offer.MaxVcpus), LaunchDelay = TimeSpan.FromMinutes(1) };
            var plan = ScalingRules.Plan(snapshot);
            CheckPlan(snapshot, plan);
            // When hosts went, jobs that may be on several types can take what was launched for others: then it settles with the next plans, see below.
            if (!plan.Unmet.IsEmpty || !plan.Ends.IsEmpty)
            {
                return;
            }

            Host[] after = [.. hosts.Where(host => plan.Ends.All(end => end.HostId != host.Id)), .. New(plan, TimeSpan.FromMinutes(1))];
            Assert.All([HostState.Launching, HostState.Active], state =>
            {
                var again = ScalingRules.Plan(snapshot with { Hosts = [.. after.Select(host => host with { State = host.State == HostState.Launching ? state : host.State })], Now = snapshot.Now.AddMinutes(2) });
                Assert.Empty(again.Launches);
                Assert.Empty(again.Unmet);
            });
        },
        iter: 20_000);

    /// <summary>Hosts that were launched for a later one may make up, with idle ones, what one before it lacked.</summary>
    [Fact]
    public void After_a_few_plans_nothing_more_is_launched() => Gen.Select(Offers, Hosts, Demands(), Gen.Int[0, 12]).Sample(
        (offer, hosts, demands, min) =>
        {
            var snapshot = offer.Waiting() with { Waiting = [.. demands], Hosts = [.. hosts], MinVcpus = Math.Min(min, offer.MaxVcpus) };
            var plan = ScalingRules.Plan(snapshot);
            for (var more = 0; more < 12 && !plan.Launches.IsEmpty; more++)
            {
                CheckPlan(snapshot, plan);
                snapshot = snapshot with { Now = snapshot.Now.AddSeconds(1), Hosts = [.. snapshot.Hosts.Where(host => plan.Ends.All(end => end.HostId != host.Id)), .. New(plan, TimeSpan.Zero, $"new{more}-")] };
                plan = ScalingRules.Plan(snapshot);
            }

            Assert.Empty(plan.Launches);
        },
        iter: 20_000);

    [Fact]
    public void The_same_snapshot_has_the_same_plan_in_whatever_order_its_hosts_and_types_stand() => Gen.Select(Offers, Hosts, Demands()).Sample(
        (offer, hosts, demands) =>
        {
            var snapshot = offer.Waiting() with { Waiting = [.. demands], Hosts = [.. hosts] };
            var plan = ScalingRules.Plan(snapshot);
            CheckPlan(snapshot, plan);
            var other = ScalingRules.Plan(snapshot with { Hosts = [.. hosts.Reverse()], Offer = offer with { Types = [.. offer.Types.Reverse()] } });
            Assert.Equal((plan.Launched(), string.Join(' ', plan.Ends), string.Join(' ', plan.Unmet)), (other.Launched(), string.Join(' ', other.Ends), string.Join(' ', other.Unmet)));
        },
        iter: 20_000);

    [Fact]
    public void No_queue_waits_for_ever_for_what_is_possible() => Gen.Select(Offers, Hosts, Demands(), Gen.Int[0, 60], Gen.Int[0, 1]).Sample(
        (offer, hosts, demands, min, minutes) =>
        {
            // A minimum can be in the way of other jobs for ever, of these never.
            var life = new Life(
                offer.Waiting() with { MinVcpus = demands.Any(demand => demand.Gang is null) ? 0 : Math.Min(min, offer.MaxVcpus), LaunchDelay = TimeSpan.FromMinutes(minutes) },
                hosts.Where(host => host.State is HostState.Active or HostState.Launching),
                demands.Where(demand => IsPossible(offer, demand)).SelectMany(demand => Enumerable.Repeat(demand with { Count = 1 }, demand.Count)));
            for (var round = 0; life.Waits && round < 200; round++)
            {
                life.Round();
            }

            Assert.False(life.Waits);
        },
        iter: 5_000);

    private static Gen<Demand[]> Demands() => Gen.OneOf(Singles, GangDemands).Array[1, 5];

    private static bool IsPossible(CapacityOffer offer, Demand demand) => demand.Gang is { } gang
        ? CapacityOffers.OutlookOf(offer, gang) == GangOutlook.Possible
        : demand.Needs.VcpuMillis <= offer.MaxVcpus * 1000L
            && offer.Types.Any(choice => choice.Type.Capacity.Covers(demand.Needs) && (offer.MayExceedMaximum || choice.Type.Vcpus <= offer.MaxVcpus));

    private static void CheckPlan(ScalingSnapshot before, ScalingPlan plan)
    {
        var kept = before.Hosts.Where(host => plan.Ends.All(end => end.HostId != host.Id)).ToArray();
        Assert.Equal(before.Hosts.Length - plan.Ends.Length, kept.Length);
        Assert.All(before.Hosts.Except(kept), host => Assert.Equal(0, host.Reservations));

        // No launch for a multi-node job exceeds the maximum, and none is of another type, or more, than some such job has.
        var total = kept.Sum(host => host.Type.Vcpus);
        foreach (var launch in plan.Launches)
        {
            total += launch.Count * launch.Type.Vcpus;
            if (launch.Reason.Contains("multi-node", StringComparison.Ordinal))
            {
                Assert.True(total <= before.Offer.MaxVcpus);
                Assert.Contains(before.Waiting, demand => demand.Gang is { } gang && GangHosts.IsFor(gang, launch.Type) && launch.Count <= gang.Nodes
                    && kept.Count(host => host.Type.Name == launch.Type.Name && host.Reservations == 0) >= gang.Nodes - launch.Count);
            }
        }

        Assert.All(plan.Launches, launch => Assert.True(before.Offer.IsAvailable(launch.Type)));
        Assert.All(plan.Unmet, unmet => Assert.InRange(unmet.Count, 1, before.Waiting[unmet.Index].Count));
        Assert.All(plan.Unmet, unmet => Assert.Equal(before.Waiting[unmet.Index].Gang, unmet.Gang));
        Assert.True(plan.LookAgainAt is null || plan.LookAgainAt > before.Now);
    }

    private static IEnumerable<Host> New(ScalingPlan plan, TimeSpan delay, string name = "new") => plan.Launches
        .SelectMany(launch => Enumerable.Repeat(launch.Type, launch.Count))
        .Select((type, index) => Host.Launch($"{name}{index:D3}", type, PurchaseOption.OnDemand, Noon.AddHours(1), delay));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>An environment with one queue, whose jobs run for a round or two.</summary>
    private sealed class Life
    {
        private readonly HostLedger _ledger = new();
        private readonly List<Demand> _waiting;
        private readonly Queue<string[]> _running = new();
        private ScalingSnapshot _environment;
        private int _next;

        public Life(ScalingSnapshot environment, IEnumerable<Host> hosts, IEnumerable<Demand> waiting)
        {
            (_environment, _waiting) = (environment, [.. waiting]);
            foreach (var host in hosts)
            {
                _ledger.Add(host);
                if (host.Reservations > 0)
                {
                    _ledger.Hold(Reservation(host.Id, host.Used), host.Id);
                    _running.Enqueue([host.Id]);
                }
            }
        }

        public bool Waits => _waiting.Count > 0;

        public void Round()
        {
            _environment = _environment with { Now = _environment.Now.AddSeconds(45) };
            _ledger.Activate(_environment.Now);
            Assert.All(_running.TryDequeue(out var ended) ? ended : [], id => _ledger.Release(id, _environment.Now));

            var snapshot = _environment with { Hosts = _ledger.Snapshot() };
            var plan = QueueDemands.Plan(snapshot, [new("q", [.. _waiting])]).Scaling;
            CheckPlan(snapshot with { Waiting = [.. _waiting] }, plan with { Unmet = [] });
            Assert.All(plan.Ends, end => Assert.Empty(_ledger.Remove(end.HostId)));
            Assert.All(New(plan, _environment.LaunchDelay, $"{++_next}-"), host =>
                _ledger.Add(host with { LaunchedAt = _environment.Now, ReadyAt = _environment.Now + _environment.LaunchDelay, IdleSince = _environment.Now + _environment.LaunchDelay }));

            // First in, first out.
            while (_waiting.Count > 0 && Place(_waiting[0], $"r{++_next}") is { Length: > 0 } held)
            {
                _running.Enqueue(held);
                _waiting.RemoveAt(0);
            }

            Assert.All(_ledger.Snapshot(), host => Assert.True(host.Capacity.Covers(host.Used)));
        }

        private string[] Place(Demand demand, string id) => demand.Gang is { } gang
            ? [.. _ledger.TryReserveGang(gang.Reservations(id), gang).Select((_, node) => $"{id}#{node}")]
            : _ledger.TryReserve(Reservation(id, demand.Needs)) is null ? [] : [id];
    }
}
