using System.Globalization;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests;

public sealed class StoppingTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_job_that_does_not_care_ends_by_the_signal()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", "exec sleep 1000"));
        await rig.Session.Started(attempt);

        await rig.StopAsync(attempt);

        var report = await rig.Session.Ended(attempt);
        Assert.Equal((AttemptOutcome.Exited, 143), (report.Outcome, report.ExitCode));
    }

    [Fact]
    public async Task A_job_that_traps_the_signal_ends_as_it_likes()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
        await Said(rig, "job", "ready");

        await rig.StopAsync(attempt);

        Assert.Equal(7, (await rig.Session.Ended(attempt)).ExitCode);
        Assert.Equal(["ready", "bye"], await rig.LinesAsync("job"));
    }

    [Fact]
    public async Task Scenario_04_a_job_that_ignores_the_signal_is_killed_when_its_stop_timeout_is_over()
    {
        await using var rig = await AgentRig.StartAsync();
        var order = rig.Order("job", "trap '' TERM; echo ready; while :; do sleep 0.05; done") with { StopTimeout = Soon };
        var attempt = await rig.LaunchAsync(order);
        await Said(rig, "job", "ready");

        await rig.StopAsync(attempt);
        await rig.StopAsync(attempt);

        var report = await rig.Session.Ended(attempt);
        Assert.Equal((AttemptOutcome.Exited, 137), (report.Outcome, report.ExitCode));
    }

    [Fact]
    public async Task Only_the_main_process_gets_the_signal()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order(
            "job",
            "(trap 'echo child got it' TERM; echo ready; for i in 1 2 3 4 5 6 7 8; do sleep 0.05; done; echo child ends) & trap 'wait; exit 5' TERM; wait; wait"));
        await Said(rig, "job", "ready");

        await rig.StopAsync(attempt);

        Assert.Equal(5, (await rig.Session.Ended(attempt)).ExitCode);
        Assert.Equal(["ready", "child ends"], await rig.LinesAsync("job"));
    }

    [Fact]
    public async Task A_stop_that_overtakes_its_launch_refuses_it()
    {
        await using var rig = await AgentRig.StartAsync();
        var order = rig.Order("job", $"echo ran >> {rig.PathTo("witness")}");

        await rig.StopAsync(order.Attempt);
        Assert.Equal(AttemptOutcome.Refused, (await rig.Session.Ended(order.Attempt)).Outcome);
        await rig.LaunchAsync(order);

        // The answer to the launch knows its reservation.
        await rig.Session.Heard(order.Attempt, report => report.Outcome == AttemptOutcome.Refused && report.ReservationId.Length > 0);
        Assert.Equal(0, (await rig.RunAsync(rig.Order("later"))).ExitCode);
        Assert.Empty(rig.Witnesses("witness"));
    }

    [Fact]
    public async Task A_time_out_stops_the_job_and_says_so_with_its_exit_code()
    {
        await using var rig = await AgentRig.StartAsync();

        var mild = await rig.RunAsync(rig.Order("mild", "trap 'exit 9' TERM; while :; do sleep 0.05; done") with { Timeout = Soon });
        var stubborn = await rig.RunAsync(rig.Order("stubborn", "trap '' TERM; while :; do sleep 0.05; done") with { Timeout = Soon, StopTimeout = Soon });

        Assert.Equal((AttemptOutcome.TimedOut, 9), (mild.Outcome, mild.ExitCode));
        Assert.Equal((AttemptOutcome.TimedOut, 137), (stubborn.Outcome, stubborn.ExitCode));
    }

    [Fact]
    public async Task An_ordered_stop_is_no_time_out_also_when_the_time_runs_out_meanwhile()
    {
        await using var rig = await AgentRig.StartAsync();
        var order = rig.Order("job", "trap '' TERM; echo ready; while :; do sleep 0.05; done") with { Timeout = TimeSpan.FromSeconds(1), StopTimeout = TimeSpan.FromSeconds(2) };
        var attempt = await rig.LaunchAsync(order);
        await Said(rig, "job", "ready");

        await rig.StopAsync(attempt);

        Assert.Equal(AttemptOutcome.Exited, (await rig.Session.Ended(attempt)).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("env -u ORLEANSBATCH_ATTEMPT")]
    public async Task What_escaped_by_two_forks_and_a_session_dies_after_a_stop(string how)
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", $"(setsid {how} sleep 1000 & echo $!) ; echo ready; exec sleep 1000"));
        await Said(rig, "job", "ready");
        var escaped = Pid((await rig.LinesAsync("job"))[0]);
        Assert.True(ProcessStatus.Read(escaped) is { IsDead: false });

        await rig.StopAsync(attempt);

        await rig.Session.Ended(attempt);
        await Eventually.True(() => ProcessStatus.Read(escaped) is null or { IsDead: true });
    }

    [Fact]
    public async Task What_escaped_dies_with_a_job_that_ends_by_itself_while_others_go_on()
    {
        await using var rig = await AgentRig.StartAsync();
        var other = await rig.LaunchAsync(rig.Order("other", "(setsid sleep 1000 & echo $!); exec sleep 1000"));
        await Eventually.True(() => rig.LinesAsync("other").GetAwaiter().GetResult().Length == 1);
        var kept = Pid((await rig.LinesAsync("other"))[0]);

        await rig.RunAsync(rig.Order("job", "(setsid sleep 1000 & echo $!)"));

        var escaped = Pid((await rig.LinesAsync("job"))[0]);
        await Eventually.True(() => ProcessStatus.Read(escaped) is null or { IsDead: true });
        Assert.True(ProcessStatus.Read(kept) is { IsDead: false });
        Assert.DoesNotContain(rig.Session.Reports, report => report.Attempt == other && report.Outcome != AttemptOutcome.Started);
    }

    [Fact]
    public async Task Stopping_all_waits_for_every_end_to_be_reported()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.LaunchAsync([.. Enumerable.Range(0, 20).Select(i => rig.Order($"job-{i}", "exec sleep 1000"))]);

        await rig.Agent.StopAllAsync(CancellationToken.None);

        Assert.Equal(20, rig.Session.Reports.Count(report => report.Outcome is AttemptOutcome.Exited or AttemptOutcome.Refused));
        await rig.Agent.StopAllAsync(CancellationToken.None);
    }

    private static Task Said(AgentRig rig, string job, string line) =>
        Eventually.True(() => rig.LinesAsync(job).GetAwaiter().GetResult().Contains(line));

    private static int Pid(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
