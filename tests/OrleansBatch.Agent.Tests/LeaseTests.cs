using System.Globalization;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;
using OrleansBatch.Supervisor;

namespace OrleansBatch.Agent.Tests;

public sealed class LeaseTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private long _now = 1_000;

    [Fact]
    public async Task Renewed_in_time_jobs_go_on_for_longer_than_a_lease()
    {
        await using var rig = await Leased(Short);
        var attempt = await rig.LaunchAsync(rig.Order("job", "exec sleep 1000"));
        await rig.Session.Started(attempt);

        // Three leases.
        await Eventually.True(() => rig.Leased.Renewals >= 9);

        Assert.DoesNotContain(rig.Session.Reports, report => report.Outcome != AttemptOutcome.Started);
        Assert.Single(rig.Session.Hellos);
    }

    [Fact]
    public async Task When_nobody_renews_all_attempts_are_stopped_and_told_lost_by_another_incarnation()
    {
        await using var rig = await Leased(Short);
        var mild = await rig.LaunchAsync(rig.Order("mild", Pid("mild", rig) + "exec sleep 1000"));
        var stubborn = await rig.LaunchAsync(rig.Order("stubborn", Pid("stubborn", rig) + "trap '' TERM; while :; do sleep 0.05; done") with { StopTimeout = TimeSpan.FromDays(1) });
        var several = await rig.LaunchAsync(rig.Order("several") with { Containers = [AnOrder.Container("a", "exec sleep 1000"), AnOrder.Container("b", "exec sleep 1000")] });
        var done = await rig.RunAsync(rig.Order("done", "exit 3"));
        await rig.Session.Started(mild);
        await rig.Session.Started(stubborn);
        await rig.Session.Started(several);
        var former = rig.Agent.Incarnation;

        rig.Leased.Answer = null;
        await Eventually.True(() => PidsOf(rig.Directory).All(IsGone));
        rig.Leased.Answer = NodeRenewal.Renewed;

        await Eventually.True(() => rig.Session.Hellos.Any(hello => hello.Incarnation != former));
        foreach (var attempt in (AttemptId[])[mild, stubborn, several])
        {
            var report = await rig.Session.Ended(attempt);
            Assert.Equal((AttemptOutcome.Lost, (int?)null), (report.Outcome, report.ExitCode));
            Assert.NotNull(report.StartedAt);
        }

        Assert.Equal(3, done.ExitCode);
        Assert.Equal(0, (await rig.RunAsync(rig.Order("after"))).ExitCode);
    }

    [Fact]
    public async Task A_lapsed_supervisor_starts_nothing()
    {
        await using var rig = await Leased(Short, stopWithin: Long);
        var stubborn = await rig.LaunchAsync(rig.Order("stubborn", "trap '' TERM; echo TERM is ignored; while :; do sleep 0.05; done") with { StopTimeout = Long });
        await Eventually.True(() => rig.LinesAsync("stubborn").GetAwaiter().GetResult().Length == 1);
        var lapse = BootTime.Milliseconds() + (long)Short.TotalMilliseconds;

        rig.Leased.Answer = null;
        await Eventually.True(() => BootTime.Milliseconds() > lapse);
        await rig.LaunchAsync(rig.Order("late", $"echo ran >> {rig.PathTo("witness")}"));

        Assert.Equal(JournalKind.Lapsed, Supervisor.Journal.Read(rig.PathTo("agent/journal")).Last(record => record.Job is null).Kind);
        Assert.DoesNotContain(Supervisor.Journal.Read(rig.PathTo("agent/journal")), record => record.Job == "late");
        Assert.Empty(rig.Witnesses("witness"));
        Assert.DoesNotContain(rig.Session.Reports, report => report.Attempt == stubborn && report.Outcome != AttemptOutcome.Started);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_was_declared_lost_ends_all_and_comes_as_another(bool isToldByRenewal)
    {
        await using var rig = await Leased(isToldByRenewal ? Short : TimeSpan.FromMinutes(1));
        var attempt = await rig.LaunchAsync(rig.Order("job", "exec sleep 1000"));
        await rig.Session.Started(attempt);
        var former = rig.Agent.Incarnation;

        if (isToldByRenewal)
        {
            rig.Leased.Answer = NodeRenewal.Lost;
            await Eventually.True(() => rig.Agent.Incarnation != former);
            rig.Leased.Answer = NodeRenewal.Renewed;
        }
        else
        {
            rig.Leased.Refused = former;
            rig.Leased.Drop("the test says so");
        }

        await Eventually.True(() => rig.Session.Hellos.Any(hello => hello.Incarnation != former));
        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        Assert.Equal(0, (await rig.RunAsync(rig.Order("after"))).ExitCode);
    }

    [Fact]
    public async Task Who_is_not_known_any_more_says_hello_again_and_its_jobs_go_on()
    {
        await using var rig = await Leased(Short);
        var attempt = await rig.LaunchAsync(rig.Order("job", "exec sleep 1000"));
        await rig.Session.Started(attempt);

        rig.Leased.Answer = NodeRenewal.RenewedSayHello;

        await Eventually.True(() => rig.Session.Hellos.Count >= 2);
        Assert.Equal(rig.Session.Hellos[0].Incarnation, rig.Session.Hellos[1].Incarnation);
        Assert.Equal([attempt], rig.Session.Hellos[1].Attempts);
    }

    [Fact]
    public async Task An_agent_that_is_back_within_its_lease_adopts_what_runs()
    {
        await using var rig = await Leased(TimeSpan.FromMinutes(1));
        var attempt = await rig.LaunchAsync(rig.Order("job", $"until [ -e {rig.PathTo("gate")} ]; do sleep 0.05; done; exit 4"));
        await rig.Session.Started(attempt);
        var former = rig.Agent.Incarnation;
        await rig.Agent.DrainAsync(CancellationToken.None);
        Assert.True(rig.Leased.HasLeft);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.LaunchAsync(rig.Order("late")));
        await rig.Agent.DisposeAsync();

        await rig.StartAgentAsync(options => options.Lease = TimeSpan.FromMinutes(1));

        Assert.Equal((former, attempt), (rig.Session.Hellos[0].Incarnation, Assert.Single(rig.Session.Hellos[0].Attempts)));
        await File.WriteAllTextAsync(rig.PathTo("gate"), "open");
        Assert.Equal(4, (await rig.Session.Ended(attempt)).ExitCode);
    }

    [Fact]
    public async Task A_killed_agents_jobs_end_when_its_lease_lapses()
    {
        await using var host = await LeasedHost.StartAsync(Short);

        ProcessSignal.Send(host.Pid, ProcessSignal.Kill);

        await Eventually.True(() => PidsOf(host.Directory).All(IsGone));
        await Eventually.True(() => IsGone(host.SupervisorPid));
        await using var rig = await AgentRig.StartAsync(options => options.Lease = Short, host.Directory);
        Assert.NotEqual(host.Incarnation, rig.Agent.Incarnation);
        foreach (var attempt in LeasedHost.Attempts)
        {
            Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        }
    }

    [Fact]
    public async Task A_frozen_agents_jobs_end_when_its_lease_lapses_and_thawed_it_comes_as_another()
    {
        await using var host = await LeasedHost.StartAsync(Short);

        await LeasedHost.FreezeAsync(host.Pid);

        await Eventually.True(() => PidsOf(host.Directory).All(IsGone));
        await Eventually.True(() => IsGone(host.SupervisorPid));
        LeasedHost.Thaw(host.Pid);
        await Eventually.True(() => host.Hellos is [.., var last] && last != host.Incarnation);
        await host.EndAsync();
    }

    [Fact]
    public async Task A_frozen_supervisor_ends_all_as_soon_as_it_wakes_up_after_the_lapse()
    {
        await using var rig = await Leased(Short, stopWithin: TimeSpan.FromMilliseconds(500));
        var attempt = await rig.LaunchAsync(rig.Order("job", Pid("job", rig) + "trap '' TERM; while :; do sleep 0.05; done") with { StopTimeout = Long });
        await rig.Session.Started(attempt);
        var supervisor = rig.Agent.SupervisorPid;
        await LeasedHost.FreezeAsync(supervisor);
        rig.Leased.Answer = null;
        var late = rig.Agent.LaunchAsync([rig.Order("late", $"echo ran >> {rig.PathTo("witness")}")], CancellationToken.None);
        var over = BootTime.Milliseconds() + 2_000;
        await Eventually.True(() => BootTime.Milliseconds() > over);
        rig.Leased.Answer = NodeRenewal.Renewed;

        LeasedHost.Thaw(supervisor);

        await late;
        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(new("late", 1))).Outcome);
        Assert.All(PidsOf(rig.Directory), pid => Assert.True(IsGone(pid)));
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_supervisor_that_follows_a_dead_one_is_given_the_lease_that_there_is()
    {
        await using var rig = await Leased(Short);
        var former = rig.Agent.Incarnation;
        await rig.KillSupervisorAsync();
        await Eventually.True(() => rig.Leased.Renewals > 0);
        var attempt = await rig.LaunchAsync(rig.Order("job", "exec sleep 1000"));
        await rig.Session.Started(attempt);
        Assert.Equal(former, rig.Agent.Incarnation);

        rig.Leased.Answer = null;
        await Eventually.True(() => rig.Agent.Incarnation != former);
        rig.Leased.Answer = NodeRenewal.Renewed;

        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
    }

    [Fact]
    public async Task Without_a_lease_jobs_outlive_every_silence()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", $"until [ -e {rig.PathTo("gate")} ]; do sleep 0.05; done; exit 4"));
        await rig.Session.Started(attempt);
        await rig.Agent.DisposeAsync();

        await rig.StartAgentAsync();
        await File.WriteAllTextAsync(rig.PathTo("gate"), "open");

        Assert.Equal(4, (await rig.Session.Ended(attempt)).ExitCode);
    }

    [Fact]
    public void A_lease_lapses_by_the_clock_and_never_comes_back()
    {
        var lease = new Lease(() => _now);
        Assert.False(lease.HasLapsed);
        lease.Extend(Until(2_000));
        _now = 1_999;
        Assert.False(lease.HasLapsed);
        lease.Extend(Until(3_000));
        _now = 3_000;
        Assert.True(lease.HasLapsed);

        lease.Extend(Until(9_000));

        Assert.True(lease.HasLapsed);
        Assert.Equal(30_000, lease.LeftToStop);
        _now = 100_000;
        Assert.Equal(0, lease.LeftToStop);
    }

    [Fact]
    public void What_is_older_or_only_the_first_changes_no_lease()
    {
        var lease = new Lease(() => _now);
        lease.Extend(Until(5_000) with { IsFirst = true });
        lease.Extend(Until(4_000));
        lease.Extend(Until(9_000) with { IsFirst = true });
        _now = 4_999;
        Assert.False(lease.HasLapsed);
        _now = 5_000;
        Assert.True(lease.HasLapsed);
    }

    [Fact]
    public void A_lease_that_is_ended_is_over_at_once()
    {
        var lease = new Lease(() => _now);
        lease.End();
        Assert.True(lease.HasLapsed);
        Assert.Equal(30_000, lease.LeftToStop);
    }

    private static Frame Until(long moment) => new() { Kind = FrameKind.Lease, LeaseUntil = moment };

    private static Task<AgentRig> Leased(TimeSpan lease, TimeSpan? stopWithin = null) => AgentRig.StartAsync(options =>
    {
        options.Lease = lease;
        options.StopWithin = stopWithin ?? TimeSpan.FromSeconds(1);
    });

    /// <summary>The beginning of a script that tells its process id in a file.</summary>
    private static string Pid(string name, AgentRig rig) => $"echo $$ > {rig.PathTo($"{name}.pid.new")}; mv {rig.PathTo($"{name}.pid.new")} {rig.PathTo($"{name}.pid")}; ";

    private static IEnumerable<int> PidsOf(string directory) =>
        Directory.GetFiles(directory, "*.pid").Select(file => int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));

    private static bool IsGone(int pid) => ProcessStatus.Read(pid) is null or { IsDead: true };
}
