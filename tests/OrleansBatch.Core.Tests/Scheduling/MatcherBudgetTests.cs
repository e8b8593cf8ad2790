using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Core.Tests.Scheduling;

/// <summary>What bounds a round beside the environments: what is kept for other shares, and consumable resources.</summary>
public sealed class MatcherBudgetTests
{
    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(4, 0)]
    public void What_is_kept_for_other_shares_stays_free_of_all_environments_together(int reservedVcpus, int placed)
    {
        var plan = Matcher.Match(AQueue.Of([AQueue.Environment("a", AQueue.Needs(2, 64)), AQueue.Environment("b", AQueue.Needs(2, 64))], Jobs(5)) with { ReservedVcpuMillis = reservedVcpus * 1000 });

        Assert.Equal(placed, plan.Placements.Length);
        Assert.Equal(reservedVcpus == 0 ? UnplacedReason.NoFreeCapacity : UnplacedReason.KeptForOtherShares, plan.Blocked!.Reason);
        Assert.Null(plan.Blocked.Reason.StatusReason());
    }

    [Fact]
    public void A_job_gets_all_that_it_needs_of_consumable_resources_or_waits_and_blocks_the_rest()
    {
        var jobs = Jobs(4);
        jobs[0] = jobs[0] with { Consumables = Needs(("licence", 2)) };
        jobs[1] = jobs[1] with { Consumables = Needs(("bandwidth", 1)) };
        jobs[2] = jobs[2] with { Consumables = Needs(("bandwidth", 1), ("licence", 2)) };
        var plan = Matcher.Match(AQueue.Of([AQueue.Environment("a", AQueue.Needs(9, 64))], jobs) with { Consumables = new Dictionary<string, long> { ["licence"] = 3, ["bandwidth"] = 5 } });

        Assert.Equal([jobs[0].JobId, jobs[1].JobId], plan.Placements.Select(placement => placement.JobId));
        Assert.Equal(new(jobs[2].JobId, UnplacedReason.ConsumablesInUse), plan.Blocked);
    }

    [Fact]
    public void A_resource_that_nobody_names_has_nothing_and_nothing_is_needed_of_it_by_a_need_of_0()
    {
        var jobs = Jobs(2);
        jobs[0] = jobs[0] with { Consumables = Needs(("unknown", 0)) };
        jobs[1] = jobs[1] with { Consumables = Needs(("unknown", 1)) };

        Assert.Equal(jobs[1].JobId, Matcher.Match(AQueue.Of([AQueue.Environment("a", AQueue.Needs(9, 64))], jobs)).Blocked!.JobId);
    }

    private static WaitingJob[] Jobs(int count) => [.. Enumerable.Range(0, count).Select(number => AQueue.Job($"{number}", 1))];

    private static List<ConsumableNeed> Needs(params (string Name, long Quantity)[] needs) =>
        [.. needs.Select(need => new ConsumableNeed { ResourceName = need.Name, Quantity = need.Quantity })];
}
