using CsCheck;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Tests.Scheduling.AQueue;

namespace OrleansBatch.Core.Tests.Scheduling;

/// <summary>Jobs are matched to hosts, not to the sum of what is free on them.</summary>
public sealed class MatcherHostTests
{
    private static readonly Gen<HostGroup> Group = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 12], Gen.Int[0, 2], Gen.Int[1, 4], (v, m, g, count) => new HostGroup(Needs(v, m, g), count));

    [Fact]
    public void A_job_fits_on_one_host_or_not_at_all()
    {
        var plan = Matcher.Match(Of([Hosts("a", [new(Needs(2, 8), 2)])], Job("1", 1), Job("2", 3)));

        Assert.Equal("1", Assert.Single(plan.Placements).JobId);
        Assert.Equal("2", plan.Blocked!.JobId);
    }

    [Fact]
    public void A_job_leaves_the_least_unused_so_that_a_large_one_still_fits()
    {
        var plan = Matcher.Match(Of([Hosts("a", [new(Needs(4, 8), 1), new(Needs(2, 8), 1)])], Job("1", 2), Job("2", 4)));

        Assert.Equal(2, plan.Placements.Length);
    }

    [Fact]
    public void A_job_waits_for_a_host_that_is_coming_rather_than_go_to_the_next_environment()
    {
        var first = Hosts("first", []) with { Coming = [new(Needs(4, 8), 1)] };
        var plan = Matcher.Match(Of([first, Hosts("second", [new(Needs(4, 8), 1)])], Job("1", 1)));

        Assert.Empty(plan.Placements);
        Assert.Equal(UnplacedReason.NoFreeCapacity, plan.Blocked!.Reason);
        Assert.Null(plan.Blocked.StatusReason);
    }

    [Fact]
    public void An_environment_before_the_one_with_a_host_on_the_way_takes_it_at_once()
    {
        var second = Hosts("second", []) with { Coming = [new(Needs(4, 8), 1)] };
        Assert.Equal("first", Assert.Single(Matcher.Match(Of([Hosts("first", [new(Needs(4, 8), 1)]), second], Job("1", 1))).Placements).Environment);
    }

    [Fact]
    public void Hosts_that_are_not_to_be_had_are_the_reason_only_when_no_environment_can_help()
    {
        var needs = Needs(2);
        var without = Hosts("a", []) with { Shortages = [new(needs, "m5.large")] };
        var blocked = Matcher.Match(Of([without], new WaitingJob("1", needs))).Blocked!;
        Assert.Equal(
            "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [m5.large]", blocked.StatusReason);

        Assert.Null(Matcher.Match(Of([without, Hosts("busy", [])], new WaitingJob("1", needs))).Blocked!.StatusReason);
    }

    [Fact]
    public void A_maximum_that_forbids_every_host_that_is_large_enough_is_called_so()
    {
        var environment = new EnvironmentSnapshot("a", true, true, [], Needs(4, 64)) with
        {
            Largest = [new(Needs(2, 8), true), new(Needs(8, 32), false)],
        };
        Assert.Equal(StatusReasons.ExceedsMaximumVcpus, Matcher.Match(Of([environment], Job("1", 4, 16))).Blocked!.StatusReason);
        Assert.Equal(StatusReasons.ExceedsResources, Matcher.Match(Of([environment], Job("1", 4, 64))).Blocked!.StatusReason);
        Assert.Null(Matcher.Match(Of([environment], Job("1", 2, 8))).Blocked!.StatusReason);
    }

    [Fact]
    public void A_plan_can_be_packed_on_the_hosts_one_job_on_one_host() =>
        Gen.Select(Group.Array[0, 5], Gen.Select(Gen.Int[0, 6], Gen.Int[0, 12], Gen.Int[0, 2], (v, m, g) => Needs(v, m, g)).Array[0, 12]).Sample((groups, needs) =>
        {
            var plan = Matcher.Match(Of([Hosts("a", groups)], [.. needs.Select((need, index) => new WaitingJob($"{index}", need))]));

            // As the matcher does: the host with the least free that fits.
            var free = groups.SelectMany(group => Enumerable.Repeat(group.Free, group.Count)).ToList();
            foreach (var placement in plan.Placements)
            {
                var job = needs[int.Parse(placement.JobId, System.Globalization.CultureInfo.InvariantCulture)];
                var best = free.Where(host => host.Covers(job)).OrderBy(host => host.Gpus).ThenBy(host => host.VcpuMillis).ThenBy(host => host.MemoryMiB).Take(1).ToArray();
                Assert.True(free.Remove(Assert.Single(best)));
                free.Add(best[0] - job);
            }

            Assert.Equal(plan.Placements.Length == needs.Length, plan.Blocked is null);
            if (plan.Blocked is not null)
            {
                Assert.DoesNotContain(free, host => host.Covers(needs[plan.Placements.Length]));
            }
        });

    private static EnvironmentSnapshot Hosts(string name, HostGroup[] hosts) => new(name, true, true, [.. hosts], Needs(16, 64, 8));
}
