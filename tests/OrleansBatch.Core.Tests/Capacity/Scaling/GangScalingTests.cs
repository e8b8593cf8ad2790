using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Tests.Capacity.Hosts;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Capacity.Scaling.AllocationStrategy;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>Hosts are launched for all nodes of a multi-node parallel job, or for none.</summary>
public sealed class GangScalingTests
{
    private static readonly DateTimeOffset Now = Noon.AddHours(1);

    [Theory]
    [InlineData("one for each node", "m5.large", 4, 1, null, "4 m5.large")]
    [InlineData("the smallest size that holds a node", "m5", 4, 3, null, "4 m5.xlarge")]
    [InlineData("the type that is asked for", "m5", 2, 1, "m5.4xlarge", "2 m5.4xlarge")]
    [InlineData("the cheapest family per vCPU", "r5 m5 c5", 2, 1, null, "2 c5.large")]
    [InlineData("one without GPUs", "g4dn m5", 2, 1, null, "2 m5.large")]
    [InlineData("no node is large enough for it", "m5.large", 2, 3, null, "")]
    [InlineData("the type that is asked for is not one of its own", "m5", 2, 1, "c5.large", "")]
    public void Each_job_gets_hosts_of_one_type(string because, string types, int nodes, int vcpus, string? asked, string launched)
    {
        var plan = ScalingRules.Plan(AnOffer.Of(types).Waiting(AGang.Of(nodes, vcpus, type: asked)));

        Assert.True(launched == plan.Launched(), $"{because}: {plan.Launched()}");
        Assert.Equal(launched.Length == 0 ? [UnmetReason.NoTypeLargeEnough] : [], plan.Unmet.Select(unmet => unmet.Reason));
    }

    [Theory]
    [InlineData(BestFit, "r5 m5 c5", "2 c5.large")]
    [InlineData(BestFitProgressive, "r5 m5 c5", "2 c5.large")]
    [InlineData(BestFitProgressiveOrdered, "r5 m5 c5", "2 r5.large")]
    [InlineData(BestFitProgressiveOrdered, "c5.24xlarge m5", "2 c5.24xlarge")]
    public void The_strategy_ranks_the_types(AllocationStrategy strategy, string types, string launched) =>
        Assert.Equal(launched, ScalingRules.Plan(AnOffer.Of(types, strategy).Waiting(AGang.Of(2))).Launched());

    [Fact]
    public void A_launch_says_for_what()
    {
        var launch = Assert.Single(ScalingRules.Plan(AnOffer.Of("m5.large").Waiting(AGang.Of(4))).Launches);

        Assert.Equal(
            "lowest cost per vCPU (0.048 USD per hour), the only type that is large enough; for a multi-node parallel job with 4 nodes of 1 vCPU, 1024 MiB, a host for each",
            launch.Reason);
    }

    [Fact]
    public void Idle_hosts_go_first_then_those_that_are_coming_and_only_the_rest_is_launched()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.large").Waiting(AGang.Of(4)) with { Hosts = [Idle("a"), Coming("b"), Busy("c")] });

        Assert.Equal("2 m5.large", plan.Launched());
        Assert.Empty(plan.Ends);
        Assert.Empty(plan.Unmet);
    }

    [Fact]
    public void A_type_of_which_enough_hosts_are_idle_goes_before_the_one_that_the_strategy_would_launch()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("c5.large m5.2xlarge").Waiting(AGang.Of(2)) with { Hosts = [Idle("a", "m5.2xlarge"), Coming("b", "m5.2xlarge"), Idle("c", "c5.large")] });

        Assert.Empty(plan.Launches);
        Assert.Equal("c", Assert.Single(plan.Ends).HostId);
    }

    [Theory]
    [InlineData(BestFit, 8, "4 m5.large")]
    [InlineData(BestFit, 7, "")]
    [InlineData(BestFitProgressive, 8, "4 m5.large")]
    [InlineData(BestFitProgressive, 7, "")]
    [InlineData(BestFitProgressiveOrdered, 7, "")]
    public void The_maximum_is_never_exceeded_for_it_whatever_the_strategy(AllocationStrategy strategy, int maxVcpus, string launched)
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5", strategy, maxVcpus).Waiting(AGang.Of(4)));

        Assert.Equal(launched, plan.Launched());
        Assert.Equal(launched.Length == 0 ? [UnmetReason.MaximumReached] : [], plan.Unmet.Select(unmet => unmet.Reason));
    }

    [Fact]
    public void All_hosts_count_for_the_maximum_also_those_that_are_going()
    {
        var snapshot = AnOffer.Of("m5.large", maxVcpus: 8).Waiting(AGang.Of(3)) with { Hosts = [Busy("a")] };
        Assert.Equal("3 m5.large", ScalingRules.Plan(snapshot).Launched());

        Assert.Empty(ScalingRules.Plan(snapshot with { Hosts = [Busy("a"), Busy("b") with { State = HostState.Draining }] }).Launches);
    }

    [Fact]
    public void One_that_cannot_have_all_its_hosts_keeps_none_of_them()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.large", maxVcpus: 8).Waiting(AGang.Of(4)) with { Hosts = [Idle("a"), Idle("b"), Busy("c")] });

        Assert.Equal(["a", "b"], plan.Ends.Select(end => end.HostId));
        Assert.Empty(plan.Launches);
        Assert.Equal((1, UnmetReason.MaximumReached), (plan.Unmet[0].Count, plan.Unmet[0].Reason));
        Assert.Equal(AGang.Of(4), plan.Unmet[0].Gang);
    }

    [Fact]
    public void What_goes_in_the_same_plan_makes_room()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.large m5.2xlarge", maxVcpus: 8).Waiting(AGang.Of(3)) with { Hosts = [Idle("large", "m5.2xlarge")] });

        Assert.Equal("large", Assert.Single(plan.Ends).HostId);
        Assert.Equal("3 m5.large", plan.Launched());
    }

    [Fact]
    public void Jobs_before_it_have_their_hosts_first_and_then_it_keeps_none()
    {
        // Of eight, two are there. The job before it takes four more; two are left, or four without the idle host: too few for the hosts that are missing.
        var waiting = AnOffer.Of("m5.large m5.xlarge", maxVcpus: 8).Waiting() with
        {
            Waiting = [new(Needs(4), 1), new(default, 1, AGang.Of(3, 1, type: "m5.large"))],
            Hosts = [Idle("a")],
        };

        var plan = ScalingRules.Plan(waiting);

        Assert.Equal("1 m5.xlarge", plan.Launched());
        Assert.Equal("a", Assert.Single(plan.Ends).HostId);
        Assert.Equal((1, UnmetReason.MaximumReached), (Assert.Single(plan.Unmet).Index, plan.Unmet[0].Reason));
    }

    [Fact]
    public void Its_hosts_are_not_shared_with_what_comes_after()
    {
        var snapshot = AnOffer.Of("m5.large").Waiting() with { Waiting = [new(default, 1, AGang.Of(2, 1)), new(Needs(1), 1)] };

        Assert.Equal("2 m5.large, 1 m5.large", ScalingRules.Plan(snapshot).Launched());
        Assert.Equal("1 m5.large, 1 m5.large", ScalingRules.Plan(snapshot with { Hosts = [Idle("a")] }).Launched());
        Assert.Equal("1 m5.large", ScalingRules.Plan(snapshot with { Hosts = [Idle("a"), Coming("b")] }).Launched());
    }

    [Fact]
    public void A_job_before_it_takes_a_host_that_is_then_none_for_a_node()
    {
        var snapshot = AnOffer.Of("m5.large").Waiting() with { Waiting = [new(Needs(1), 1), new(default, 1, AGang.Of(2))], Hosts = [Idle("a"), Idle("b")] };

        Assert.Equal("1 m5.large", ScalingRules.Plan(snapshot).Launched());
    }

    [Theory]
    [InlineData(4, "3 m5.large, 3 m5.large, 3 m5.large", 1)]
    [InlineData(3, "3 m5.large, 3 m5.large, 3 m5.large", 0)]
    public void Of_several_each_is_a_whole(int jobs, string launched, int unmet)
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5.large", maxVcpus: 22).Waiting(AGang.Of(3), jobs));

        Assert.Equal(launched, plan.Launched());
        Assert.Equal(unmet, plan.Unmet.Sum(one => one.Count));
    }

    [Theory]
    [InlineData(BestFit, "m5", "m5.large", "", "m5.large")]
    [InlineData(BestFit, "m5 c5", "c5.large", "", "c5.large")]
    [InlineData(BestFitProgressive, "m5", "m5.large", "", "m5.large")]
    [InlineData(BestFitProgressive, "m5 c5", "c5.large", "2 m5.large", null)]
    [InlineData(BestFitProgressive, "m5 c5", "c5.xlarge", "2 c5.large", null)]
    [InlineData(BestFitProgressive, "m5 c5", "c5.large m5.large", "", "c5.large")]
    [InlineData(BestFitProgressiveOrdered, "m5 c5", "m5.large", "2 c5.large", null)]
    [InlineData(BestFitProgressiveOrdered, "m5.large m5.xlarge", "m5.large", "", "m5.large")]
    public void Another_size_of_a_family_does_not_stand_in_for_one_that_is_not_to_be_had(AllocationStrategy strategy, string types, string unavailable, string launched, string? missing)
    {
        var plan = ScalingRules.Plan(AnOffer.Of(types, strategy).Without(unavailable.Split(' ')).Waiting(AGang.Of(2)));

        Assert.Equal(launched, plan.Launched());
        Assert.Equal(missing is null ? [] : [(UnmetReason.CapacityShortage, missing)], plan.Unmet.Select(unmet => (unmet.Reason, unmet.InstanceType!)));
        Assert.Equal(missing is null ? Now + TimeSpan.FromSeconds(60) : Now + TimeSpan.FromSeconds(30), plan.LookAgainAt);
    }

    [Fact]
    public void Hosts_that_are_there_serve_though_no_more_of_them_are_to_be_had()
    {
        var snapshot = AnOffer.Of("m5.large").Without("m5.large").Waiting(AGang.Of(2)) with { Hosts = [Idle("a"), Idle("b")] };
        Assert.Empty(ScalingRules.Plan(snapshot).Unmet);

        var short1 = ScalingRules.Plan(snapshot with { Hosts = [Idle("a")] });
        Assert.Equal(UnmetReason.CapacityShortage, Assert.Single(short1.Unmet).Reason);
        Assert.Equal("a", Assert.Single(short1.Ends).HostId);
    }

    [Fact]
    public void Hosts_that_are_there_for_the_minimum_only_make_room_when_they_would_be_in_the_way_for_ever()
    {
        var snapshot = AnOffer.Of("m5.large m5.2xlarge", maxVcpus: 8).Waiting(AGang.Of(3)) with { Hosts = [Idle("large", "m5.2xlarge")], MinVcpus = 8 };

        var plan = ScalingRules.Plan(snapshot);
        Assert.Equal("large", Assert.Single(plan.Ends).HostId);
        Assert.Equal("3 m5.large, 1 m5.large", plan.Launched());

        // Not before it has been idle for as long as any host that goes; then is looked again.
        var later = ScalingRules.Plan(snapshot with { Hosts = [Of("large", "m5.2xlarge").IdleFor(TimeSpan.FromSeconds(50))] });
        Assert.Empty(later.Ends);
        Assert.Equal(Now.AddSeconds(10), later.LookAgainAt);
    }

    [Fact]
    public void Hosts_that_are_launched_for_the_minimum_are_there_for_it()
    {
        // Of seven, four are for the first; three would be too few for the second, but the minimum may take one host more.
        var plan = ScalingRules.Plan(AnOffer.Of("m5.large", maxVcpus: 7).Waiting(AGang.Of(2), 3) with { MinVcpus = 7 });

        Assert.Equal("2 m5.large, 1 m5.large, 1 m5.large", plan.Launched());
        Assert.Equal(1, Assert.Single(plan.Unmet).Count);
    }

    [Fact]
    public void Nothing_is_launched_where_none_is_taken()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("m5", SpotCapacityOptimized).Waiting(AGang.Of(2)) with { Hosts = [Idle("a") with { Purchase = PurchaseOption.Spot }, Idle("b") with { Purchase = PurchaseOption.Spot }] });

        Assert.Empty(plan.Launches);
        Assert.Equal(UnmetReason.NoTypeLargeEnough, Assert.Single(plan.Unmet).Reason);
        Assert.Equal(UnmetReason.Disabled, Assert.Single(ScalingRules.Plan(AnOffer.Of("m5").Waiting(AGang.Of(2)) with { IsEnabled = false }).Unmet).Reason);
    }

    [Fact]
    public void A_plan_that_is_carried_out_and_made_again_launches_nothing_more()
    {
        var snapshot = AnOffer.Of("m5 c5").Waiting() with { Waiting = [new(default, 3, AGang.Of(4, 1)), new(default, 2, AGang.Of(2, 3)), new(default, 1, AGang.Of(3, type: "m5.xlarge"))] };
        var plan = ScalingRules.Plan(snapshot);
        Assert.Empty(plan.Unmet);
        Host[] launched = [.. plan.Launches.SelectMany(launch => Enumerable.Repeat(launch.Type, launch.Count)).Select((type, index) => Host.Launch($"{index}", type, PurchaseOption.OnDemand, Now, TimeSpan.FromMinutes(2)))];
        Assert.Equal(19, launched.Length);

        Assert.All([HostState.Launching, HostState.Active], state =>
        {
            var again = ScalingRules.Plan(snapshot with { Hosts = [.. launched.Select(host => host with { State = state })], Now = Now.AddHours(1) });
            Assert.Empty(again.Launches);
            Assert.Empty(again.Ends);
            Assert.Empty(again.Unmet);
        });
    }

    [Fact]
    public void Many_large_jobs_are_planned_at_once()
    {
        var plan = ScalingRules.Plan(AnOffer.Of("optimal", maxVcpus: 100_000).Waiting(AGang.Of(1000), 100));

        Assert.Equal(50, plan.Launches.Length);
        Assert.Equal(50, Assert.Single(plan.Unmet).Count);
    }

    private static Host Idle(string id, string type = "m5.large") => Of(id, type).IdleFor(TimeSpan.FromHours(1));

    private static Host Coming(string id, string type = "m5.large") => Host.Launch(id, Of(id, type).Type, PurchaseOption.OnDemand, Now, TimeSpan.FromMinutes(1));

    private static Host Busy(string id, string type = "m5.large") => Of(id, type, Needs(2));
}
