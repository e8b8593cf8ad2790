using System.Globalization;
using System.Text.RegularExpressions;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Cgroups;

namespace OrleansBatch.Agent.Tests;

/// <summary>Limits by the kernel's control groups, where this machine lets us make some.</summary>
public sealed class LimitTests
{
    private const long Mebibyte = 1024 * 1024;

    // Keeps all it reads until a line ends, and none ever does.
    private const string Greedy = "tail /dev/zero";

    // The same, of what it needs more than 200 MiB for.
    private const string Eat = "head -c 220000000 /dev/zero | tail | wc -c";

    // Leaves its parent, its session and every mark behind.
    private const string Daemon = "env -i /usr/bin/setsid /bin/sh -c 'trap \"\" TERM; echo $$; while :; do /bin/sleep 1000; done' &";

    private static readonly AttemptLimits Modest = new() { MemoryMiB = 64, VcpuMillis = 1000 };

    private static readonly string? WhyNot = FindProblem();

    [Fact]
    public async Task A_job_over_its_memory_limit_is_killed_alone_and_says_so()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();
        var other = await rig.LaunchAsync(rig.Order("other", "exec sleep 1000") with { Limits = Modest });

        var end = await rig.RunAsync(rig.Order("greedy", "exec " + Greedy) with { Limits = Modest });

        Assert.Equal((AttemptOutcome.Exited, 137), (end.Outcome, end.ExitCode));
        Assert.Equal("OutOfMemoryError: Container killed due to memory usage", end.Reason);
        Assert.InRange(end.Usage!.PeakMemoryBytes!.Value, 60 * Mebibyte, 64 * Mebibyte);
        Assert.DoesNotContain(rig.Session.Reports, report => report.Attempt == other && report.Outcome != AttemptOutcome.Started);
    }

    [Fact]
    public async Task Of_several_containers_the_one_over_its_own_limit_is_killed_and_says_so()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();
        var large = Modest with { MemoryMiB = 512 };

        var end = await rig.RunAsync(rig.Order("job") with
        {
            Containers =
            [
                AnOrder.Container("large", Eat) with { IsEssential = false, Limits = large },
                AnOrder.Container("greedy", "exec " + Greedy) with { Limits = Modest, DependsOn = [new("large", ContainerCondition.Success)] },
                AnOrder.Container("other", "exec sleep 1000") with { IsEssential = false, Limits = Modest },
            ],
        });

        Assert.Equal((AttemptOutcome.Exited, 137, "OutOfMemoryError: Container killed due to memory usage"), (end.Outcome, end.ExitCode, end.Reason));
        Assert.Equal([(0, null), (137, end.Reason), (143, null)], end.Containers!.Select(container => (container.ExitCode ?? -1, container.Reason)));
        Assert.InRange(end.Usage!.PeakMemoryBytes!.Value, (200 + 60) * Mebibyte, (512 + 64 + 64) * Mebibyte);
        Assert.Null(end.Unlimited);
    }

    [Fact]
    public async Task A_job_that_survives_the_loss_of_a_child_succeeds_without_a_reason()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();

        var end = await rig.RunAsync(rig.Order("careful", $"{Greedy}; echo $?; exit 0") with { Limits = Modest });

        Assert.Equal((0, null), (end.ExitCode, end.Reason));
        Assert.Contains("137", await rig.LinesAsync("careful"));
    }

    [Fact]
    public async Task A_job_within_its_limit_ends_as_ever_and_its_use_is_known()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();

        var end = await rig.RunAsync(rig.Order("busy", Eat + "; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done") with
        {
            Limits = Modest with { MemoryMiB = 512 },
        });

        Assert.Equal((0, null, null), (end.ExitCode, end.Reason, end.Unlimited));
        Assert.InRange(end.Usage!.PeakMemoryBytes!.Value, 200 * Mebibyte, 512 * Mebibyte);
        Assert.True(end.Usage.CpuTime > TimeSpan.FromMilliseconds(10), $"{end.Usage.CpuTime}");
    }

    [Fact]
    public async Task What_one_attempt_used_does_not_count_for_the_next_in_its_group()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();

        await rig.RunAsync(rig.Order("first", $"{Eat}; head -c 50000000 /dev/zero > file; exit 7") with { Limits = Modest with { MemoryMiB = 512 } });
        var second = await rig.RunAsync(rig.Order("second", "true") with { Limits = Modest with { MemoryMiB = 512 } });

        Assert.InRange(second.Usage!.PeakMemoryBytes!.Value, 1, 20 * Mebibyte);
        Assert.True(second.Usage.CpuTime < TimeSpan.FromSeconds(1), $"{second.Usage.CpuTime}");
    }

    [Fact]
    public async Task Each_attempt_gets_the_limits_of_its_own_order_also_in_a_used_group()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();

        var small = await rig.RunAsync(rig.Order("small", "exec " + Greedy) with { Limits = Modest });
        var large = await rig.RunAsync(rig.Order("large", Eat) with { Limits = Modest with { MemoryMiB = 512 } });
        var smallAgain = await rig.RunAsync(rig.Order("again", "exec " + Greedy) with { Limits = Modest });

        Assert.Equal((137, 0, 137), (small.ExitCode, large.ExitCode, smallAgain.ExitCode));
    }

    [Fact]
    public async Task Shares_weigh_and_only_a_cap_caps()
    {
        NeedsGroups();
        Assert.SkipUnless(CgroupV1Site.CanUse(CgroupMounts.Read()), "The files that this reads are those of cgroup v1.");
        await using var rig = await AgentRig.StartAsync();
        const string Show = "d=/sys/fs/cgroup/cpu$(sed -n 's/^[0-9]*:cpu:\\(.*\\)/\\1/p; s/^[0-9]*:cpu,.*:\\(.*\\)/\\1/p' /proc/self/cgroup); cat $d/cpu.shares $d/cpu.cfs_quota_us";

        await rig.RunAsync(rig.Order("shared", Show) with { Limits = Modest with { VcpuMillis = 2500 } });
        await rig.RunAsync(rig.Order("capped", Show) with { Limits = Modest with { VcpuMillis = 250, IsCpuCapped = true } });
        await rig.RunAsync(rig.Order("free", Show) with { Limits = Modest });

        Assert.Equal(["2560", "-1"], await rig.LinesAsync("shared"));
        Assert.Equal(["256", "25000"], await rig.LinesAsync("capped"));
        Assert.Equal(["1024", "-1"], await rig.LinesAsync("free"));
    }

    [Fact]
    public async Task A_job_cannot_have_more_processes_than_it_may()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync(options => options.MostProcesses = 10);

        var end = await rig.RunAsync(rig.Order("many", "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1000 & done; echo all") with { Limits = Modest });

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains(await rig.LinesAsync("many"), line => line.Contains("fork", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Whatever_a_job_leaves_behind_is_gone_before_its_end_is_told()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();

        var end = await rig.RunAsync(rig.Order(
            "leaver",
            $"{{ {Daemon} {Daemon} }} >> {rig.PathTo("daemons")}; until [ \"$(wc -l < {rig.PathTo("daemons")})\" = 2 ]; do sleep 0.01; done; exit 5") with
        {
            Limits = Modest,
        });

        Assert.Equal(5, end.ExitCode);
        var daemons = rig.Witnesses("daemons");
        Assert.Equal(2, daemons.Length);
        Assert.All(daemons, daemon => Assert.True(ProcessStatus.Read(Pid(daemon)) is null or { IsDead: true }));
    }

    [Fact]
    public async Task What_hides_in_a_group_that_the_job_has_made_inside_its_own_is_gone_too()
    {
        NeedsGroups();
        Assert.SkipUnless(CgroupV1Site.CanUse(CgroupMounts.Read()), "The files that this writes are those of cgroup v1.");
        await using var rig = await AgentRig.StartAsync();
        const string Script =
            "d=/sys/fs/cgroup/pids$(sed -n 's/^[0-9]*:pids:\\(.*\\)/\\1/p' /proc/self/cgroup)/inner; mkdir $d; "
            + "env -i /usr/bin/setsid /bin/sleep 1000 & echo $! > $d/cgroup.procs; echo $!; exit 0";

        var end = await rig.RunAsync(rig.Order("burrower", Script) with { Limits = Modest });
        var next = await rig.RunAsync(rig.Order("next") with { Limits = Modest });

        Assert.Equal((0, 0), (end.ExitCode, next.ExitCode));
        var hidden = Pid(Assert.Single(await rig.LinesAsync("burrower")));
        Assert.True(ProcessStatus.Read(hidden) is null or { IsDead: true });
    }

    [Fact]
    public async Task A_starting_thread_is_not_held_back_with_the_capped_job_that_it_started()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();
        var capped = Modest with { VcpuMillis = 250, IsCpuCapped = true };
        var spinners = await Task.WhenAll(Enumerable.Range(0, 2).Select(i =>
            rig.LaunchAsync(rig.Order($"spinner-{i}", "while :; do :; done") with { Limits = capped })));
        await Task.WhenAll(spinners.Select(spinner => rig.Session.Started(spinner)));

        var supervisor = Directory.GetDirectories($"/proc/{rig.Agent.SupervisorPid}/task");
        Assert.DoesNotContain(supervisor, thread => IsInGroup(rig, File.ReadAllText(Path.Combine(thread, "cgroup"))));
    }

    [Fact]
    public async Task Agents_of_two_clusters_whose_nodes_have_the_same_id_leave_each_others_jobs_alone()
    {
        NeedsGroups();
        const string NodeId = "i-0123456789abcdef0";
        await using var one = await AgentRig.StartAsync(options => options.NodeId = NodeId);
        var job = await one.LaunchAsync(one.Order("job", "sleep 1000; exit 3") with { Limits = Modest });
        await one.Session.Started(job);

        await using (var other = await AgentRig.StartAsync(options => options.NodeId = NodeId))
        {
            Assert.Equal(0, (await other.RunAsync(other.Order("job") with { Limits = Modest })).ExitCode);
        }

        await one.StopAsync(job);
        Assert.Equal(143, (await one.Session.Ended(job)).ExitCode);
    }

    [Fact]
    public async Task A_daemon_that_ignores_SIGTERM_is_gone_after_the_stop_sequence()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("stubborn", $"trap '' TERM; {Daemon} while :; do sleep 1000; done") with
        {
            Limits = Modest,
            StopTimeout = TimeSpan.FromMilliseconds(200),
        });
        await Eventually.True(() => rig.LinesAsync("stubborn").GetAwaiter().GetResult().Length == 1);

        await rig.StopAsync(attempt);
        var end = await rig.Session.Ended(attempt);

        Assert.Equal(137, end.ExitCode);
        Assert.Null(end.Reason);
        Assert.True(ProcessStatus.Read(Pid((await rig.LinesAsync("stubborn"))[0])) is null or { IsDead: true });
    }

    [Fact]
    public async Task The_next_supervisor_finds_in_the_groups_what_hides_from_everything_else()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("hider", $"{Daemon} exec sleep 1000") with { Limits = Modest });
        await Eventually.True(() => rig.LinesAsync("hider").GetAwaiter().GetResult().Length == 1);
        var hidden = Pid((await rig.LinesAsync("hider"))[0]);

        await rig.KillSupervisorAsync();

        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        Assert.True(ProcessStatus.Read(hidden) is null or { IsDead: true });
    }

    [Fact]
    public async Task Without_limits_a_job_runs_and_it_is_said_that_it_has_none()
    {
        await using var rig = await AgentRig.StartAsync(options => options.EnforceLimits = false);

        // More than these tests had when they started the supervisor: what a process is started with counts as its own.
        var bytes = ProcessMemory.OwnPeak() + (200 * Mebibyte);
        var end = await rig.RunAsync(rig.Order("free", $"head -c {bytes} /dev/zero | tail | wc -c") with { Limits = Modest });

        Assert.Equal((0, "switched off"), (end.ExitCode, end.Unlimited));
        Assert.True(end.Usage!.CpuTime > TimeSpan.Zero);
        Assert.InRange(end.Usage.PeakMemoryBytes!.Value, bytes, bytes + (300 * Mebibyte));
    }

    [Fact]
    public void The_peak_of_a_process_is_read_off_its_status()
    {
        Assert.Equal(5_292 * 1024, ProcessMemory.Parse("Name:\tx\nVmPeak:\t  9999 kB\nVmHWM:\t    5292 kB\nVmRSS:\t 1 kB\n"u8));
        Assert.Null(ProcessMemory.Parse("Name:\tx\n"u8));
        Assert.InRange(ProcessMemory.PeakOf(Environment.ProcessId)!.Value, 1, ProcessMemory.OwnPeak() + (64 * Mebibyte));
        Assert.Null(ProcessMemory.PeakOf(int.MaxValue));
    }

    [Fact]
    public async Task A_job_without_limits_does_not_end_up_in_the_group_of_one_with()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();
        const string Show = "cat /proc/self/cgroup";

        var orders = Enumerable.Range(0, 20).Select(i => rig.Order($"job-{i}", Show) with { Limits = i % 2 == 0 ? Modest : null }).ToArray();
        await rig.LaunchAsync([.. orders]);
        await Task.WhenAll(orders.Select(order => rig.Session.Ended(order.Attempt)));

        for (var i = 0; i < orders.Length; i++)
        {
            var inGroup = (await rig.LinesAsync($"job-{i}")).Any(line => IsInGroup(rig, line));
            Assert.Equal(i % 2 == 0, inGroup);
        }
    }

    [Fact]
    public async Task A_program_that_is_not_there_fails_to_start_as_without_limits()
    {
        NeedsGroups();
        await using var rig = await AgentRig.StartAsync();

        var end = await rig.RunAsync(rig.Order("typo") with { Command = ["no-such-program"], Limits = Modest });
        var next = await rig.RunAsync(rig.Order("next") with { Limits = Modest });

        Assert.Equal(AttemptOutcome.FailedToStart, end.Outcome);
        Assert.Equal("CannotStartContainerError: exec: \"no-such-program\": executable file not found in $PATH", end.Reason);
        Assert.Equal(0, next.ExitCode);
    }

    private static void NeedsGroups() => Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");

    private static int Pid(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>In one of those that attempts run in, which are below the place of the node in its folder.</summary>
    private static bool IsInGroup(AgentRig rig, string text) => Regex.IsMatch(text, $"orleansbatch-{rig.Agent.NodeId}-[0-9a-f]{{8}}/");

    private static string? FindProblem()
    {
        CgroupSite.Find($"orleansbatch-test-{Environment.ProcessId}", out var problem)?.Remove();
        return problem;
    }
}
