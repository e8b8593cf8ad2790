using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Faults;
using OrleansBatch.Chaos.Load;
using OrleansBatch.Chaos.Witnesses;

namespace OrleansBatch.Chaos.Tests.Harness;

/// <summary>What a seed says, it says again.</summary>
public sealed class PlanTests
{
    private static readonly FaultSurroundings Cluster = new(Silos: 3, Agents: 3, HasDatabase: true, HasNetwork: true, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(12));

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(90);

    [Fact]
    public void The_same_seed_is_the_same_load_and_the_same_faults()
    {
        Assert.Equal(Words(7), Words(7));
        Assert.NotEqual(Words(7), Words(8));
        Assert.Equal(FaultSchedule.Make(7, TimeSpan.FromMinutes(5), Cluster), FaultSchedule.Make(7, TimeSpan.FromMinutes(5), Cluster));
        Assert.NotEqual(FaultSchedule.Make(7, TimeSpan.FromMinutes(5), Cluster), FaultSchedule.Make(8, TimeSpan.FromMinutes(5), Cluster));

        static IEnumerable<string> Words(int seed) => Plan(seed)
            .Select(work => $"{work with { Exits = [], DependsOn = [] }} {string.Join(',', work.Exits)} {string.Join(',', work.DependsOn)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_load_has_jobs_of_every_kind_and_waits_only_for_those_before(int seed)
    {
        var works = Plan(seed);
        Assert.Contains(works, work => work.Stop == "CancelJob");
        Assert.Contains(works, work => work.Stop == "TerminateJob" && work.ExitOnTerm is null);
        Assert.Contains(works, work => work is { Nodes: > 1, Attempts: > 1, Exits: [not 0, .., 0] });
        Assert.Contains(works, work => work is { Attempts: > 1, Exits: [not 0, .., 0] });
        Assert.Contains(works, work => work.Size is not null && work.DependsOn is [{ Key: null, Type: "SEQUENTIAL" }]);
        Assert.Contains(works, work => work.DependsOn is [{ Type: "N_TO_N" }]);
        Assert.Contains(works, work => work is { Size: null, DependsOn.Count: 1 });
        Assert.All(works, work => Assert.All(work.DependsOn, dependency =>
            Assert.True(dependency.Key is null || string.CompareOrdinal(dependency.Key, work.Key) < 0)));
        Assert.True(works.Sum(work => work.SureStarts) >= 500);
        Assert.Equal(works.OrderBy(work => work.After), works);
        Assert.Equal(works.Count, works.DistinctBy(work => work.Key).Count());
    }

    [Fact]
    public void Some_jobs_outlive_their_node_s_lease_and_others_wait_for_them_meanwhile()
    {
        var works = Plan(1);
        var slow = works.Where(work => work.Seconds >= 20).ToList();
        Assert.All(slow, work => Assert.True(work is { Attempts: > 1 } && work.After < TimeSpan.FromSeconds(70)));
        Assert.True(slow.Count >= 5);
        Assert.All(slow, work => Assert.Contains(works, other => other.DependsOn.Any(dependency => dependency.Key == work.Key) && other.After < work.After + TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_minute_and_a_half_has_six_faults_of_four_kinds_and_more() => Assert.All(Enumerable.Range(1, 50), seed =>
    {
        foreach (var around in new[] { Cluster, new(1, 0, false, false, TimeSpan.Zero, TimeSpan.Zero) })
        {
            var faults = FaultSchedule.Make(seed, TimeSpan.FromSeconds(90), around);
            Assert.True(faults.Count >= 6, $"{seed}: {faults.Count} faults");
            Assert.True(faults.Select(fault => fault.Kind).Distinct().Count() >= 4);
            Assert.All(faults.Zip(faults.Skip(1)), pair => Assert.True(pair.Second.After >= pair.First.After + pair.First.For));
        }
    });

    [Fact]
    public void What_there_is_not_is_not_struck() => Assert.All(
        FaultSchedule.Make(1, TimeSpan.FromMinutes(10), new(1, 0, false, false, TimeSpan.Zero, TimeSpan.Zero)),
        fault => Assert.Contains(fault.Kind, new[] { FaultKind.KillSilo, FaultKind.PauseSilo, FaultKind.RollingRestart, FaultKind.KillJob, FaultKind.KillSupervisor }));

    [Fact]
    public void Beyond_the_lease_is_beyond_the_lease() => Assert.All(
        FaultSchedule.Make(1, TimeSpan.FromMinutes(10), Cluster).Where(fault => fault.Kind is FaultKind.KillAgentBeyondLease or FaultKind.PauseAgentBeyondLease or FaultKind.CutAgent),
        fault => Assert.True(fault.For > Cluster.Lease));

    [Fact]
    public void Some_are_away_until_they_have_been_given_up() => Assert.Contains(
        FaultSchedule.Make(1, TimeSpan.FromMinutes(10), Cluster), fault => fault.Kind == FaultKind.PauseAgentBeyondLease && fault.For > Cluster.Loss);

    [Fact]
    public void A_witness_line_is_read_and_a_torn_one_is_told()
    {
        Assert.Equal(
            new ProcessStarted { At = 12_340_000_000, JobId = "a:3", Attempt = 2, Node = "n", Pid = 77 }, WitnessFile.Parse("n", "start a:3 2 77 12.34 "));
        Assert.Equal(
            new ProcessEnded { At = 12_350_000_000, JobId = "a:3", Attempt = 2, Node = "n", Pid = 77, ExitCode = 143 }, WitnessFile.Parse("n", "end a:3 2 77 12.35 143"));
        _ = Assert.IsType<UnreadableLine>(WitnessFile.Parse("n", "end a:3 2 77 12.35"));
        _ = Assert.IsType<UnreadableLine>(WitnessFile.Parse("n", "sta"));
    }

    private static List<Work> Plan(int seed) => [.. LoadPlan.Make(seed, 500, Time, TimeSpan.FromSeconds(20)).TakeWhile(work => work.After < Time)];
}
