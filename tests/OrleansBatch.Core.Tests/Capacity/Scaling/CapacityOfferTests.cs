using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Tests.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Scaling;

/// <summary>What an environment may have, by its configuration.</summary>
public sealed class CapacityOfferTests
{
    [Fact]
    public void The_largest_hosts_are_certain_and_those_within_the_maximum_are_told_apart()
    {
        var offer = AnOffer.Of("m5.large c5.2xlarge", AllocationStrategy.BestFit, maxVcpus: 4);

        Assert.Equal(
            [(2000L, true), (8000L, false)],
            CapacityOffers.Largest(offer).Select(host => (host.Capacity.VcpuMillis, host.IsWithinMaximum)).Distinct().Where(host => host is (2000, true) or (8000, false)));
        Assert.DoesNotContain(CapacityOffers.Largest(offer), host => host is { IsWithinMaximum: true, Capacity.VcpuMillis: 8000 });
        Assert.Equal(4000, CapacityOffers.Maximum(offer).VcpuMillis);
    }

    [Theory]
    [InlineData("BEST_FIT", "optimal", 1, 1)]
    [InlineData("BEST_FIT", "c6i.4xlarge m6i.2xlarge", 5, 5)]
    [InlineData("BEST_FIT", "optimal", 2, 2)]
    [InlineData("BEST_FIT_PROGRESSIVE", "optimal", 1, 2)]
    public void A_maximum_below_every_type_that_must_not_be_exceeded_makes_the_smallest_smaller(string strategy, string types, int max, int vcpus)
    {
        var environment = AnEnvironment.Ec2.With(resources => resources with { MaxvCpus = max, InstanceTypes = types.Split(' '), AllocationStrategy = strategy }).Created();

        var offer = CapacityOffers.Of(environment, InstanceCatalogue.BuiltIn, [])!;

        Assert.Equal(vcpus, offer.Types.Min(choice => choice.Type.Vcpus));
        Assert.Equal((max * 1000L, true), (CapacityOffers.Maximum(offer).VcpuMillis, CapacityOffers.Largest(offer).Any(host => host.IsWithinMaximum)));
    }

    [Theory]
    [InlineData("optimal")]
    [InlineData("m4 m5 m6i c4 c5 c6i r4 r5 r6i")]
    [InlineData("p3 g4dn g5 m5 x1e")]
    public void Nothing_that_a_type_holds_is_called_too_large(string types)
    {
        var offer = AnOffer.Of(types, AllocationStrategy.BestFitProgressive, maxVcpus: 10_000);
        var largest = CapacityOffers.Largest(offer);

        Assert.All(offer.Types, choice => Assert.Contains(largest, host => host.IsWithinMaximum && host.Capacity.Covers(choice.Type.Capacity)));
    }

    [Fact]
    public void Desired_vCPUs_are_those_of_hosts_that_stay_within_minimum_and_maximum()
    {
        var environment = AnEnvironment.Ec2.With(resources => resources with { MinvCpus = 1, MaxvCpus = 4 }).Created();
        Host[] hosts = [Of("a", "m5.large"), Of("b", "m5.large") with { State = HostState.Launching }, Of("c", "m5.large") with { State = HostState.Draining }];

        Assert.Equal(4, DesiredCapacity.Of(environment, [.. hosts]));
        Assert.Equal(4, DesiredCapacity.Of(environment, [.. hosts, Of("d", "m5.large")]));
        Assert.Equal(1, DesiredCapacity.Of(environment, []));
    }

    [Theory]
    [InlineData(1, 1000, true)]
    [InlineData(1, 2000, false)]
    [InlineData(16, 16000, true)]
    public void On_Fargate_the_maximum_limits_the_sizes(int max, int millis, bool isPossible) =>
        Assert.Equal(isPossible, FargateLimits.Largest(max).Any(host => host.IsWithinMaximum && host.Capacity.VcpuMillis >= millis));

    [Fact]
    public void On_Fargate_what_does_not_fit_is_left_over_in_order()
    {
        var one = new ResourceNeeds { VcpuMillis = 1000, MemoryMiB = 2048 };
        var half = new ResourceNeeds { VcpuMillis = 500, MemoryMiB = 1024 };

        Assert.Equal([new WaitingGroup(one, 1), new WaitingGroup(half, 3)], FargateLimits.Unmet([new(one, 3), new(half, 3)], 2_400));
        Assert.Equal([new WaitingGroup(half, 2)], FargateLimits.Unmet([new(one, 2), new(half, 3)], 2_500));
    }
}
