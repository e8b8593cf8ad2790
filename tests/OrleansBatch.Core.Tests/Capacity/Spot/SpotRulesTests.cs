using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Spot;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Spot;

public sealed class SpotRulesTests
{
    private static readonly DateTimeOffset Now = Noon.AddHours(1);

    [Theory]
    [InlineData(0, 3600, 0)]
    [InlineData(-1, 3600, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, -5, 0)]
    [InlineData(1, 3600, 0.632)]
    [InlineData(0.1, 60, 0.00167)]
    [InlineData(1000, 3600, 1)]
    public void The_longer_the_likelier(double perHour, int seconds, double expected) =>
        Assert.Equal(expected, SpotRules.Probability(perHour, TimeSpan.FromSeconds(seconds)), tolerance: 0.0005);

    [Theory]
    [InlineData("m5.xlarge", 0.09, true)]
    [InlineData("m5.xlarge", 0.10, false)]
    [InlineData("m6i.xlarge", 0.03, true)]
    [InlineData("m6i.xlarge", 0.04, false)]
    [InlineData("g5.xlarge", 0.27, true)]
    public void A_host_is_taken_back_when_its_number_is_below_its_probability(string type, double drawn, bool isTaken)
    {
        // Once in ten hours, for a type of the class 5 to 10 %.
        var plan = Plan(0.1, drawn, ASpot("a", type));

        Assert.Equal(isTaken ? [new("a", Now.AddMinutes(2))] : [], plan.Notices);
        Assert.Equal(isTaken ? Now.AddMinutes(2) : null, plan.LookAgainAt);
    }

    [Fact]
    public void Only_Spot_hosts_that_are_there_are_taken_back()
    {
        var plan = Plan(
            1000, 0, Of("demand"), ASpot("launching") with { State = HostState.Launching }, ASpot("draining") with { State = HostState.Draining },
            ASpot("interrupted") with { State = HostState.Interrupted, EndsAt = Now.AddSeconds(1) });

        Assert.Equal(["draining"], plan.Notices.Select(notice => notice.HostId));
        Assert.Equal(Now.AddSeconds(1), plan.LookAgainAt);
    }

    [Fact]
    public void A_host_that_was_not_there_before_can_not_have_been_taken_before() =>
        Assert.Empty(Plan(1000, 0, ASpot("new") with { ReadyAt = Now }).Notices);

    [Fact]
    public void A_host_goes_two_minutes_after_its_notice()
    {
        var host = ASpot("a") with { State = HostState.Interrupted, EndsAt = Now };

        Assert.Equal(["a"], Plan(0, 0, host).Ends);
        Assert.Empty(Plan(0, 0, host with { EndsAt = Now.AddTicks(1) }).Ends);
        Assert.Equal(TimeSpan.FromMinutes(2), SpotRules.Notice);
    }

    [Fact]
    public void Looking_often_takes_no_more_hosts_than_looking_seldom() => Gen.Select(Gen.Double[0, 5], Gen.Int[1, 7200], Gen.Int[1, 7200]).Sample(
        (perHour, one, other) =>
        {
            double Stays(int seconds) => 1 - SpotRules.Probability(perHour, TimeSpan.FromSeconds(seconds));
            Assert.Equal(Stays(one + other), Stays(one) * Stays(other), tolerance: 1e-9);
        },
        iter: 10_000);

    private static Host ASpot(string id, string type = "m5.xlarge") => Of(id, type) with { Purchase = PurchaseOption.Spot };

    private static SpotPlan Plan(double perHour, double drawn, params Host[] hosts) =>
        SpotRules.Plan(new() { Hosts = [.. hosts], PerHour = perHour, Since = Noon, Now = Now, Draw = _ => drawn });
}
