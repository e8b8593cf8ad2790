using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Model;
using static OrleansBatch.Core.Capacity.Scaling.AllocationStrategy;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>Several queues wait for one environment, each in its order.</summary>
public sealed class QueueDemandTests
{
    private static readonly Gen<ResourceNeeds> SomeNeeds = Gen.Select(Gen.Int[1, 12], Gen.Int[1, 40], (vcpus, gibibytes) => Needs(vcpus, gibibytes * 1024));

    private static readonly Gen<QueueDemand[]> Queues =
        Gen.Select(SomeNeeds, Gen.Int[1, 20], (needs, count) => new Demand(needs, count)).Array[1, 4].Array[1, 3]
            .Select(queues => queues.Select((groups, index) => new QueueDemand($"q{index}", [.. groups.DistinctBy(group => group.Needs)])).ToArray());

    private static readonly Gen<ScalingSnapshot> Environments = Gen.Select(
        Gen.OneOf(Gen.Const("m5"), Gen.Const("c5 m5"), Gen.Const("m5.large m5.2xlarge")),
        Gen.OneOf(Gen.Const(BestFit), Gen.Const(BestFitProgressive)),
        Gen.Int[0, 24],
        Gen.Int[0, 3],
        (types, strategy, max, hosts) => AnOffer.Of(types, strategy, max).Waiting() with { Hosts = [.. Enumerable.Range(0, hosts).Select(n => Of($"h{n}", "m5.large"))] });

    [Fact]
    public void What_waits_behind_a_head_that_finds_no_place_has_nothing_launched_for_it()
    {
        // One host of four is in use, four are left, and the head needs eight.
        var busy = Of("busy", "m5.xlarge", Needs(1));
        var snapshot = AnOffer.Of("m5", BestFit, maxVcpus: 8).Waiting() with { Hosts = [busy] };

        var plan = QueueDemands.Plan(snapshot, [new("q", [new(Needs(8), 1), new(Needs(1), 50)])]);

        Assert.Empty(plan.Scaling.Launches);
        Assert.Equal([(0, 1), (1, 50)], plan.Unmet["q"].Select(unmet => (unmet.Index, unmet.Count)));
    }

    [Fact]
    public void An_idle_host_that_only_those_behind_the_head_could_use_goes_and_makes_room_for_it()
    {
        var idle = Of("idle", "m5.large").IdleFor(TimeSpan.FromMinutes(2));
        var snapshot = AnOffer.Of("m5.large m5.xlarge", BestFit, maxVcpus: 4).Waiting() with { Hosts = [idle] };

        var plan = QueueDemands.Plan(snapshot, [new("q", [new(Needs(4), 1), new(Needs(1), 5)])]);

        Assert.Equal("idle", Assert.Single(plan.Scaling.Ends).HostId);
        Assert.Equal("1 m5.xlarge", plan.Scaling.Launched());
    }

    [Fact]
    public void A_head_that_could_never_be_here_holds_up_nobody_here()
    {
        var plan = QueueDemands.Plan(AnOffer.Of("m5.large", BestFit, maxVcpus: 8).Waiting(), [new("q", [new(Needs(16), 1), new(Needs(1), 2)])]);

        Assert.Equal("1 m5.large", plan.Scaling.Launched());
        Assert.Equal((0, UnmetReason.NoTypeLargeEnough), plan.Unmet["q"].Select(unmet => (unmet.Index, unmet.Reason)).Single());
    }

    [Fact]
    public void A_job_above_the_maximum_is_no_reason_to_exceed_it()
    {
        var plan = QueueDemands.Plan(AnOffer.Of("m5", BestFitProgressive, maxVcpus: 2).Waiting(), [new("q", [new(Needs(3), 1)])]);

        Assert.Empty(plan.Scaling.Launches);
        Assert.Equal(UnmetReason.MaximumReached, plan.Unmet["q"].Single().Reason);
    }

    [Fact]
    public void The_queue_that_goes_first_gets_what_there_is_first()
    {
        var plan = QueueDemands.Plan(AnOffer.Of("m5.large", BestFit, maxVcpus: 2).Waiting(), [new("high", [new(Needs(2), 1)]), new("low", [new(Needs(2), 1)])]);

        Assert.False(plan.Unmet.ContainsKey("high"));
        Assert.Equal(1, plan.Unmet["low"].Single().Count);
    }

    [Fact]
    public void Of_each_queue_what_is_met_and_what_is_not_is_what_waits() => Gen.Select(Environments, Queues).Sample((environment, queues) =>
    {
        var plan = QueueDemands.Plan(environment, queues);
        foreach (var queue in queues)
        {
            var unmet = plan.Unmet.GetValueOrDefault(queue.Queue, []);
            Assert.All(unmet, one => Assert.InRange(one.Count, 1, queue.Waiting[one.Index].Count));
            Assert.All(unmet, one => Assert.Equal(queue.Waiting[one.Index].Needs, one.Needs));
            Assert.Equal(unmet.Length, unmet.DistinctBy(one => one.Index).Count());
        }
    });

    [Fact]
    public void The_maximum_is_exceeded_by_no_more_than_the_last_host() => Gen.Select(Environments, Queues).Sample((environment, queues) =>
    {
        var plan = QueueDemands.Plan(environment, queues).Scaling;
        var before = environment.Hosts.Where(host => plan.Ends.All(end => end.HostId != host.Id)).Sum(host => host.Type.Vcpus);
        var launched = plan.Launches.SelectMany(launch => Enumerable.Repeat(launch.Type.Vcpus, launch.Count)).ToArray();
        if (launched.Length > 0)
        {
            var without = environment.Offer.MayExceedMaximum ? launched.Max() : 0;
            Assert.True(before + launched.Sum() - without <= environment.Offer.MaxVcpus);
        }
    });
}
