using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    private static readonly string[] AllStatuses = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"];

    [Fact]
    public async Task Submit_makes_an_array_whose_children_know_their_index()
    {
        var array = await EndedAsync("echo $AWS_BATCH_JOB_ARRAY_INDEX of $AWS_BATCH_JOB_ARRAY_SIZE", "--array-size", "3");

        Assert.Equal(3, (int)(await DescribedAsync(array))["arrayProperties"]!["size"]!);
        Assert.Equal(new(0, "1 of 3\n", ""), await ConsoleAsync("logs", $"{array}:1"));
    }

    [Fact]
    public async Task Submit_takes_what_a_job_waits_for_in_words()
    {
        var first = await WaitingAsync("--array-size", "3");
        var second = await WaitingAsync("--array-size", "3", "--depends-on", $"{first}:each", "--depends-on", "previous", "--depends-on", $"{first}:2");

        var described = (await DescribedAsync(second))["dependsOn"]!.AsArray();

        Assert.Equal(
            [(first, "N_TO_N"), (null, "SEQUENTIAL"), ($"{first}:2", null)],
            described.Select(entry => ((string?)entry!["jobId"], (string?)entry["type"])));
        var table = (await ConsoleAsync("describe", second)).Out;
        Assert.Matches($@"\nDepends on +{first}:each previous {first}:2\n", table);
        Assert.Matches(@"\nArray size +3\n", table);
        Assert.Matches(@"\nChildren +PENDING 3\n", table);
        await CancelledAsync(first, second);
    }

    [Fact]
    public async Task A_job_that_waits_begins_when_the_other_has_succeeded_and_fails_when_it_has_failed()
    {
        var (good, bad) = (await SubmitAsync("true"), await SubmitAsync("exit 2"));
        var (after, never) = (await SubmitAsync("true", "--depends-on", good), await SubmitAsync("true", "--depends-on", good, "--depends-on", bad));

        Assert.Equal(0, (await ConsoleAsync("wait", after)).ExitCode);
        Assert.Equal(5, (await ConsoleAsync("wait", never)).ExitCode);
        Assert.Equal("Dependent Job failed", (string)(await DescribedAsync(never))["statusReason"]!);
    }

    [Fact]
    public async Task Submit_puts_array_and_dependencies_over_those_of_the_file()
    {
        var other = await WaitingAsync();
        var request = $$"""
            {"jobQueue":"{{SchedulerFixture.Full}}","arrayProperties":{"size":4},"dependsOn":[{"type":"SEQUENTIAL"}]}
            """;

        var asWritten = (await WithInputAsync(request, "submit", "--from", "-")).Out.Trim();
        var changed = (await WithInputAsync(request, "submit", "--from", "-", "--array-size", "2", "--depends-on", other)).Out.Trim();

        var (left, right) = (await DescribedAsync(asWritten), await DescribedAsync(changed));
        Assert.Equal((4, "SEQUENTIAL"), ((int)left["arrayProperties"]!["size"]!, (string)left["dependsOn"]![0]!["type"]!));
        Assert.Equal((2, other), ((int)right["arrayProperties"]!["size"]!, (string)right["dependsOn"]![0]!["jobId"]!));
        await CancelledAsync(asWritten, changed, other);
    }

    [Fact]
    public async Task Submit_says_what_is_wrong_with_an_array_and_with_what_is_waited_for()
    {
        var unknown = Guid.NewGuid().ToString();
        AssertFailed(await ConsoleAsync("submit", "--array-size", "1", "--", "true"), 1, "Could not submit the job.", "between 2 and 10000, got 1", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--depends-on", "nonsense", "--", "true"), 1, "Could not submit the job.", "'nonsense' is not a job id", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--depends-on", "previous", "--", "true"), 1, "Could not submit the job.", "is for array jobs", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--depends-on", unknown, "--", "true"), 4, "Could not submit the job.", $"{unknown} does not exist", "orleansbatch jobs");
        Assert.Contains("many", (await ConsoleAsync("submit", "--array-size", "many", "--", "true")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_lists_the_children_of_an_array_by_their_index()
    {
        var array = await EndedAsync("exit $AWS_BATCH_JOB_ARRAY_INDEX", "--array-size", "12");

        var table = await ConsoleAsync("jobs", "--array", array);
        var failed = await JsonAsync("jobs", "--array", array, "--status", "failed", "--limit", "3");

        Assert.Equal((0, 13), (table.ExitCode, table.Lines.Length));
        Assert.Matches("^JOB ID +INDEX +STATUS +EXIT +STARTED +STOPPED$", table.Lines[0]);
        Assert.Matches($"^{array}:0 +0 +SUCCEEDED +0 ", table.Lines[1]);
        Assert.Matches($"^{array}:11 +11 +FAILED +11 ", table.Lines[12]);
        Assert.Equal([1, 2, 3], failed["jobSummaryList"]!.AsArray().Select(child => (int)child!["arrayProperties"]!["index"]!));
        Assert.Empty(await IdsOfAsync("jobs", "--array", array, "--status", "RUNNING"));
    }

    [Fact]
    public async Task Jobs_shows_an_array_as_one_job_and_how_many_of_its_children_have_ended()
    {
        var name = Unique("arrays");
        var array = await EndedAsync("true", "--array-size", "2", "--name", name);
        var single = await EndedAsync("true", "--name", name);

        var table = await ConsoleAsync("jobs", "--queue", SchedulerFixture.Roomy, "--name", name);

        Assert.Matches("CREATED +ENDED$", table.Lines[0]);
        Assert.Matches($"^{single} .* SUCCEEDED +0 +[0-9:]+$", table.Lines[1]);
        Assert.Matches($"^{array} .* SUCCEEDED +[0-9:]+ +2/2$", table.Lines[2]);
    }

    [Fact]
    public async Task Jobs_says_what_is_wrong_with_an_array()
    {
        var single = await SubmitAsync("true");
        AssertFailed(await ConsoleAsync("jobs", "--array", single), 4, "Could not list the jobs.", $"{single} does not exist", "orleansbatch jobs");
        AssertFailed(await ConsoleAsync("jobs", "--array", "nonsense"), 4, "Could not list the jobs.", "nonsense", "orleansbatch jobs");
        AssertFailed(await ConsoleAsync("jobs", "--array", single, "--name", "a"), 2, "Could not list the jobs.", "--status and --limit alone", "jobs --help");
        AssertFailed(await ConsoleAsync("jobs", "--array", single, "--queue", "a"), 2, "Could not list the jobs.", "--status and --limit alone", "jobs --help");
    }

    [Fact]
    public async Task Describe_shows_a_child_with_its_index_and_the_former_that_it_waits_for()
    {
        var array = await WaitingAsync("--array-size", "3", "--depends-on", "previous");

        var table = (await ConsoleAsync("describe", $"{array}:2")).Out;

        Assert.Matches($@"^Job +{array}:2\n", table);
        Assert.Matches(@"\nArray index +2\n", table);
        Assert.Matches($@"\nDepends on +{array}:1\n", table);
        await CancelledAsync(array);
    }

    [Theory]
    [InlineData("true", 0, "SUCCEEDED")]
    [InlineData("exit $AWS_BATCH_JOB_ARRAY_INDEX", 5, "FAILED")]
    public async Task Wait_for_an_array_waits_for_all_its_children(string script, int code, string status)
    {
        var array = await SubmitAsync(script, "--array-size", "3");

        var outcome = await ConsoleAsync("wait", array);

        Assert.Equal((code, $"{array}  sh  {status}\n"), (outcome.ExitCode, outcome.Out));
    }

    [Fact]
    public async Task Wait_tells_a_pipe_of_an_array_s_progress_in_lines_with_all_seven_counts()
    {
        var gate = Path.Combine(Path.GetTempPath(), Unique("gate"));
        var array = await SubmitAsync($"[ $AWS_BATCH_JOB_ARRAY_INDEX = 0 ] || while [ ! -e {gate} ]; do sleep 0.05; done", "--array-size", "3");
        await Eventually.True(() => SummaryAsync(array).GetAwaiter().GetResult() is { } summary && (int)summary["RUNNING"]! == 2 && (int)summary["SUCCEEDED"]! == 1);
        var surroundings = new Surroundings();
        var awaiting = ConsoleAsync(surroundings, ["wait", array]);
        await Eventually.True(() => surroundings.Error.Contains('\n', StringComparison.Ordinal));

        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        var outcome = await awaiting;
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("1/3 ended: SUBMITTED 0  PENDING 0  RUNNABLE 0  STARTING 0  RUNNING 2  SUCCEEDED 1  FAILED 0", outcome.ErrorLines[0]);
        Assert.Equal("3/3 ended: SUBMITTED 0  PENDING 0  RUNNABLE 0  STARTING 0  RUNNING 0  SUCCEEDED 3  FAILED 0", outcome.ErrorLines[^1]);
        File.Delete(gate);
    }

    [Fact]
    public async Task Wait_shows_on_a_terminal_how_many_children_of_an_array_are_in_which_status()
    {
        var array = await WaitingAsync("--array-size", "7");
        var surroundings = new Surroundings(isTerminal: true);
        var awaiting = ConsoleAsync(surroundings, ["wait", array]);
        await Eventually.True(() => surroundings.Error.Contains("RUNNABLE 7", StringComparison.Ordinal));

        await CancelledAsync(array);

        Assert.Equal(5, (await awaiting).ExitCode);
        Assert.Contains($"{array}  true  FAILED", surroundings.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_of_an_array_prints_the_lines_of_its_children_with_their_index()
    {
        var outcome = await ConsoleAsync(
            "run", "--queue", SchedulerFixture.Roomy, "--array-size", "4", "--attempts", "2", "--",
            "sh", "-c", "echo try $AWS_BATCH_JOB_ATTEMPT; [ $AWS_BATCH_JOB_ARRAY_INDEX != 2 ] || [ $AWS_BATCH_JOB_ATTEMPT = 2 ]");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(["[0] try 1", "[1] try 1", "[2] try 1", "[2] try 2", "[3] try 1"], outcome.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_of_an_array_prints_a_child_s_line_while_it_still_runs()
    {
        var gate = Path.Combine(Path.GetTempPath(), Unique("gate"));
        var surroundings = new Surroundings();
        var running = ConsoleAsync(
            surroundings,
            ["run", "--queue", SchedulerFixture.Roomy, "--array-size", "2", "--verbose", "--", "sh", "-c", $"echo begun; while [ ! -e {gate} ]; do sleep 0.05; done"]);
        await Eventually.True(() => surroundings.Out.Contains("[0] begun\n", StringComparison.Ordinal) && surroundings.Out.Contains("[1] begun\n", StringComparison.Ordinal));

        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        var outcome = await running;
        Assert.Equal((0, 2), (outcome.ExitCode, outcome.Lines.Length));
        Assert.Contains("2/2 ended: ", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith(" SUCCEEDED", outcome.ErrorLines[^1], StringComparison.Ordinal);
        File.Delete(gate);
    }

    [Fact]
    public async Task Run_of_an_array_of_which_a_child_failed_ends_with_126_and_says_how_to_see_which()
    {
        var outcome = await ConsoleAsync("run", "--queue", SchedulerFixture.Roomy, "--array-size", "3", "--", "sh", "-c", "exit $AWS_BATCH_JOB_ARRAY_INDEX");

        AssertFailed(outcome, 126, "Could not run the job to its end.", "Array Child Job failed", "orleansbatch jobs --array ");
        var failed = outcome.ErrorLines[2].Split("orleansbatch ")[1].Split(' ');
        Assert.Equal(2, (await IdsOfAsync(failed)).Length);
    }

    [Fact]
    public async Task Run_of_an_array_gives_the_array_in_JSON_and_the_lines_on_standard_error()
    {
        var outcome = await ConsoleAsync("run", "-o", "json", "--queue", SchedulerFixture.Roomy, "--array-size", "2", "--", "echo", "hi");

        Assert.Equal(["[0] hi", "[1] hi"], outcome.ErrorLines.Order(StringComparer.Ordinal));
        var job = Assert.Single(JsonNode.Parse(outcome.Out)!["jobs"]!.AsArray())!;
        Assert.Equal(2, (int)job["arrayProperties"]!["statusSummary"]!["SUCCEEDED"]!);
    }

    [Fact]
    public async Task Run_of_an_array_on_a_terminal_shows_a_bar_and_the_lines_above_it()
    {
        var surroundings = new Surroundings(isTerminal: true);

        var outcome = await ConsoleAsync(surroundings, ["run", "--queue", SchedulerFixture.Roomy, "--array-size", "2", "--", "sh", "-c", "echo hi; sleep 0.3"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("[0] hi", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("[1] hi", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("SUCCEEDED 2", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_of_an_array_ends_with_130_and_terminated_children_at_Ctrl_C()
    {
        var name = Unique("interrupted");
        using var interrupt = new CancellationTokenSource();
        var running = ConsoleAsync(
            new(), ["run", "--queue", SchedulerFixture.Roomy, "--array-size", "2", "--name", name, "--", "sleep", "600"], interrupt.Token);
        var array = await UntilListedAsync(SchedulerFixture.Roomy, name);
        await Eventually.True(() => SummaryAsync(array).GetAwaiter().GetResult() is { } summary && (int)summary["RUNNING"]! == 2);

        await interrupt.CancelAsync();

        Assert.Equal(130, (await running).ExitCode);
        var job = await DescribedAsync(array);
        Assert.Equal(("FAILED", true, 2), ((string)job["status"]!, (bool)job["isTerminated"]!, (int)job["arrayProperties"]!["statusSummary"]!["FAILED"]!));
    }

    [Fact]
    public async Task Logs_of_an_array_prints_the_lines_of_its_children_with_their_index()
    {
        var array = await EndedAsync("echo $AWS_BATCH_JOB_ARRAY_INDEX; echo over", "--array-size", "3");

        Assert.Equal(new(0, "[0] 0\n[0] over\n[1] 1\n[1] over\n[2] 2\n[2] over\n", ""), await ConsoleAsync("logs", array));
        Assert.Equal(new(0, "[0] over\n[1] over\n[2] over\n", ""), await ConsoleAsync("logs", "-f", "--tail", "1", array));
        Assert.Equal(new(0, "1\nover\n", ""), await ConsoleAsync("logs", "-f", $"{array}:1"));
        AssertFailed(await ConsoleAsync("logs", array, "-o", "json"), 2, "Could not read the log.", $"{array}:INDEX", "logs --help");
    }

    [Fact]
    public async Task Stopping_an_array_says_what_becomes_of_its_children()
    {
        var waiting = await WaitingAsync("--array-size", "2");
        var running = await SubmitAsync("exec sleep 600", "--array-size", "2");
        await Eventually.True(() => SummaryAsync(running).GetAwaiter().GetResult() is { } summary && (int)summary["RUNNING"]! == 2);

        var cancelled = await ConsoleAsync("cancel", waiting, running);
        var terminated = await ConsoleAsync("terminate", $"{running}:0", running);

        Assert.Equal((0, 0), (cancelled.ExitCode, terminated.ExitCode));
        Assert.Matches($"^{waiting} +cancelled$", cancelled.Lines[1]);
        Assert.Matches($"^{running} +cancelled; children that run on, and are not tried again: 2$", cancelled.Lines[2]);
        Assert.Matches($"^{running}:0 +is being stopped$", terminated.Lines[1]);
        Assert.Matches($"^{running} +terminated; children that are being stopped: 2$", terminated.Lines[2]);
        Assert.Equal(5, (await ConsoleAsync("wait", running, waiting)).ExitCode);
    }

    [Fact]
    public async Task Jobs_watched_of_an_array_gives_a_line_for_each_change_of_a_child()
    {
        var array = await EndedAsync("true", "--array-size", "2");
        using var interrupt = new CancellationTokenSource();
        var surroundings = new Surroundings();
        var watching = ConsoleAsync(surroundings, ["jobs", "--array", array, "--watch"], interrupt.Token);
        await Eventually.True(() => surroundings.Out.Contains($"{array}:1", StringComparison.Ordinal));
        await interrupt.CancelAsync();

        Assert.Equal([$"{array}:0  sh  SUCCEEDED  0", $"{array}:1  sh  SUCCEEDED  0"], (await watching).Lines);
    }

    [Fact]
    public async Task Arrays_are_in_the_help()
    {
        Assert.All(["submit", "run"], command =>
        {
            var help = ConsoleAsync(command, "--help").GetAwaiter().GetResult().Out;
            Assert.Contains("--array-size <N>", help, StringComparison.Ordinal);
            Assert.Contains("--depends-on <ID|ID:each|previous>", help, StringComparison.Ordinal);
        });
    }

    /// <summary>A job that never starts.</summary>
    private async Task<string> WaitingAsync(params string[] options)
    {
        var outcome = await ConsoleAsync(["submit", "--queue", SchedulerFixture.Full, .. options, "--", "true"]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Out.Trim();
    }

    private async Task CancelledAsync(params string[] ids) => Assert.Equal(0, (await ConsoleAsync(["cancel", .. ids])).ExitCode);

    private async Task<JsonNode> SummaryAsync(string array)
    {
        var summary = (await DescribedAsync(array))["arrayProperties"]!["statusSummary"]!;
        Assert.Equal(AllStatuses.Order(), summary.AsObject().Select(count => count.Key).Order());
        return summary;
    }
}
