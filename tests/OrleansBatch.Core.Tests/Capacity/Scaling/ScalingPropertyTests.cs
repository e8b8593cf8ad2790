using System.Collections.Frozen;
using CsCheck;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>What holds for every plan, through whole lives of environments.</summary>
public sealed class ScalingPropertyTests
{
    private static readonly string[] Lists = ["m5", "optimal", "m5.xlarge", "c5.large r5.2xlarge", "g4dn m5.large", "m6g c6g.medium", "p3", "m5.24xlarge c5"];

    private static readonly Gen<ResourceNeeds> Jobs = Gen.Select(
        OneOf(1, 1, 2, 3, 4, 8, 17), OneOf(512, 1024, 2048, 4096, 8192, 40_000), Gen.Frequency((6, Gen.Const(0)), (1, Gen.Int[1, 2])), Needs);

    private static readonly Gen<ScalingSnapshot> Environments = Gen.Select(
        OneOf(Lists), Gen.Enum<AllocationStrategy>(), Gen.Bool, Gen.Int[0, 12], Gen.Int[0, 60], OneOf(0, 20), OneOf(0, 90), Gen.Int[0, 40],
        (types, strategy, isSpot, min, more, scaleDown, launch, asked) => new ScalingSnapshot
        {
            Offer = AnOffer.Of(types, strategy, min + more) with { Purchase = isSpot ? PurchaseOption.Spot : PurchaseOption.OnDemand },
            MinVcpus = min,
            AskedVcpus = Math.Min(asked, min + more),
            ScaleDownDelay = TimeSpan.FromMinutes(scaleDown),
            LaunchDelay = TimeSpan.FromSeconds(launch),
            Hosts = [],
            Now = Noon,
        });

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Int[0, 11], Gen.Select(Jobs, Gen.Int[1, 9], (needs, count) => new Demand(needs, count)).Array[0, 3], Gen.Int[0, 200], Gen.Int[0, 1000],
        (kind, demand, seconds, which) => new Step(kind, demand, seconds, which));

    [Fact]
    public void Whole_lives_of_environments_keep_every_promise() => Gen.Select(Environments, Steps.Array[1, 14]).Sample(
        (environment, steps) =>
        {
            var life = new Life(environment);
            foreach (var step in steps)
            {
                life.Take(step);
                CheckPlan(life.Snapshot(), life.PlanAndApply());
                life.CheckHosts();
            }
        },
        iter: 10_000);

    [Fact]
    public void The_same_snapshot_has_the_same_plan_in_whatever_order_its_hosts_and_types_stand() => Gen.Select(Environments, Steps.Array[1, 8]).Sample(
        (environment, steps) =>
        {
            var life = new Life(environment);
            foreach (var step in steps)
            {
                life.Take(step);
                var snapshot = life.Snapshot();
                var plan = ScalingRules.Plan(snapshot);
                var reversed = ScalingRules.Plan(snapshot with
                {
                    Hosts = [.. snapshot.Hosts.Reverse()],
                    Offer = snapshot.Offer with { Types = [.. snapshot.Offer.Types.Reverse()] },
                });
                Assert.Equal(Text(plan), Text(reversed));
                life.PlanAndApply();
            }
        },
        iter: 10_000);

    [Fact]
    public void After_a_few_plans_all_that_can_be_served_is_and_nothing_more_is_launched() => Gen.Select(Environments, Steps.Array[1, 8]).Sample(
        (environment, steps) =>
        {
            var life = new Life(environment with { LaunchDelay = TimeSpan.Zero });
            foreach (var step in steps)
            {
                life.Take(step);
                var plan = life.PlanAndApply();
                for (var more = 0; more < 12 && !plan.Launches.IsEmpty; more++)
                {
                    plan = life.PlanAndApply();
                }

                Assert.Empty(plan.Launches);
                Assert.Equal(plan.Unmet.Sum(unmet => unmet.Count), life.Snapshot().Waiting.Sum(demand => demand.Count));
            }
        },
        iter: 10_000);

    private static void CheckPlan(ScalingSnapshot before, ScalingPlan plan)
    {
        var ended = before.Hosts.Where(host => plan.Ends.Any(end => end.HostId == host.Id)).ToArray();
        Assert.Equal(plan.Ends.Length, ended.Length);
        Assert.All(ended, host => Assert.Equal(0, host.Reservations));
        Assert.All(ended, host => Assert.True(
            host.State == HostState.Draining
            || (host.State == HostState.Active && before.Now - host.IdleSince >= (host.WasUsed && before.ScaleDownDelay > TimeSpan.Zero ? before.ScaleDownDelay : before.IdleDelay))
            // In the way: something that waits has another host instead.
            || (host.State == HostState.Active && !plan.Launches.IsEmpty)));

        // The maximum, but one instance, and the minimum.
        var launched = plan.Launches.SelectMany(launch => Enumerable.Repeat(launch.Type, launch.Count)).ToArray();
        var total = before.Hosts.Except(ended).Sum(host => host.Type.Vcpus) + launched.Sum(type => type.Vcpus);
        if (launched.Length > 0)
        {
            Assert.True(before.Offer.MayExceedMaximum ? total - launched[^1].Vcpus < before.Offer.MaxVcpus : total <= before.Offer.MaxVcpus);
        }

        Assert.All(launched, type => Assert.True(before.Offer.IsAvailable(type)));
        Assert.InRange(plan.DesiredVcpus, before.MinVcpus, before.Offer.MaxVcpus);
        var live = before.Hosts.Where(host => host.State is HostState.Active or HostState.Launching).ToArray();
        var liveAfter = live.Except(ended).Sum(host => host.Type.Vcpus) + launched.Sum(type => type.Vcpus);
        Assert.True(liveAfter >= Math.Min(before.MinVcpus, live.Sum(host => host.Type.Vcpus)));
        if (liveAfter < before.MinVcpus)
        {
            // Only if no type fits under the maximum, or none is to be had.
            Assert.True(total >= before.Offer.MaxVcpus || before.Offer.Unavailable.Count > 0 || before.Offer.Purchase == PurchaseOption.Spot
                || !before.Offer.Types.Any(choice => total + choice.Type.Vcpus <= before.Offer.MaxVcpus));
        }

        Assert.True(plan.LookAgainAt is null || plan.LookAgainAt > before.Now);
        if (!before.IsEnabled || Fits(before))
        {
            // Only what the minimum or a hand asked for.
            var floor = Math.Max(before.MinVcpus, before.IsEnabled ? before.AskedVcpus : 0);
            Assert.True(launched.Length == 0 || liveAfter - launched[^1].Vcpus < floor);
        }
    }

    private static bool Fits(ScalingSnapshot snapshot)
    {
        var active = new HostPacking();
        var coming = new HostPacking();
        foreach (var host in snapshot.Hosts.Where(host => host.State is HostState.Active or HostState.Launching))
        {
            (host.State == HostState.Active ? active : coming).Add(host.Id, host.Free, host.Capacity.Gpus > 0);
        }

        return snapshot.Waiting.All(demand => Enumerable.Range(0, demand.Count).All(_ => active.Place(demand.Needs) is not null || coming.Place(demand.Needs) is not null));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static string Text(ScalingPlan plan) =>
        $"{string.Join(';', plan.Ends)}|{plan.Launched()}|{plan.DesiredVcpus}|{plan.AskedVcpus}|{string.Join(';', plan.Unmet)}|{plan.LookAgainAt}";

    private sealed record Step(int Kind, Demand[] Demand, int Seconds, int Which);

    /// <summary>An environment as its owner would run it.</summary>
    private sealed class Life(ScalingSnapshot environment)
    {
        private readonly HostLedger _ledger = new();
        private readonly List<ResourceNeeds> _waiting = [];
        private readonly List<string> _running = [];
        private ScalingSnapshot _environment = environment;
        private int _next;

        public ScalingSnapshot Snapshot() => _environment with
        {
            Hosts = _ledger.Snapshot(),
            Waiting = [.. _waiting.Select(needs => new Demand(needs, 1))],
        };

        public void Take(Step step)
        {
            _environment = _environment with { Now = _environment.Now.AddSeconds(step.Seconds) };
            _ledger.Activate(_environment.Now);
            var hosts = _ledger.Snapshot();
            switch (step.Kind)
            {
                case 0 or 1 or 2 or 3:
                    _waiting.AddRange(step.Demand.SelectMany(demand => Enumerable.Repeat(demand.Needs, demand.Count)));
                    break;
                case 4 or 5 or 6:
                    foreach (var id in _running.Where((_, index) => (index + step.Which) % 3 > 0).ToArray())
                    {
                        _ledger.Release(id, _environment.Now);
                        _running.Remove(id);
                    }

                    break;
                case 7 when hosts.Length > 0:
                    _ledger.Move(hosts[step.Which % hosts.Length].Id, step.Which % 2 == 0 ? HostState.Draining : HostState.Interrupted, _environment.Now.AddMinutes(2));
                    break;
                case 8 when hosts.Length > 0:
                    _running.RemoveAll(_ledger.Remove(hosts[step.Which % hosts.Length].Id).Select(lost => lost.Id).Contains);
                    break;
                case 9:
                    _environment = _environment with
                    {
                        Offer = _environment.Offer with { Unavailable = _environment.Offer.Types.Where((_, index) => index % 3 < step.Which % 4).Select(choice => choice.Type.Name).ToFrozenSet() },
                    };
                    break;
                case 10:
                    _environment = _environment with { IsEnabled = !_environment.IsEnabled };
                    break;
                default:
                    _waiting.Clear();
                    break;
            }

            Place();
        }

        public ScalingPlan PlanAndApply()
        {
            var plan = ScalingRules.Plan(Snapshot());
            foreach (var end in plan.Ends)
            {
                Assert.Empty(_ledger.Remove(end.HostId));
            }

            foreach (var type in plan.Launches.SelectMany(launch => Enumerable.Repeat(launch.Type, launch.Count)))
            {
                _ledger.Add(Host.Launch($"i-{++_next:D4}", type, _environment.Offer.Purchase, _environment.Now, _environment.LaunchDelay));
            }

            _environment = _environment with { AskedVcpus = plan.AskedVcpus };
            Place();
            return plan;
        }

        public void CheckHosts()
        {
            var hosts = _ledger.Snapshot();
            Assert.All(hosts, host => Assert.True(host.Capacity.Covers(host.Used)));
            var total = hosts.Sum(host => host.Type.Vcpus);
            var largest = hosts.Select(host => host.Type.Vcpus).DefaultIfEmpty().Max();
            Assert.True(_environment.Offer.MayExceedMaximum ? total < _environment.Offer.MaxVcpus + Math.Max(1, largest) : total <= _environment.Offer.MaxVcpus);
        }

        /// <summary>Every job that fits is placed, not only those before the first that does not.</summary>
        private void Place()
        {
            if (_environment.IsEnabled)
            {
                _waiting.RemoveAll(needs =>
                {
                    var id = $"r{++_next}";
                    var isPlaced = _ledger.TryReserve(new Reservation(id, "job", needs, _environment.Now, IsLaunched: false)) is not null;
                    _running.AddRange(isPlaced ? [id] : []);
                    return isPlaced;
                });
            }
        }
    }
}
