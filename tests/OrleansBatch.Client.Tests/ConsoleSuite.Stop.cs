using System.Text.Json.Nodes;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task Cancel_says_of_each_job_what_became_of_it()
    {
        var waiting = await SubmitDirectlyAsync(SchedulerFixture.Full, "cancelled");
        var running = await RunningAsync();
        var ended = await EndedAsync("true");

        var outcome = await ConsoleAsync("cancel", waiting, running, ended, "unknown", "--reason", "wrong input");

        Assert.Equal((4, ""), (outcome.ExitCode, outcome.Error));
        Assert.Matches($"^{waiting} +cancelled$", outcome.Lines[1]);
        Assert.Matches($"^{running} +runs on", outcome.Lines[2]);
        Assert.Matches($"^{ended} +had ended already: SUCCEEDED$", outcome.Lines[3]);
        Assert.Matches("^unknown +does not exist$", outcome.Lines[4]);
        Assert.Equal("wrong input", (string)(await DescribedAsync(waiting))["statusReason"]!);
        Assert.Equal(0, (await ConsoleAsync("terminate", running)).ExitCode);
    }

    [Fact]
    public async Task Terminate_ends_jobs_from_standard_input()
    {
        var waiting = await SubmitDirectlyAsync(SchedulerFixture.Full, "terminated");
        var running = await RunningAsync();

        var outcome = await WithInputAsync($"{waiting}\n{running}\n", "terminate", "-", "--reason", "enough");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Matches($"^{waiting} +terminated$", outcome.Lines[1]);
        Assert.Matches($"^{running} +is being stopped$", outcome.Lines[2]);
        Assert.Equal(5, (await ConsoleAsync("wait", running)).ExitCode);
        Assert.Equal("enough", (string)(await DescribedAsync(running))["statusReason"]!);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("terminate")]
    public async Task Stopping_answers_in_JSON_as_the_bulk_operations_do(string command)
    {
        var waiting = await SubmitDirectlyAsync(SchedulerFixture.Full, "stopped");

        var outcome = await ConsoleAsync(command, waiting, "unknown", "-o", "json");

        Assert.Equal(4, outcome.ExitCode);
        var answer = JsonNode.Parse(outcome.Out)!;
        Assert.Equal(waiting, (string)Assert.Single(answer["successful"]!.AsArray())!);
        var error = Assert.Single(answer["errors"]!.AsArray())!;
        Assert.Equal(("unknown", "ClientException", "does not exist"), ((string)error["job"]!, (string)error["code"]!, (string)error["message"]!));
    }

    [Fact]
    public async Task A_reason_that_the_scheduler_refuses_is_told_with_each_job()
    {
        var waiting = await SubmitDirectlyAsync(SchedulerFixture.Full, "refused");

        var outcome = await ConsoleAsync("cancel", waiting, "--reason", "");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("reason", outcome.Lines[1], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, (await ConsoleAsync("cancel", waiting)).ExitCode);
    }

    [Fact]
    public async Task Wait_prints_each_job_as_it_ends_and_exits_with_0_when_all_succeeded()
    {
        var ids = await Task.WhenAll(SubmitAsync("true"), SubmitAsync("true"));

        var outcome = await WithInputAsync(string.Join('\n', ids), "wait");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(ids.Order(), outcome.Lines.Select(line => line.Split(' ')[0]).Order());
        Assert.All(outcome.Lines, line => Assert.EndsWith("  sh  SUCCEEDED  0", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wait_exits_with_5_when_a_job_failed()
    {
        var (good, bad) = (await SubmitAsync("true"), await SubmitAsync("exit 9"));

        var outcome = await ConsoleAsync("wait", good, bad, "-o", "json");

        Assert.Equal(5, outcome.ExitCode);
        Assert.Equal(["FAILED", "SUCCEEDED"], JsonNode.Parse(outcome.Out)!["jobs"]!.AsArray().Select(job => (string)job!["status"]!).Order());
    }

    [Fact]
    public async Task Wait_exits_with_124_when_its_time_is_over()
    {
        var waiting = await SubmitDirectlyAsync(SchedulerFixture.Full, "late");

        AssertFailed(await ConsoleAsync("wait", waiting, "--timeout", "0.1"), 124, "Could not wait for the jobs to end.", "1 of 1", "--timeout");

        Assert.Equal(0, (await ConsoleAsync("cancel", waiting)).ExitCode);
    }

    [Fact]
    public async Task Wait_for_what_does_not_exist_is_refused()
    {
        AssertFailed(await ConsoleAsync("wait", "unknown"), 4, "Could not wait for the jobs.", "Job unknown does not exist.", "orleansbatch jobs");
        AssertFailed(await ConsoleAsync("wait", "unknown", "--timeout", "long"), 2, "Could not wait for the jobs.", "'long'", "wait --help");
    }

    [Fact]
    public async Task Wait_shows_on_a_terminal_how_many_are_in_which_status()
    {
        var waiting = await SubmitDirectlyAsync(SchedulerFixture.Full, "shown");
        var surroundings = new Surroundings(isTerminal: true);
        using var interrupt = new CancellationTokenSource();
        var awaiting = ConsoleAsync(surroundings, ["wait", waiting], interrupt.Token);
        await OrleansBatch.Testing.Eventually.True(() => surroundings.Error.Contains("RUNNABLE 1", StringComparison.Ordinal));

        await interrupt.CancelAsync();

        Assert.Equal(130, (await awaiting).ExitCode);
        Assert.Equal(0, (await ConsoleAsync("cancel", waiting)).ExitCode);
    }
}
