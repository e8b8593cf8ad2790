using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task Run_prints_exactly_what_the_job_writes_and_exits_with_its_code()
    {
        var outcome = await ConsoleProcess.RunAsync(WayByEnvironment, "run", "--", "sh", "-c", "echo hi; exit 3");

        Assert.Equal(new(3, "hi\n", ""), outcome);
    }

    [Fact]
    public async Task Run_takes_the_way_from_its_options()
    {
        var outcome = await ConsoleProcess.RunAsync(new Dictionary<string, string>(), ["run", .. Way, "--", "sh", "-c", "echo $LEVEL"]);

        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public async Task Run_ends_with_130_and_a_terminated_job_at_Ctrl_C()
    {
        var name = Unique("interrupted");
        using var process = ConsoleProcess.Start(WayByEnvironment, "run", "--queue", SchedulerFixture.Roomy, "--name", name, "--", "sleep", "600");
        var id = await UntilListedAsync(SchedulerFixture.Roomy, name);
        await UntilAsync(id, "RUNNING");

        await process.InterruptAsync();

        Assert.Equal(130, (await process.EndAsync()).ExitCode);
        var job = await DescribedAsync(id);
        Assert.Equal(("FAILED", true), ((string)job["status"]!, (bool)job["isTerminated"]!));
    }

    [Fact]
    public async Task Run_streams_the_lines_of_every_attempt()
    {
        var outcome = await ConsoleAsync(
            "run", "--queue", SchedulerFixture.Roomy, "--attempts", "2", "--", "sh", "-c", "echo attempt $AWS_BATCH_JOB_ATTEMPT; sleep 0.2; echo over; exit 7");

        Assert.Equal(7, outcome.ExitCode);
        Assert.Equal(["attempt 1", "over", "attempt 2", "over"], outcome.Lines);
    }

    [Fact]
    public async Task Run_prints_a_line_while_the_job_still_runs()
    {
        var gate = Path.Combine(Path.GetTempPath(), Unique("gate"));
        var surroundings = new Surroundings();
        var running = ConsoleAsync(
            surroundings, ["run", "--queue", SchedulerFixture.Roomy, "--", "sh", "-c", $"echo begun; while [ ! -e {gate} ]; do sleep 0.05; done; rm {gate}"]);
        await Eventually.True(() => surroundings.Out == "begun\n");

        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        Assert.Equal(new(0, "begun\n", ""), await running);
    }

    [Fact]
    public async Task Run_prints_every_line_of_a_long_log()
    {
        var outcome = await ConsoleAsync("run", "--queue", SchedulerFixture.Roomy, "--", "seq", "25000");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(Enumerable.Range(1, 25000).Select(number => $"{number}"), outcome.Lines);
    }

    [Fact]
    public async Task Run_gives_the_job_what_its_options_say()
    {
        var outcome = await ConsoleAsync(
            "run", "-o", "json", "--queue", SchedulerFixture.Roomy, "--name", "told", "--vcpus", "2", "--memory", "64", "--env", "A=b=c", "--tag", "t=u",
            "--parameter", "command=unused", "--timeout", "2m", "--", "sh", "-c", "echo $A");

        Assert.Equal((0, "b=c\n"), (outcome.ExitCode, outcome.Error));
        var job = System.Text.Json.Nodes.JsonNode.Parse(outcome.Out)!["jobs"]![0]!;
        Assert.Equal("told", (string)job["jobName"]!);
        Assert.Equal("u", (string)job["tags"]!["t"]!);
        Assert.Equal("unused", (string)job["parameters"]!["command"]!);
        Assert.Equal(120, (int)job["timeout"]!["attemptDurationSeconds"]!);
        Assert.Contains("2", job["container"]!["resourceRequirements"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_names_the_job_after_its_command_and_tells_how_it_fares_when_asked_to()
    {
        var outcome = await ConsoleAsync("run", "--queue", SchedulerFixture.Roomy, "--verbose", "--", "/bin/true");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Out));
        Assert.Contains("SUCCEEDED", outcome.Error, StringComparison.Ordinal);
        var id = outcome.Error.Split(' ')[0];
        Assert.Equal("true", (string)(await DescribedAsync(id))["jobName"]!);
    }

    [Fact]
    public async Task Run_ends_with_125_when_the_scheduler_refuses_the_job()
    {
        AssertFailed(
            await ConsoleAsync("run", "--queue", "nowhere", "--", "true"),
            125, "Could not run the job.", "nowhere does not exist", "orleansbatch queues");
        AssertFailed(
            await ConsoleAsync("run", "--definition", "nothing", "--", "true"),
            125, "Could not run the job.", "nothing", "orleansbatch definitions");
        AssertFailed(
            await ConsoleAsync("run", "--name", "#", "--", "true"),
            125, "Could not run the job.", "Job name should match valid pattern", "run --help");
    }

    [Fact]
    public async Task Run_ends_with_126_when_the_job_has_no_exit_code()
    {
        var name = Unique("stuck");
        var running = ConsoleAsync("run", "--queue", SchedulerFixture.Full, "--name", name, "--", "true");
        var id = await UntilListedAsync(SchedulerFixture.Full, name);

        _ = await ConsoleAsync("cancel", id, "--reason", "not today");

        AssertFailed(await running, 126, "Could not run the job to its end.", "not today", $"describe {id}");
    }

    private async Task<string> UntilListedAsync(string queue, string name)
    {
        string[] ids = [];
        await Eventually.True(() => (ids = IdsAsync(queue, name).GetAwaiter().GetResult()).Length > 0);
        return ids[0];
    }

    private async Task<string[]> IdsAsync(string queue, string name) =>
        [.. (await JsonAsync("jobs", "--queue", queue, "--name", name))["jobSummaryList"]!.AsArray().Select(job => (string)job!["jobId"]!)];
}
