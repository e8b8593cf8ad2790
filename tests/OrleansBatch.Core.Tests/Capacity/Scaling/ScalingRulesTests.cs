using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using static OrleansBatch.Core.Capacity.Scaling.AllocationStrategy;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

public sealed class ScalingRulesTests
{
    private static readonly DateTimeOffset Now = Noon.AddHours(1);

    [Theory]
    [InlineData(BestFit, "optimal", 1, 1, 1024, "1 c6i.large")]
    [InlineData(BestFit, "optimal", 1, 1, 4096, "1 m6i.large")]
    [InlineData(BestFit, "optimal", 1, 2, 14000, "1 r6i.large")]
    [InlineData(BestFit, "optimal", 1, 2, 16000, "1 r6i.xlarge")]
    [InlineData(BestFit, "optimal", 16, 1, 1024, "1 c6i.4xlarge")]
    [InlineData(BestFit, "m5.large m5.4xlarge", 3, 2, 1024, "3 m5.large")]
    [InlineData(BestFitProgressive, "optimal", 1, 1, 4096, "1 c6i.xlarge")]
    [InlineData(BestFitProgressive, "m5 c5", 20, 1, 1024, "1 c5.9xlarge")]
    [InlineData(BestFitProgressive, "r5 m5", 100, 1, 1024, "1 m5.24xlarge, 1 m5.xlarge")]
    [InlineData(BestFitProgressive, "m5 g4dn", 1, 1, 1024, "1 m5.large")]
    [InlineData(BestFitProgressiveOrdered, "r5 c5", 1, 1, 1024, "1 r5.large")]
    [InlineData(BestFitProgressiveOrdered, "c5.large m5", 1, 4, 1024, "1 m5.xlarge")]
    [InlineData(BestFitProgressiveOrdered, "c5.24xlarge m5", 1, 1, 1024, "1 c5.24xlarge")]
    [InlineData(SpotCapacityOptimized, "m4 m6i r6i", 1, 1, 1024, "1 m6i.large")]
    [InlineData(SpotPriceCapacityOptimized, "x1e c5 m6i", 1, 1, 1024, "1 c5.large")]
    [InlineData(SpotCapacityOptimized, "x1e c5 m6i", 1, 1, 1024, "1 m6i.large")]
    [InlineData(SpotCapacityOptimizedPrioritized, "c5a r5 m5", 1, 1, 1024, "1 r5.large")]
    public void Each_strategy_has_its_type(AllocationStrategy strategy, string types, int jobs, int vcpus, int memoryMiB, string launched) =>
        Assert.Equal(launched, ScalingRules.Plan(AnOffer.Of(types, strategy).Waiting((jobs, Needs(vcpus, memoryMiB)))).Launched());

    [Theory]
    [InlineData("g4dn", 1, "1 g4dn.xlarge")]
    [InlineData("g4dn g5", 4, "1 g4dn.12xlarge")]
    [InlineData("p3", 8, "1 p3.16xlarge")]
    [InlineData("m5 p3", 1, "1 p3.2xlarge")]
    public void GPUs_are_launched_for_who_needs_them(string types, int gpus, string launched) =>
        Assert.Equal(launched, ScalingRules.Plan(AnOffer.Of(types, BestFit).Waiting((1, Needs(1, 1024, gpus)))).Launched());

    [Fact]
    public void A_launch_says_why_this_type()
    {
        var launch = Assert.Single(ScalingRules.Plan(AnOffer.Of("m5 c5").Waiting((3, Needs(1, 2048)))).Launches);

        Assert.Equal(
            "lowest cost per vCPU (0.0425 USD per hour), of 16 types that are large enough; for 3 waiting of 1 vCPU, 2048 MiB, 3 on a host",
            launch.Reason);
    }

    [Fact]
    public void Nothing_is_launched_for_what_fits_on_hosts_that_there_are_or_are_coming()
    {
        var coming = Host.Launch("b", Of("x").Type, PurchaseOption.OnDemand, Now, TimeSpan.FromMinutes(1));
        var plan = ScalingRules.Plan(AnOffer.Of("m5").Waiting((8, Needs(1))) with { Hosts = [Of("a"), coming] });

        Assert.Empty(plan.Launches);
        Assert.Empty(plan.Unmet);
        Assert.Equal(8, plan.DesiredVcpus);
        Assert.Equal(Now.AddMinutes(1), plan.LookAgainAt);
    }

    [Fact]
    public void Different_needs_share_what_is_launched() =>
        Assert.Equal("1 m5.4xlarge", ScalingRules.Plan(AnOffer.Of("m5.4xlarge").Waiting((2, Needs(4)), (1, Needs(8)), (100, Needs(0, 64)))).Launched());

    [Theory]
    [InlineData(BestFitProgressive, 3, "1 m5.xlarge")]
    [InlineData(BestFitProgressive, 4, "1 m5.xlarge")]
    [InlineData(BestFitProgressive, 5, "1 m5.xlarge, 1 m5.xlarge")]
    [InlineData(BestFit, 3, "")]
    [InlineData(BestFit, 7, "1 m5.xlarge")]
    [InlineData(BestFit, 8, "2 m5.xlarge")]
    public void The_maximum_is_exceeded_by_one_instance_at_most_and_never_with_BEST_FIT(AllocationStrategy strategy, int maxVcpus, string launched)
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.xlarge", strategy, maxVcpus).Waiting((10, Needs(4))));

        Assert.Equal(launched, plan.Launched());
        Assert.Equal(UnmetReason.MaximumReached, Assert.Single(plan.Unmet).Reason);
        Assert.True(plan.DesiredVcpus <= maxVcpus);
    }

    [Fact]
    public void A_smaller_size_is_taken_rather_than_too_many_vCPUs() =>
        Assert.Equal("1 m5.xlarge, 1 m5.large", ScalingRules.Plan(AnOffer.Of("m5", maxVcpus: 6).Waiting((10, Needs(1)))).Launched());

    [Fact]
    public void Hosts_being_replaced_or_taken_back_count_for_the_maximum()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.xlarge", maxVcpus: 8).Waiting((9, Needs(4))) with
        {
            Hosts = [Of("a", used: Needs(1)) with { State = HostState.Draining }, Of("b", used: Needs(1)) with { State = HostState.Interrupted }],
        });

        Assert.Empty(plan.Launches);
        Assert.Equal(0, plan.DesiredVcpus);
    }

    [Fact]
    public void When_a_type_is_not_to_be_had_the_next_is_launched_and_the_reason_says_so()
    {
        var offer = AnOffer.Of("c5.large m5.large", BestFitProgressiveOrdered).Without("c5.large");
        var launch = Assert.Single(ScalingRules.Plan(offer.Waiting((1, Needs(1)))).Launches);

        Assert.Equal("m5.large", launch.Type.Name);
        Assert.StartsWith("first in the list, of 2 types that are large enough and to be had; c5.large is not to be had; for 1", launch.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BestFit, "c5.large m5.large", "c5.large", "c5.large")]
    [InlineData(BestFitProgressive, "c5.large m5.large", "c5.large m5.large", "c5.large")]
    [InlineData(SpotCapacityOptimized, "m6i.large", "m6i.large", "m6i.large")]
    public void When_there_is_nothing_to_be_had_the_job_waits_for_its_type(AllocationStrategy strategy, string types, string unavailable, string waitsFor)
    {
        var plan = ScalingRules.Plan(AnOffer.Of(types, strategy).Without(unavailable.Split(' ')).Waiting((2, Needs(1))));

        Assert.Empty(plan.Launches);
        Assert.Equal(new(0, Needs(1), 2, UnmetReason.CapacityShortage, waitsFor), Assert.Single(plan.Unmet));
        Assert.Equal(Now.AddSeconds(30), plan.LookAgainAt);
    }

    [Fact]
    public void A_shortage_is_told_in_the_services_words() => Assert.Equal(
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [p4d.24xlarge]",
        Reasons.InsufficientCapacity("p4d.24xlarge"));

    [Theory]
    [InlineData(100, "1 m6i.large")]
    [InlineData(40, "1 m6i.large")]
    [InlineData(39, "")]
    public void Spot_prices_above_the_bid_are_not_paid(int bid, string launched) => Assert.Equal(
        launched, ScalingRules.Plan((AnOffer.Of("m6i.large", SpotCapacityOptimized) with { BidPercentage = bid }).Waiting((1, Needs(1)))).Launched());

    [Fact]
    public void What_no_type_holds_is_told_and_the_others_are_served()
    {
        // A job of the nominal memory never fits.
        var plan = ScalingRules.Plan(AnOffer.Of("m5.large").Waiting((3, Needs(1, 8192)), (1, Needs(1, 7955))));

        Assert.Equal("1 m5.large", plan.Launched());
        Assert.Equal(new(0, Needs(1, 8192), 3, UnmetReason.NoTypeLargeEnough, null), Assert.Single(plan.Unmet));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_minimum_is_kept_also_when_DISABLED(bool isEnabled)
    {
        var snapshot = AnOffer.Of("m5").Waiting() with { MinVcpus = 6, IsEnabled = isEnabled };

        Assert.Equal("1 m5.2xlarge", ScalingRules.Plan(snapshot).Launched());
        Assert.Equal("1 m5.large", ScalingRules.Plan(snapshot with { Hosts = [Of("a")] }).Launched());
        Assert.Empty(ScalingRules.Plan(snapshot with { Hosts = [Of("a").IdleFor(TimeSpan.FromDays(1)), Of("b").IdleFor(TimeSpan.FromDays(1))] }).Ends);
    }

    [Fact]
    public void A_disabled_environment_launches_nothing_for_jobs_and_shrinks_to_its_minimum()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5").Waiting((4, Needs(1))) with
        {
            IsEnabled = false,
            MinVcpus = 4,
            Hosts = [Of("a").IdleFor(TimeSpan.FromMinutes(2)), Of("b").IdleFor(TimeSpan.FromMinutes(3)), Of("c", used: Needs(1))],
        });

        Assert.Empty(plan.Launches);
        Assert.Equal(["b", "a"], plan.Ends.Select(end => end.HostId));
        Assert.Equal(UnmetReason.Disabled, Assert.Single(plan.Unmet).Reason);
        Assert.Equal(4, plan.DesiredVcpus);
    }

    [Theory]
    [InlineData(59, 0, true, false)]
    [InlineData(60, 0, true, true)]
    [InlineData(60, 20, true, false)]
    [InlineData(1199, 20, true, false)]
    [InlineData(1200, 20, true, true)]
    [InlineData(60, 20, false, true)]
    public void An_idle_host_goes_after_its_delay(int idleSeconds, int delayMinutes, bool wasUsed, bool goes)
    {
        var host = Of("a").IdleFor(TimeSpan.FromSeconds(idleSeconds), wasUsed);
        var plan = ScalingRules.Plan(AnOffer.Of("m5").Waiting() with { Hosts = [host], ScaleDownDelay = TimeSpan.FromMinutes(delayMinutes) });

        Assert.Equal(goes ? ["a"] : [], plan.Ends.Select(end => end.HostId));
        Assert.Equal(goes ? 0 : 4, plan.DesiredVcpus);
        Assert.Equal(goes ? null : host.IdleSince + (delayMinutes > 0 ? TimeSpan.FromMinutes(delayMinutes) : TimeSpan.FromSeconds(60)), plan.LookAgainAt);
    }

    [Fact]
    public void An_idle_host_stays_for_a_job_that_fits_on_it()
    {
        var hosts = new[] { Of("a").IdleFor(TimeSpan.FromHours(1)), Of("b").IdleFor(TimeSpan.FromHours(1)) };
        var plan = ScalingRules.Plan(AnOffer.Of("m5").Waiting((1, Needs(1))) with { Hosts = [.. hosts] });

        Assert.Equal(["b"], plan.Ends.Select(end => end.HostId));
        Assert.Empty(plan.Launches);
    }

    [Fact]
    public void The_end_of_a_host_says_why() => Assert.Equal(
        new("a", "idle for 90 s"),
        Assert.Single(ScalingRules.Plan(AnOffer.Of("m5").Waiting() with { Hosts = [Of("a").IdleFor(TimeSpan.FromSeconds(90))] }).Ends));

    [Fact]
    public void A_host_being_replaced_goes_with_its_last_job_and_its_successor_comes()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.xlarge", maxVcpus: 8).Waiting((2, Needs(4))) with
        {
            MinVcpus = 4,
            Hosts = [Of("a") with { State = HostState.Draining }, Of("b", used: Needs(4)) with { State = HostState.Draining }],
        });

        Assert.Equal(["a"], plan.Ends.Select(end => end.HostId));
        Assert.Equal("1 m5.xlarge", plan.Launched());
    }

    [Fact]
    public void An_idle_host_that_is_too_small_for_what_waits_makes_room_for_one_that_is_not()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5", BestFit, maxVcpus: 8).Waiting((1, Needs(8))) with { Hosts = [Of("a").IdleFor(TimeSpan.FromMinutes(1))] });

        Assert.Equal(["a"], plan.Ends.Select(end => end.HostId));
        Assert.Equal("1 m5.2xlarge", plan.Launched());
    }

    [Fact]
    public void A_host_that_has_only_just_become_idle_goes_when_it_is_in_the_way_of_what_waits_and_only_then()
    {
        var snapshot = AnOffer.Of("m5", BestFit, maxVcpus: 8).Waiting((1, Needs(8))) with { Hosts = [Of("a").IdleFor(TimeSpan.FromSeconds(1))] };

        var plan = ScalingRules.Plan(snapshot);

        Assert.Equal(new("a", "idle for 1 s, and in the way of what waits"), Assert.Single(plan.Ends));
        Assert.Equal("1 m5.2xlarge", plan.Launched());
        // With another one that is busy there would be no room either.
        Assert.Empty(ScalingRules.Plan(snapshot with { Hosts = [.. snapshot.Hosts, Of("b", used: Needs(1))] }).Ends);
    }

    [Fact]
    public void VCPUs_asked_for_by_hand_are_launched_and_go_when_nothing_needs_them()
    {
        var asked = AnOffer.Of("m5").Waiting() with { AskedVcpus = 8 };
        var first = ScalingRules.Plan(asked);
        Assert.Equal(("1 m5.2xlarge", 8, 0), (first.Launched(), first.DesiredVcpus, first.AskedVcpus));

        var later = ScalingRules.Plan(asked with { AskedVcpus = first.AskedVcpus, Hosts = [Of("a", "m5.2xlarge").IdleFor(TimeSpan.FromMinutes(1))] });
        Assert.Equal((1, 0), (later.Ends.Length, later.DesiredVcpus));

        var none = ScalingRules.Plan(asked with { Offer = asked.Offer.Without([.. asked.Offer.Types.Select(choice => choice.Type.Name)]) });
        Assert.Equal((0, 8, Now.AddSeconds(30)), (none.Launches.Length, none.AskedVcpus, none.LookAgainAt));
    }

    [Fact]
    public void A_million_jobs_are_planned_in_few_steps()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("optimal", maxVcpus: 100_000).Waiting((1_000_000, Needs(1, 1024)), (1_000_000, Needs(3, 9000))));

        Assert.StartsWith("781 c6i.32xlarge", plan.Launched(), StringComparison.Ordinal);
        Assert.InRange(plan.Launches.Sum(launch => launch.Count * launch.Type.Vcpus), 100_000, 100_128);
    }
}
