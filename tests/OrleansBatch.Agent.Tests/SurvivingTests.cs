using System.Globalization;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests;

public sealed class SurvivingTests
{
    [Fact]
    public async Task A_killed_agents_two_hundred_jobs_are_adopted_with_true_exit_codes_and_logs_and_none_runs_twice()
    {
        var directory = Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        var host = AgentHost.Start(directory, AgentHost.Command);
        await Eventually.True(() => File.Exists(Path.Combine(directory, AgentHost.LaunchedFile)));
        Assert.Null(ChildProcess.Reap(host));
        ProcessSignal.Send(host, ProcessSignal.Kill);
        await Eventually.True(() => ChildProcess.Reap(host) is not null);

        await using var rig = await AgentRig.StartAsync(directory: directory);
        Assert.Equal(AgentHost.Jobs, rig.Session.Hellos[0].Attempts.Length);
        Assert.Equal(await File.ReadAllTextAsync(rig.PathTo(AgentHost.LaunchedFile)), rig.Agent.Incarnation);
        var orders = Enumerable.Range(0, AgentHost.Jobs).Select(i => AgentHost.OrderOf(i, rig.Agent.Incarnation, directory)).ToArray();
        await rig.Agent.LaunchAsync([.. orders], CancellationToken.None);
        await File.WriteAllTextAsync(rig.PathTo("gate"), "open");

        for (var i = 0; i < AgentHost.Jobs; i++)
        {
            var report = await rig.Session.Ended(orders[i].Attempt);
            Assert.Equal((AttemptOutcome.Exited, i), (report.Outcome, report.ExitCode));
            Assert.Equal([$"line {i}"], await rig.LinesAsync($"job-{i}"));
        }

        Assert.Equal(AgentHost.Jobs, rig.Witnesses("witness").Length);
        Assert.Equal(AgentHost.Jobs, rig.Witnesses("witness").Distinct().Count());
    }

    [Fact]
    public async Task Ends_that_nobody_settled_are_told_to_the_next_agent()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Session.IsAway = true;
        var attempt = await rig.LaunchAsync(rig.Order("job", "exit 42"));
        var first = await rig.Session.Ended(attempt);
        await rig.Agent.DisposeAsync();

        await rig.StartAgentAsync();

        Assert.Equal([attempt], rig.Session.Hellos[0].Attempts);
        Assert.Equal(first, await rig.Session.Ended(attempt));
    }

    [Fact]
    public async Task What_was_settled_is_not_told_again_and_stays_refused()
    {
        await using var rig = await AgentRig.StartAsync();
        var order = rig.Order("job", $"echo ran >> {rig.PathTo("witness")}");
        await rig.RunAsync(order);
        await rig.RunAsync(rig.Order("after"));
        await rig.Agent.DisposeAsync();
        await rig.StartAgentAsync();

        Assert.DoesNotContain(order.Attempt, rig.Session.Hellos[0].Attempts);
        Assert.Equal(AttemptOutcome.Refused, (await rig.RunAsync(order)).Outcome);
        Assert.Equal(["ran"], rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_repeated_launch_runs_once_and_an_older_fence_never()
    {
        await using var rig = await AgentRig.StartAsync();
        var order = rig.Order("job", $"echo ran >> {rig.PathTo("witness")}; exec sleep 1000") with { Attempt = new("job", 5) };

        await rig.LaunchAsync(order, order);
        await rig.Session.Started(order.Attempt);
        await rig.LaunchAsync(order);
        var older = await rig.RunAsync(order with { Attempt = new("job", 4) });
        await rig.StopAsync(order.Attempt);
        await rig.Session.Ended(order.Attempt);
        var newer = await rig.RunAsync(order with { Attempt = new("job", 6), Command = AnOrder.Shell("exit 6") });

        Assert.Equal(AttemptOutcome.Refused, older.Outcome);
        Assert.Equal(6, newer.ExitCode);
        Assert.Single(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_failed_report_is_repeated_until_it_is_taken_and_a_start_goes_with_its_end()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Session.IsAway = true;
        var attempt = await rig.LaunchAsync(rig.Order("job", "exit 3"));
        await rig.Session.Ended(attempt);

        await Eventually.True(() => rig.Session.Reports.Count(report => report.Attempt == attempt && report.ExitCode == 3) >= 3);
        rig.Session.IsAway = false;
        await rig.Agent.StopAllAsync(CancellationToken.None);

        var reports = rig.Session.Reports.Where(report => report.Attempt == attempt).ToList();
        Assert.All(reports.SkipWhile(report => report.Outcome == AttemptOutcome.Started), report => Assert.NotNull(report.StartedAt));
    }

    [Fact]
    public async Task A_killed_supervisors_jobs_die_are_lost_and_later_ones_run()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Session.IsAway = true;
        var ended = await rig.LaunchAsync(rig.Order("ended", "exit 4"));
        await rig.Session.Ended(ended);
        var orders = Enumerable.Range(0, 20).Select(i => rig.Order($"job-{i}", "(setsid sleep 1000 & echo $!); echo $$; exec sleep 1000")).ToArray();
        await rig.LaunchAsync([.. orders]);
        foreach (var order in orders)
        {
            await Eventually.True(() => rig.LinesAsync(order.Attempt.JobId).GetAwaiter().GetResult().Length == 2);
        }

        var first = rig.Agent.SupervisorPid;
        await rig.KillSupervisorAsync();
        rig.Session.IsAway = false;

        foreach (var order in orders)
        {
            var report = await rig.Session.Ended(order.Attempt);
            Assert.Equal((AttemptOutcome.Lost, null), (report.Outcome, report.ExitCode));
            Assert.Equal(order.ReservationId, report.ReservationId);
            Assert.All(
                await rig.LinesAsync(order.Attempt.JobId),
                pid => Assert.True(ProcessStatus.Read(int.Parse(pid, CultureInfo.InvariantCulture)) is null or { IsDead: true }));
        }

        Assert.Equal(4, (await rig.Session.Ended(ended)).ExitCode);
        Assert.NotEqual(first, rig.Agent.SupervisorPid);
        Assert.Single(rig.Session.Hellos);
        Assert.Equal(0, (await rig.RunAsync(rig.Order("later"))).ExitCode);
        Assert.Equal(AttemptOutcome.Refused, (await rig.RunAsync(orders[0] with { Attempt = new("job-0", 0) })).Outcome);
    }

    [Fact]
    public async Task Orders_given_while_the_supervisor_is_dead_reach_its_successor()
    {
        await using var rig = await AgentRig.StartAsync();
        var order = rig.Order("job", $"echo ran >> {rig.PathTo("witness")}; exit 9");

        ProcessSignal.Send(rig.Agent.SupervisorPid, ProcessSignal.Kill);
        await rig.LaunchAsync(order);

        var report = await rig.Session.Ended(order.Attempt);
        Assert.Equal((AttemptOutcome.Exited, 9), (report.Outcome, report.ExitCode));
        Assert.Single(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task When_agent_and_supervisor_die_together_the_next_agent_clears_up()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", "(setsid sleep 1000 & echo $!); echo $$; exec sleep 1000"));
        await Eventually.True(() => rig.LinesAsync("job").GetAwaiter().GetResult().Length == 2);
        var incarnation = rig.Agent.Incarnation;
        var supervisor = rig.Agent.SupervisorPid;
        await rig.Agent.DisposeAsync();
        ProcessSignal.Send(supervisor, ProcessSignal.Kill);

        await rig.StartAgentAsync();

        Assert.Equal(incarnation, rig.Agent.Incarnation);
        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        Assert.All(
            await rig.LinesAsync("job"),
            pid => Assert.True(ProcessStatus.Read(int.Parse(pid, CultureInfo.InvariantCulture)) is null or { IsDead: true }));
    }

    [Fact]
    public async Task After_a_reboot_what_ran_is_lost_under_a_new_incarnation_and_nothing_is_killed()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", "echo $$; exec sleep 1000"));
        await Eventually.True(() => rig.LinesAsync("job").GetAwaiter().GetResult().Length == 1);
        var supervisor = rig.Agent.SupervisorPid;
        await rig.Agent.DisposeAsync();
        ProcessSignal.Send(supervisor, ProcessSignal.Kill);
        await Eventually.True(() => ProcessStatus.Read(supervisor) is null or { IsDead: true });
        var journal = await File.ReadAllTextAsync(rig.PathTo("agent/journal"));
        await File.WriteAllTextAsync(rig.PathTo("agent/journal"), journal.Replace(ProcessIdentity.BootId, "another-boot", StringComparison.Ordinal));

        await rig.StartAgentAsync();

        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        var survivor = int.Parse((await rig.LinesAsync("job"))[0], CultureInfo.InvariantCulture);
        Assert.True(ProcessStatus.Read(survivor) is { IsDead: false });
        new ProcessIdentity(survivor, ProcessStatus.Read(survivor)!.Value.StartTicks).Kill();
    }

    [Fact]
    public async Task An_order_for_another_incarnation_is_lost_and_never_started()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(rig.Order("job", $"echo ran >> {rig.PathTo("witness")}") with { Incarnation = "earlier" });

        Assert.Equal(AttemptOutcome.Lost, report.Outcome);
        Assert.Equal("reservation of job", report.ReservationId);
        await rig.RunAsync(rig.Order("later"));
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_lost_data_folder_is_a_new_incarnation_of_another_node()
    {
        await using var rig = await AgentRig.StartAsync();
        await using var other = await AgentRig.StartAsync();

        Assert.Matches("^i-[0-9a-f]{17}$", rig.Agent.NodeId);
        Assert.NotEqual(rig.Agent.NodeId, other.Agent.NodeId);
        Assert.NotEqual(rig.Agent.Incarnation, other.Agent.Incarnation);
        Assert.Equal(Environment.ProcessorCount * 1000, rig.Session.Hellos[0].Capacity.VcpuMillis);
    }

    [Fact]
    public async Task A_newer_agent_takes_over_and_the_older_one_is_heard_no_more()
    {
        await using var rig = await AgentRig.StartAsync();
        var older = rig.Agent;
        await rig.StartAgentAsync();

        var late = AnOrder.Of("late", older.Incarnation) with { Command = AnOrder.Shell($"echo ran >> {rig.PathTo("witness")}") };
        await Assert.ThrowsAsync<IOException>(async () => await older.LaunchAsync([late], CancellationToken.None));

        Assert.Equal(0, (await rig.RunAsync(rig.Order("job"))).ExitCode);
        Assert.Empty(rig.Witnesses("witness"));
        await older.DisposeAsync();
    }

    [Fact]
    public async Task A_data_folder_may_lie_deeper_than_a_socket_address_is_long()
    {
        var root = Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}");
        var deep = Path.Combine([root, .. Enumerable.Repeat(new string('d', 60), 4)]);

        await using (var rig = await AgentRig.StartAsync(directory: deep))
        {
            Assert.Equal(0, (await rig.RunAsync(rig.Order("job"))).ExitCode);
        }

        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task A_supervisor_that_nobody_needs_leaves()
    {
        await using var rig = await AgentRig.StartAsync(options => options.SupervisorIdle = TimeSpan.Zero);
        var supervisor = rig.Agent.SupervisorPid;
        rig.Session.IsAway = true;
        var attempt = await rig.LaunchAsync(rig.Order("job", "exit 8"));
        await rig.Session.Ended(attempt);
        await rig.Agent.DisposeAsync();
        await Eventually.True(() => ProcessStatus.Read(supervisor) is null or { IsDead: true });

        await rig.StartAgentAsync();

        Assert.Equal(8, (await rig.Session.Ended(attempt)).ExitCode);
    }

    [Fact]
    public async Task A_supervisor_of_another_version_is_adopted_with_its_jobs_and_replaced_once_it_has_none()
    {
        await using var rig = await AgentRig.StartAsync();
        var first = rig.Agent.SupervisorPid;
        var attempt = await rig.LaunchAsync(rig.Order("job", $"until [ -e {rig.PathTo("gate")} ]; do sleep 0.05; done; exit 6"));
        await rig.Session.Started(attempt);
        await rig.Agent.DisposeAsync();

        // A blank more is another version.
        var other = Directory.CreateDirectory(rig.PathTo("other-version")).FullName;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(AgentOptions.BuiltSupervisorPath)!))
        {
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        }

        await File.AppendAllTextAsync(Path.Combine(other, "OrleansBatch.Supervisor.deps.json"), " ");
        void OtherVersion(AgentOptions options) => options.SupervisorPath = Path.Combine(other, "OrleansBatch.Supervisor.dll");

        await rig.StartAgentAsync(OtherVersion);
        Assert.Equal(first, rig.Agent.SupervisorPid);
        await File.WriteAllTextAsync(rig.PathTo("gate"), "open");
        Assert.Equal(6, (await rig.Session.Ended(attempt)).ExitCode);
        await rig.Agent.StopAllAsync(CancellationToken.None);
        Assert.Equal(0, (await rig.RunAsync(rig.Order("settles"))).ExitCode);
        await rig.Agent.StopAllAsync(CancellationToken.None);
        await rig.Agent.StopAsync([new(new("settles", 1))], CancellationToken.None);
        await rig.Agent.DisposeAsync();

        await rig.StartAgentAsync(OtherVersion);
        Assert.NotEqual(first, rig.Agent.SupervisorPid);
        Assert.Single(Directory.GetDirectories(rig.PathTo("agent"), "supervisor-*"));
        Assert.Equal(AttemptOutcome.Refused, (await rig.RunAsync(rig.Order("job"))).Outcome);
    }

    [Fact]
    public async Task When_the_journal_is_lost_with_its_supervisor_orders_for_it_are_lost_too()
    {
        await using var rig = await AgentRig.StartAsync();
        var former = rig.Agent.Incarnation;
        File.Delete(rig.PathTo("agent/journal"));
        var order = rig.Order("job", $"echo ran >> {rig.PathTo("witness")}");

        ProcessSignal.Send(rig.Agent.SupervisorPid, ProcessSignal.Kill);
        await rig.LaunchAsync(order);

        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(order.Attempt)).Outcome);
        await Eventually.True(() => rig.Session.Hellos.Count == 2);
        Assert.NotEqual(former, rig.Session.Hellos[1].Incarnation);
        Assert.Equal(rig.Session.Hellos[1].Incarnation, rig.Agent.Incarnation);
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_long_journal_is_rewritten_while_jobs_run_and_nothing_is_forgotten()
    {
        const int Stops = 40_000;
        await using var rig = await AgentRig.StartAsync();
        var running = await rig.LaunchAsync(rig.Order("running", "exec sleep 1000"));
        await rig.Session.Started(running);
        AttemptId Refused(int number) => new($"{new string('x', 100)}-{number}", 1);

        // The shortest way to many records: each stop of an unknown fence is journalled as a refusal, reported and settled.
        for (var i = 0; i < Stops; i += 1000)
        {
            await rig.Agent.StopAsync([.. Enumerable.Range(i, 1000).Select(number => new StopOrder(Refused(number)))], CancellationToken.None);
        }

        await Eventually.True(() => rig.Session.Reports.Count(report => report.Outcome == AttemptOutcome.Refused) == Stops);
        Assert.Equal(5, (await rig.RunAsync(rig.Order("after", "exit 5"))).ExitCode);
        Assert.True(Supervisor.Journal.Read(rig.PathTo("agent/journal")).Count(record => record.Kind == Supervisor.JournalKind.Ended) < Stops);
        await rig.KillSupervisorAsync();

        var lost = await rig.Session.Ended(running);
        Assert.Equal((AttemptOutcome.Lost, "reservation of running"), (lost.Outcome, lost.ReservationId));
        var late = rig.Order("late") with { Attempt = Refused(0) };
        await rig.LaunchAsync(late);
        await rig.Session.Heard(late.Attempt, report => report.Outcome == AttemptOutcome.Refused && report.ReservationId == "reservation of late");
    }
}
