using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Tests.Capacity.Hosts;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Capacity.Scaling.AllocationStrategy;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>What environments can do for the multi-node parallel jobs that wait in their queues.</summary>
public sealed class GangDemandTests
{
    public static TheoryData<string, GangOutlook, CapacityOffer?, GangNeeds> Outlooks() => new()
    {
        { "one host for each node", GangOutlook.Possible, AnOffer.Of("m5.large", maxVcpus: 8), AGang.Of(4) },
        { "the smallest type that is large enough", GangOutlook.Possible, AnOffer.Of("m5", maxVcpus: 16), AGang.Of(4, 3) },
        { "the maximum is not exceeded by one host", GangOutlook.MaximumTooLow, AnOffer.Of("m5.large", maxVcpus: 7), AGang.Of(4) },
        { "nor with any other strategy", GangOutlook.MaximumTooLow, AnOffer.Of("m5.large", BestFit, 7), AGang.Of(4) },
        { "the type that is asked for is too large for the maximum", GangOutlook.MaximumTooLow, AnOffer.Of("m5", maxVcpus: 8), AGang.Of(4, type: "m5.xlarge") },
        { "no type is large enough", GangOutlook.NoTypeLargeEnough, AnOffer.Of("m5.large", maxVcpus: 256), AGang.Of(1, 3) },
        { "the type that is asked for is not one of its own", GangOutlook.NoTypeLargeEnough, AnOffer.Of("m5.large", maxVcpus: 256), AGang.Of(1, type: "c5.large") },
        { "the type that is asked for is too small", GangOutlook.NoTypeLargeEnough, AnOffer.Of("m5", maxVcpus: 256), AGang.Of(1, 3, type: "m5.large") },
        { "none is to be had just now", GangOutlook.Possible, AnOffer.Of("m5.large").Without("m5.large"), AGang.Of(2) },
        { "Spot", GangOutlook.NotTaken, AnOffer.Of("m5.large", SpotCapacityOptimized), AGang.Of(2) },
        { "Fargate, or UNMANAGED", GangOutlook.NotTaken, null, AGang.Of(2) },
        { "far too many", GangOutlook.MaximumTooLow, AnOffer.Of("m5.24xlarge", maxVcpus: int.MaxValue), AGang.Of(int.MaxValue) },
    };

    [Theory]
    [MemberData(nameof(Outlooks))]
    public void An_environment_says_what_it_could_do(string because, GangOutlook expected, CapacityOffer? offer, GangNeeds gang) =>
        Assert.True(expected == CapacityOffers.OutlookOf(offer, gang), because);

    [Fact]
    public void What_waits_behind_a_head_that_cannot_have_all_its_hosts_has_nothing_launched_for_it()
    {
        var snapshot = AnOffer.Of("m5.large", maxVcpus: 8).Waiting() with { Hosts = [Of("busy", "m5.large", Needs(2))] };

        var plan = QueueDemands.Plan(snapshot, [new("q", [new(Needs(4), 1, AGang.Of(4)), new(Needs(1), 5)])]);

        Assert.Empty(plan.Scaling.Launches);
        Assert.Equal([(0, 1, AGang.Of(4)), (1, 5, null)], plan.Unmet["q"].Select(unmet => (unmet.Index, unmet.Count, unmet.Gang)));
    }

    [Theory]
    [InlineData(3, null, UnmetReason.MaximumReached)]
    [InlineData(1, "c5.large", UnmetReason.NoTypeLargeEnough)]
    public void A_head_that_could_never_be_here_holds_up_nobody(int nodes, string? type, UnmetReason reason)
    {
        var head = AGang.Of(nodes, type: type);

        var plan = QueueDemands.Plan(AnOffer.Of("m5.large", maxVcpus: 4).Waiting(), [new("q", [new(Needs(3), 2, head), new(Needs(1), 2)])]);

        Assert.Equal("1 m5.large", plan.Scaling.Launched());
        Assert.Equal(new(0, Needs(3), 2, reason, null, head), Assert.Single(plan.Unmet["q"]));
    }

    [Fact]
    public void Where_none_is_taken_it_is_left_over_for_the_next_environment_and_takes_nothing_from_the_others()
    {
        WaitingGroup[] waiting = [new(Needs(2, 4096), 1, AGang.Of(2)), new(Needs(2, 4096), 1)];

        Assert.Equal([waiting[0]], MachineHosts.Unmet([.. waiting], [MachineHosts.Of("i-1", Needs(2, 4096), DateTimeOffset.UnixEpoch)]));
        Assert.Equal([waiting[0]], FargateLimits.Unmet([.. waiting], 2000));
    }

    [Fact]
    public void What_a_node_lacks_is_said_of_one_host()
    {
        var gang = AGang.Of(4, 2);
        Assert.Equal(gang.PerNode, new UnmetDemand(0, Needs(8), 1, UnmetReason.CapacityShortage, "m5.large", gang).PerHost);
        Assert.Equal(Needs(8), new UnmetDemand(0, Needs(8), 1, UnmetReason.CapacityShortage, "m5.large").PerHost);
    }

    [Fact]
    public void One_queues_job_and_anothers_nodes_have_hosts_of_their_own()
    {
        var plan = QueueDemands.Plan(
            AnOffer.Of("m5.large").Waiting() with { Hosts = [Of("a", "m5.large"), Of("b", "m5.large")] },
            [new("high", [new(default, 1, AGang.Of(2))]), new("low", [new(Needs(1), 1)])]);

        Assert.Equal("1 m5.large", plan.Scaling.Launched());
        Assert.Empty(plan.Unmet);
    }
}
