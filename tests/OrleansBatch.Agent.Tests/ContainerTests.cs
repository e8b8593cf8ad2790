using System.Globalization;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests;

public sealed class ContainerTests
{
    private const string Forever = "while :; do sleep 0.05; done";

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Each_container_has_its_own_command_log_variables_folder_and_exit_code()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(Of(
            rig,
            Container("one", "echo $WHO; touch mine; ls; exit 0") with { Environment = [new("WHO", "first")] },
            Container("two", "echo $WHO; ls; exit 0") with { Environment = [new("WHO", "second")] }));

        Assert.Equal((AttemptOutcome.Exited, 0, null), (report.Outcome, report.ExitCode, report.Reason));
        Assert.Equal(["first", "mine"], await LinesAsync(rig, "one"));
        Assert.Equal(["second"], await LinesAsync(rig, "two"));
        Assert.Equal(
            [("one", true, 0), ("two", true, 0)],
            report.Containers!.Select(container => (container.Name, container.IsEssential, container.ExitCode ?? -1)));
        Assert.All(report.Containers!, container => Assert.True(container.StartedAt <= container.StoppedAt));
        Assert.Equal("reservation of job", report.ReservationId);
        Assert.NotNull(report.Usage?.CpuTime);
    }

    [Fact]
    public async Task Containers_start_in_the_order_of_their_dependencies_and_the_job_runs_with_the_first_essential_one()
    {
        await using var rig = await AgentRig.StartAsync();
        var (order, go) = (rig.PathTo("order"), rig.PathTo("go"));

        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("app", $"echo app >> {order}") with { DependsOn = [new("init", ContainerCondition.Success), new("note", ContainerCondition.Complete)] },
            Container("note", $"echo note >> {order}; exit 9") with { IsEssential = false, DependsOn = [new("init", ContainerCondition.Start)] },
            Container("init", $"echo init >> {order}; until [ -e {go} ]; do sleep 0.02; done; echo ready >> {order}") with { IsEssential = false }));
        await Eventually.True(() => rig.Witnesses("order").Length == 2);
        Assert.DoesNotContain(rig.Session.Reports, report => report.Attempt == attempt);
        await File.WriteAllTextAsync(go, "");

        var report = await rig.Session.Ended(attempt);
        Assert.Equal((AttemptOutcome.Exited, 0), (report.Outcome, report.ExitCode));
        Assert.Equal(["init", "note", "ready", "app"], rig.Witnesses("order"));
        Assert.Equal([0, 9, 0], report.Containers!.Select(container => container.ExitCode ?? -1));
        Assert.Equal(report.Containers![0].StartedAt, report.StartedAt);
    }

    [Fact]
    public async Task An_essential_container_that_fails_stops_all_and_fails_the_attempt_with_its_exit_code()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(Of(
            rig,
            Container("side", $"trap 'exit 5' TERM; echo up; {Forever}") with { IsEssential = false },
            Container("main", $"trap 'exit 6' TERM; echo up; {Forever}"),
            Container("broken", $"until grep -q up {LogPath(rig, "side")} && grep -q up {LogPath(rig, "main")}; do sleep 0.02; done; exit 7"),
            Container("later", $"echo later >> {rig.PathTo("witness")}") with { IsEssential = false, DependsOn = [new("side", ContainerCondition.Complete)] }));

        Assert.Equal((AttemptOutcome.Exited, 7), (report.Outcome, report.ExitCode));
        Assert.Equal([5, 6, 7, -1], report.Containers!.Select(container => container.ExitCode ?? -1));
        Assert.Null(report.Containers![3].StartedAt);
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task When_all_essential_ones_exited_with_0_the_rest_is_stopped_each_after_its_own_stop_timeout_and_the_attempt_succeeds()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(Of(
            rig,
            Container("first", "exit 0"),
            Container("second", $"until grep -q up {LogPath(rig, "mild")} && grep -q up {LogPath(rig, "stubborn")}; do sleep 0.02; done; sleep 0.1"),
            Container("failed", "exit 3") with { IsEssential = false },
            Container("mild", $"trap 'sleep 1; echo bye; exit 4' TERM; echo up; {Forever}") with { IsEssential = false },
            Container("stubborn", $"trap '' TERM; echo up; {Forever}") with { IsEssential = false, StopTimeout = Soon }));

        Assert.Equal((AttemptOutcome.Exited, 0), (report.Outcome, report.ExitCode));
        Assert.Equal([0, 0, 3, 4, 137], report.Containers!.Select(container => container.ExitCode ?? -1));
        Assert.Equal(["up", "bye"], await LinesAsync(rig, "mild"));
    }

    [Fact]
    public async Task A_dependency_that_does_not_succeed_fails_the_attempt_before_it_ran()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(Of(
            rig,
            Container("init", "exit 2") with { IsEssential = false },
            Container("side", $"exec sleep 1000") with { IsEssential = false },
            Container("app", $"echo ran >> {rig.PathTo("witness")}") with { DependsOn = [new("init", ContainerCondition.Success)] }));

        Assert.Equal((AttemptOutcome.FailedToStart, null), (report.Outcome, report.ExitCode));
        Assert.Equal("CannotStartContainerError: dependency init did not succeed", report.Reason);
        Assert.Null(report.StartedAt);
        Assert.Equal((2, 143, null), (report.Containers![0].ExitCode, report.Containers[1].ExitCode, report.Containers[2].ExitCode));
        Assert.Equal(report.Reason, report.Containers[2].Reason);
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_dependency_that_takes_longer_than_its_start_timeout_fails_the_attempt_before_it_ran()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(Of(
            rig,
            Container("init", "exec sleep 1000") with { IsEssential = false, StartTimeout = Soon },
            Container("app", "exit 0") with { DependsOn = [new("init", ContainerCondition.Complete)] }));

        Assert.Equal((AttemptOutcome.FailedToStart, null), (report.Outcome, report.ExitCode));
        Assert.Equal("CannotStartContainerError: dependency init did not end within its start timeout", report.Reason);
        Assert.Equal(143, report.Containers![0].ExitCode);
    }

    [Fact]
    public async Task A_container_that_cannot_be_started_fails_the_attempt_if_it_is_essential_and_is_passed_over_if_it_is_not()
    {
        await using var rig = await AgentRig.StartAsync();
        var missing = Container("missing", "") with { Command = ["/no/such/program"] };

        var essential = await rig.RunAsync(Of(rig, missing));
        var other = await rig.RunAsync(Of(rig, missing with { IsEssential = false }, Container("app", "exit 0")) with { Attempt = new("job", 2) });
        var nothing = await rig.RunAsync(Of(rig, missing with { Command = [] }) with { Attempt = new("job", 3) });

        Assert.Equal(AttemptOutcome.FailedToStart, essential.Outcome);
        Assert.Equal("CannotStartContainerError: exec: \"/no/such/program\": no such file or directory", essential.Reason);
        Assert.Equal((AttemptOutcome.Exited, 0), (other.Outcome, other.ExitCode));
        Assert.Equal(essential.Reason, other.Containers![0].Reason);
        Assert.Equal((AttemptOutcome.FailedToStart, "CannotStartContainerError: no command specified"), (nothing.Outcome, nothing.Reason));
    }

    [Fact]
    public async Task A_stop_reaches_every_container_and_none_starts_after_it()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("main", $"trap 'exit 8' TERM; echo up; {Forever}"),
            Container("side", $"trap '' TERM; echo up; {Forever}") with { IsEssential = false, StopTimeout = Soon },
            Container("later", $"echo later >> {rig.PathTo("witness")}") with { DependsOn = [new("side", ContainerCondition.Complete)] }));
        await SaidAsync(rig, "main", "up");
        await SaidAsync(rig, "side", "up");

        await rig.StopAsync(attempt);
        await rig.StopAsync(attempt);

        var report = await rig.Session.Ended(attempt);
        Assert.Equal((AttemptOutcome.Exited, 8), (report.Outcome, report.ExitCode));
        Assert.Equal([8, 137, -1], report.Containers!.Select(container => container.ExitCode ?? -1));
        Assert.Equal(0, (await rig.RunAsync(rig.Order("after"))).ExitCode);
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_stop_before_an_essential_container_is_up_refuses_the_attempt()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("init", "echo up; exec sleep 1000") with { IsEssential = false },
            Container("app", $"echo ran >> {rig.PathTo("witness")}") with { DependsOn = [new("init", ContainerCondition.Success)] }));
        await SaidAsync(rig, "init", "up");

        await rig.StopAsync(attempt);

        var report = await rig.Session.Ended(attempt);
        Assert.Equal((AttemptOutcome.Refused, null), (report.Outcome, report.StartedAt));
        Assert.Equal(143, report.Containers![0].ExitCode);
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_time_out_counts_from_the_first_essential_container_and_stops_all()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(Of(
            rig,
            Container("init", "sleep 1") with { IsEssential = false },
            Container("app", $"trap 'exit 9' TERM; {Forever}") with { DependsOn = [new("init", ContainerCondition.Success)] },
            Container("side", "exec sleep 1000") with { IsEssential = false }) with
        { Timeout = Soon });

        Assert.Equal((AttemptOutcome.TimedOut, 9), (report.Outcome, report.ExitCode));
        Assert.Equal([0, 9, 143], report.Containers!.Select(container => container.ExitCode ?? -1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_container_that_must_be_killed_takes_no_other_with_it(bool hasLimits)
    {
        await using var rig = await AgentRig.StartAsync(options => options.EnforceLimits = hasLimits);
        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("slow", $"trap 'sleep 1; echo bye; exit 4' TERM; (setsid sleep 1000 & echo $!); {Forever}"),
            Container("stubborn", $"trap '' TERM; (setsid sleep 1000 & echo $!); {Forever}") with { StopTimeout = Soon }));
        await Eventually.True(() => Lines(rig, "slow").Length == 1 && Lines(rig, "stubborn").Length == 1);
        int[] escaped = [.. Lines(rig, "slow").Concat(Lines(rig, "stubborn")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

        await rig.StopAsync(attempt);

        var report = await rig.Session.Ended(attempt);
        Assert.Equal([4, 137], report.Containers!.Select(container => container.ExitCode ?? -1));
        await Eventually.True(() => Array.TrueForAll(escaped, pid => ProcessStatus.Read(pid) is null or { IsDead: true }));
    }

    [Fact]
    public async Task A_running_task_is_adopted_by_the_next_agent_and_repeated_orders_start_nothing_twice()
    {
        await using var rig = await AgentRig.StartAsync();
        var go = rig.PathTo("go");
        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("init", $"echo init >> {rig.PathTo("witness")}") with { IsEssential = false },
            Container("app", $"echo app >> {rig.PathTo("witness")}; until [ -e {go} ]; do sleep 0.02; done; exit 3") with { DependsOn = [new("init", ContainerCondition.Success)] },
            Container("last", $"echo last >> {rig.PathTo("witness")}") with { IsEssential = false, DependsOn = [new("app", ContainerCondition.Start)] }));
        await rig.Session.Started(attempt);
        await rig.Agent.DisposeAsync();

        await rig.StartAgentAsync();
        Assert.Equal([attempt], rig.Session.Hellos[0].Attempts);
        await rig.Session.Started(attempt);
        await rig.LaunchAsync(Of(rig, Container("app", $"echo again >> {rig.PathTo("witness")}")));
        await Eventually.True(() => rig.Witnesses("witness").Length >= 3);
        await File.WriteAllTextAsync(go, "");

        var report = await rig.Session.Ended(attempt);
        Assert.Equal((AttemptOutcome.Exited, 3), (report.Outcome, report.ExitCode));
        Assert.Equal([0, 3, 0], report.Containers!.Select(container => container.ExitCode ?? -1));
        Assert.Equal(["app", "init", "last"], rig.Witnesses("witness").Order());
    }

    [Fact]
    public async Task Many_tasks_of_short_containers_end_with_true_exit_codes_and_nothing_runs_twice()
    {
        await using var rig = await AgentRig.StartAsync();
        var witness = rig.PathTo("witness");
        var orders = Enumerable.Range(0, 60).Select(i => rig.Order($"job-{i}") with
        {
            Containers =
            [
                Container("init", $"echo {i} init >> {witness}") with { IsEssential = false, Log = AnOrder.LogOf($"init-{i}") },
                Container("app", $"echo {i} app >> {witness}; exit {i}") with { Log = AnOrder.LogOf($"app-{i}"), DependsOn = [new("init", ContainerCondition.Success)] },
                Container("side", $"echo {i} side >> {witness}") with { IsEssential = false, Log = AnOrder.LogOf($"side-{i}"), DependsOn = [new("init", ContainerCondition.Start)] },
            ],
        }).ToArray();

        await rig.LaunchAsync([.. orders]);
        await rig.LaunchAsync([.. orders]);

        foreach (var (i, order) in orders.Index())
        {
            var report = await rig.Session.Ended(order.Attempt);
            Assert.Equal((AttemptOutcome.Exited, i), (report.Outcome, report.ExitCode));
            Assert.Equal((0, i), (report.Containers![0].ExitCode, report.Containers[1].ExitCode));
        }

        var lines = rig.Witnesses("witness");
        Assert.Equal(lines.Length, lines.Distinct().Count());
        Assert.Equal(orders.Length, lines.Count(line => line.EndsWith("app", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_end_that_nobody_settled_is_told_to_the_next_agent_of_the_next_supervisor_with_all_containers()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Session.IsAway = true;
        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("init", "exit 2") with { IsEssential = false },
            Container("never", "exit 0") with { IsEssential = false, DependsOn = [new("init", ContainerCondition.Success)] },
            Container("app", "exit 42") with { DependsOn = [new("init", ContainerCondition.Complete)] }));
        var first = await rig.Session.Ended(attempt);
        var supervisor = rig.Agent.SupervisorPid;
        await rig.Agent.DisposeAsync();
        ProcessSignal.Send(supervisor, ProcessSignal.Kill);
        await Eventually.True(() => ProcessStatus.Read(supervisor) is null or { IsDead: true });

        await rig.StartAgentAsync();

        var again = await rig.Session.Ended(attempt);
        Assert.Equal(first with { Containers = null }, again with { Containers = null });
        Assert.Equal(first.Containers, again.Containers);
        Assert.Equal("CannotStartContainerError: dependency init did not succeed", again.Containers![1].Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_killed_supervisors_containers_die_and_the_attempt_is_lost_with_what_was_known(bool hasLimits)
    {
        await using var rig = await AgentRig.StartAsync(options => options.EnforceLimits = hasLimits);
        var attempt = await rig.LaunchAsync(Of(
            rig,
            Container("init", "exit 0") with { IsEssential = false },
            Container("app", "(setsid env -u ORLEANSBATCH_CONTAINER sleep 1000 & echo $!); echo $$; exec sleep 1000") with { DependsOn = [new("init", ContainerCondition.Success)] },
            Container("side", "echo $$; exec env -u ORLEANSBATCH_ATTEMPT sleep 1000") with { IsEssential = false }));
        await rig.Session.Started(attempt);
        await Eventually.True(() => Lines(rig, "app").Length == 2 && Lines(rig, "side").Length == 1);

        await rig.KillSupervisorAsync();

        var report = await rig.Session.Ended(attempt);
        Assert.Equal(AttemptOutcome.Lost, report.Outcome);
        Assert.NotNull(report.StartedAt);
        Assert.Equal((0, null, null), (report.Containers![0].ExitCode, report.Containers[1].ExitCode, report.Containers[2].ExitCode));
        Assert.NotNull(report.Containers[1].StartedAt);
        Assert.All(
            Lines(rig, "app").Concat(Lines(rig, "side")),
            pid => Assert.True(ProcessStatus.Read(int.Parse(pid, CultureInfo.InvariantCulture)) is null or { IsDead: true }));
    }

    private static LaunchOrder Of(AgentRig rig, params ContainerOrder[] containers) =>
        rig.Order("job") with { Command = [], Containers = [.. containers], Limits = Limits };

    private static AttemptLimits Limits { get; } = new() { MemoryMiB = 64, VcpuMillis = 1000 };

    private static ContainerOrder Container(string name, string script) => AnOrder.Container(name, script) with { Limits = Limits };

    private static string LogPath(AgentRig rig, string container) =>
        rig.PathTo($"logs/123456789012/us-east-1/+aws+batch+job/test/default/{container}.log");

    private static Task<string[]> LinesAsync(AgentRig rig, string container) => rig.LinesAsync(container);

    private static string[] Lines(AgentRig rig, string container) => rig.LinesAsync(container).GetAwaiter().GetResult();

    private static Task SaidAsync(AgentRig rig, string container, string line) => Eventually.True(() => Lines(rig, container).Contains(line));
}
