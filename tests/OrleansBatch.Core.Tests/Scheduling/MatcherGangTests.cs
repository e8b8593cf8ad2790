using CsCheck;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Tests.Scheduling.AQueue;

namespace OrleansBatch.Core.Tests.Scheduling;

/// <summary>A multi-node parallel job has all its hosts at once, or none.</summary>
public sealed class MatcherGangTests
{
    private static readonly HostGroup TwoSmall = new(Needs(2, 8), 2, "small");
    private static readonly HostGroup TwoLarge = new(Needs(4, 16), 2, "large");

    public static TheoryData<string, WaitingJob[], HostGroup[], string> Rounds() => new()
    {
        { "as many idle hosts as nodes", [Gang("1", 2)], [TwoSmall], "1" },
        { "too few", [Gang("1", 3)], [TwoSmall, TwoLarge], "" },
        { "hosts with something on them do not count", [Gang("1", 2)], [TwoSmall with { IdleType = null }], "" },
        { "too small for a node", [Gang("1", 2, 3)], [TwoSmall], "" },
        { "the type that is asked for", [Gang("1", 2, type: "large"), Gang("2", 2, type: "small")], [TwoSmall, TwoLarge], "1 2" },
        { "the smallest type goes first", [Gang("1", 2), Gang("2", 2, type: "large")], [TwoLarge, TwoSmall], "1 2" },
        { "a host is not left idle by a job that is on it", [Job("1", 1), Gang("2", 2)], [TwoSmall], "1" },
        { "a job goes where no node could", [Job("1", 1), Gang("2", 2)], [TwoSmall, new(Needs(2, 8), 1)], "1 2" },
        { "nothing else comes on a node's host", [Gang("1", 2), Job("2", 1)], [TwoSmall], "1" },
        { "hosts of one type in two groups", [Gang("1", 3)], [TwoSmall, new(Needs(2, 7), 1, "small")], "1" },
        { "what waits behind it waits", [Gang("1", 3), Job("2", 1)], [TwoSmall], "" },
    };

    [Theory]
    [MemberData(nameof(Rounds))]
    public void It_is_placed_when_there_are_enough_hosts_of_one_type_with_nothing_on_them(string because, WaitingJob[] jobs, HostGroup[] hosts, string placed)
    {
        var plan = Matcher.Match(Of([Hosts("a", hosts)], jobs));

        Assert.True(placed == string.Join(' ', plan.Placements.Select(placement => placement.JobId)), because);
        Assert.Equal(plan.Placements.Length == jobs.Length, plan.Blocked is null);
    }

    [Theory]
    [InlineData(0, 2, null)]
    [InlineData(1, 1, null)]
    [InlineData(1, 0, "second")]
    [InlineData(2, 2, "first")]
    public void It_waits_for_hosts_that_are_coming_rather_than_go_to_the_next_environment(int idle, int coming, string? placed)
    {
        var first = Hosts("first", TwoSmall with { Count = idle }) with { Coming = [TwoSmall with { Count = coming }, TwoLarge with { Count = 1 }] };

        var plan = Matcher.Match(Of([first, Hosts("second", TwoSmall)], Gang("1", 2)));

        Assert.Equal(placed, plan.Placements.SingleOrDefault()?.Environment);
        Assert.Equal(placed is null ? new("1", UnplacedReason.NoFreeCapacity) : null, plan.Blocked);
    }

    [Fact]
    public void An_environment_that_takes_no_such_jobs_gets_none()
    {
        var machine = Hosts("a", TwoSmall) with { GangOutlook = GangOutlook.NotTaken };

        Assert.Equal("b", Assert.Single(Matcher.Match(Of([machine, Hosts("b", TwoSmall)], Gang("1", 2))).Placements).Environment);
        Assert.Equal("a", Assert.Single(Matcher.Match(Of([machine], Job("1", 1))).Placements).Environment);
    }

    [Fact]
    public void What_is_kept_for_other_shares_counts_all_its_nodes()
    {
        var queue = Of([Hosts("a", TwoSmall, TwoLarge)], Gang("1", 2, 2));

        Assert.Single(Matcher.Match(queue with { ReservedVcpuMillis = 8000 }).Placements);
        Assert.Equal(UnplacedReason.KeptForOtherShares, Matcher.Match(queue with { ReservedVcpuMillis = 8001 }).Blocked!.Reason);
    }

    public static TheoryData<string, UnplacedReason, EnvironmentSnapshot[]> WhyNot() => new()
    {
        { "busy", UnplacedReason.NoFreeCapacity, [Can(GangOutlook.Possible)] },
        { "one is busy", UnplacedReason.NoFreeCapacity, [Can(GangOutlook.MaximumTooLow), Can(GangOutlook.Possible)] },
        { "too many vCPUs everywhere", UnplacedReason.ExceedsMaximumVcpus, [Can(GangOutlook.MaximumTooLow), Can(GangOutlook.MaximumTooLow)] },
        { "no type", UnplacedReason.ExceedsResources, [Can(GangOutlook.NoTypeLargeEnough)] },
        { "none takes it", UnplacedReason.ExceedsResources, [Can(GangOutlook.NotTaken)] },
        { "vCPUs here, type there", UnplacedReason.ExceedsResources, [Can(GangOutlook.MaximumTooLow), Can(GangOutlook.NoTypeLargeEnough), Can(GangOutlook.NotTaken)] },
        { "the possible one is disabled", UnplacedReason.NoUsableEnvironment, [Can(GangOutlook.NotTaken), Can(GangOutlook.Possible) with { IsEnabled = false }] },
        { "the only one is disabled", UnplacedReason.EnvironmentsDisabled, [Can(GangOutlook.Possible) with { IsEnabled = false }] },
        { "impossible, and one of them disabled", UnplacedReason.ExceedsResources, [Can(GangOutlook.NotTaken), Can(GangOutlook.NoTypeLargeEnough) with { IsEnabled = false }] },
        { "all invalid", UnplacedReason.EnvironmentsInvalid, [Can(GangOutlook.NotTaken) with { IsValid = false }] },
        { "none is to be had", UnplacedReason.HostsNotToBeHad, [Can(GangOutlook.Possible) with { Shortages = [new(Needs(1), "large")] }, Can(GangOutlook.MaximumTooLow)] },
        { "none is to be had here", UnplacedReason.NoFreeCapacity, [Can(GangOutlook.Possible) with { Shortages = [new(Needs(1), "large")] }, Can(GangOutlook.Possible)] },
    };

    [Theory]
    [MemberData(nameof(WhyNot))]
    public void The_head_says_why_it_waits(string because, UnplacedReason expected, EnvironmentSnapshot[] environments)
    {
        var head = Gang("head", 4);

        Assert.All([null, head.Gang], asked =>
        {
            var blocked = Matcher.Match(Of(environments, head) with { AskedFor = asked }).Blocked;
            Assert.True(blocked?.Reason == expected, $"{because}: {blocked?.Reason}");
        });
    }

    [Fact]
    public void What_was_said_of_another_job_proves_nothing()
    {
        var environment = Can(GangOutlook.MaximumTooLow);
        var placed = environment with { Hosts = [TwoSmall] };

        Assert.Null(Matcher.Match(Of([environment], Gang("1", 3)) with { AskedFor = Gang("2", 4).Gang }).Blocked!.StatusReason);
        Assert.Null(Matcher.Match(Of([placed], Gang("1", 2), Gang("2", 4))).Blocked!.StatusReason);
        Assert.Equal(StatusReasons.ExceedsMaximumVcpus, Matcher.Match(Of([environment], Gang("2", 4)) with { AskedFor = Gang("2", 4).Gang }).Blocked!.StatusReason);
        Assert.Equal(StatusReasons.ExceedsResources, Matcher.Match(Of([Can(GangOutlook.NotTaken)], Gang("1", 3)) with { AskedFor = Gang("2", 4).Gang }).Blocked!.StatusReason);
    }

    private static readonly Gen<HostGroup> Groups = Gen.Select(
        Gen.Int[0, 3], Gen.Int[1, 3], Gen.Int[0, 4], (kind, count, free) => kind switch
        {
            0 => new HostGroup(Needs(free, free * 4), count),
            1 => new HostGroup(Needs(2, 8), count, "small"),
            2 => new HostGroup(Needs(2, 8), count, "small.other"),
            _ => new HostGroup(Needs(4, 16), count, "large"),
        });

    private static readonly Gen<WaitingJob> Jobs = Gen.Select(
        Gen.Int[0, 4], Gen.Int[1, 4], Gen.Bool, (nodes, vcpus, isAsked) => nodes == 0 ? Job("?", vcpus) : Gang("?", nodes, vcpus, isAsked ? "small" : null));

    [Fact]
    public void A_plan_can_be_carried_out_on_the_hosts_with_each_node_alone_on_its_own() => Gen.Select(Groups.Array[0, 5], Jobs.Array[0, 8]).Sample(
        (groups, jobs) =>
        {
            jobs = [.. jobs.Select((job, index) => job with { JobId = $"{index}" })];
            var plan = Matcher.Match(Of([Hosts("a", groups)], jobs));
            var hosts = groups.SelectMany(group => Enumerable.Repeat(group, group.Count)).Select(group => (group.Free, Type: group.IdleType)).ToList();
            foreach (var job in jobs.Take(plan.Placements.Length))
            {
                Assert.True(Carry(hosts, job));
            }

            Assert.Equal(plan.Blocked is null, plan.Placements.Length == jobs.Length);
            Assert.True(plan.Blocked is null || !Carry(hosts, jobs[plan.Placements.Length]));
        },
        iter: 20_000);

    private static bool Carry(List<(ResourceNeeds Free, string? Type)> hosts, WaitingJob job)
    {
        if (job.Gang is not { } gang)
        {
            var best = hosts.Where(host => host.Free.Covers(job.Needs)).OrderBy(host => host.Free.VcpuMillis).ThenBy(host => host.Free.MemoryMiB).ThenBy(host => host.Type is not null).Take(1).ToList();
            best.ForEach(host => Assert.True(hosts.Remove(host)));
            hosts.AddRange(best.Select(host => (host.Free - job.Needs, (string?)null)));
            return best.Count > 0;
        }

        var type = hosts.Where(host => host.Type is not null && host.Free.Covers(gang.PerNode) && (gang.InstanceType ?? host.Type) == host.Type)
            .GroupBy(host => host.Type).Where(all => all.Count() >= gang.Nodes).OrderBy(all => all.First().Free.VcpuMillis).ThenBy(all => all.Key, StringComparer.Ordinal).FirstOrDefault();
        return type is not null && type.Take(gang.Nodes).All(hosts.Remove);
    }

    private static WaitingJob Gang(string id, int nodes, int vcpus = 1, string? type = null) =>
        new(id, Needs(nodes * vcpus, nodes), Gang: new(Needs(vcpus), nodes, type));

    private static EnvironmentSnapshot Hosts(string name, params HostGroup[] hosts) => new(name, true, true, [.. hosts.Where(group => group.Count > 0)], Needs(64, 256, 8));

    private static EnvironmentSnapshot Can(GangOutlook outlook) => Hosts("e") with { GangOutlook = outlook };
}
