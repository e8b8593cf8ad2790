using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task Submit_prints_the_id_alone_and_in_JSON_the_answer()
    {
        var id = await SubmitAsync("true", "--name", "alone");
        var answer = await JsonAsync("submit", "--queue", SchedulerFixture.Roomy, "--name", "whole", "--", "true");

        Assert.Equal(id, (string)(await DescribedAsync(id))["jobId"]!);
        Assert.Equal("whole", (string)answer["jobName"]!);
        Assert.EndsWith((string)answer["jobId"]!, (string)answer["jobArn"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_takes_a_request_as_JSON_and_puts_its_options_over_it()
    {
        var request = $$"""
            {"jobName":"from-file","jobQueue":"{{SchedulerFixture.Roomy}}","jobDefinition":"shell","parameters":{"command":"echo file"},"tags":{"kept":"yes"} }
            """;
        var outcome = await WithInputAsync(request, "submit", "--from", "-", "--parameter", "command=echo option");

        Assert.Equal(0, outcome.ExitCode);
        var job = await DescribedAsync(outcome.Out.Trim());
        Assert.Equal(("from-file", "yes", "echo option"), ((string)job["jobName"]!, (string)job["tags"]!["kept"]!, (string)job["parameters"]!["command"]!));
    }

    [Fact]
    public async Task Submit_says_what_is_wrong_with_what_it_is_given()
    {
        AssertFailed(await WithInputAsync("{ no", "submit", "--from", "-"), 2, "Could not submit the job.", "Standard input does not hold", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--from", "/nowhere/file"), 2, "Could not submit the job.", "/nowhere/file", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--env", "novalue", "--", "true"), 2, "Could not submit the job.", "'novalue' must be NAME=VALUE", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--timeout", "soon", "--", "true"), 2, "Could not submit the job.", "'soon'", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--attempts", "99", "--", "true"), 1, "Could not submit the job.", "99", "submit --help");
        AssertFailed(await ConsoleAsync("submit", "--queue", "nowhere", "--", "true"), 4, "Could not submit the job.", "nowhere", "orleansbatch queues");
    }

    [Fact]
    public async Task Jobs_lists_every_status_the_newest_first()
    {
        var name = Unique("listed");
        var failed = await EndedAsync("exit 4", "--name", name);
        var succeeded = await EndedAsync("exit 0", "--name", name);

        var table = await ConsoleAsync("jobs", "--queue", SchedulerFixture.Roomy, "--name", name);
        var json = await JsonAsync("jobs", "--queue", SchedulerFixture.Roomy, "--name", name);

        Assert.Equal(0, table.ExitCode);
        Assert.Equal(3, table.Lines.Length);
        Assert.StartsWith("JOB ID", table.Lines[0], StringComparison.Ordinal);
        Assert.Matches($"^{succeeded} +{name} +SUCCEEDED +0 +[0-9:]+$", table.Lines[1]);
        Assert.Matches($"^{failed} +{name} +FAILED +4 ", table.Lines[2]);
        Assert.Equal([succeeded, failed], json["jobSummaryList"]!.AsArray().Select(job => (string)job!["jobId"]!));
        Assert.All(table.Lines, line => Assert.True(line.Length <= 80 + name.Length, line));
    }

    [Fact]
    public async Task Jobs_filters_by_status_name_definition_and_time()
    {
        var name = Unique("filtered");
        var failed = await EndedAsync("exit 4", "--name", name);
        var succeeded = await EndedAsync("exit 0", "--name", name);

        Assert.Equal([failed], await ListedAsync("--name", name, "--status", "failed"));
        Assert.Equal([succeeded, failed], await ListedAsync("--name", name, "--status", "FAILED", "--status", "SUCCEEDED"));
        Assert.Equal([succeeded], await ListedAsync("--name", name, "--limit", "1"));
        Assert.Equal([succeeded, failed], await ListedAsync("--name", name[..^1] + "*", "--after", "1h"));
        Assert.Empty(await ListedAsync("--name", name, "--before", "1h"));
        Assert.Empty(await ListedAsync("--before", "2001-02-03"));
        Assert.Contains(failed, await ListedAsync("--status", "FAILED", "--limit", "0"));
        Assert.Contains(succeeded, await ListedAsync("--definition", "shell", "--after", "1h", "--limit", "0"));
        Assert.Empty(await ListedAsync("--definition", "shell:7"));
    }

    [Fact]
    public async Task Jobs_reads_on_over_the_scheduler_s_pages()
    {
        var name = Unique("paged");
        var ids = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => SubmitDirectlyAsync(SchedulerFixture.Full, name)));

        Assert.Equal(120, (await IdsOfAsync("jobs", "--queue", SchedulerFixture.Full, "--name", name, "--limit", "0")).Length);
        Assert.Equal(100, (await IdsOfAsync("jobs", "--queue", SchedulerFixture.Full, "--name", name)).Length);

        var cancelled = await WithInputAsync(string.Join('\n', ids), "cancel", "-");
        Assert.Equal((0, 121), (cancelled.ExitCode, cancelled.Lines.Length));
        Assert.All(cancelled.Lines[1..], line => Assert.EndsWith("cancelled", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Jobs_says_what_is_wrong_with_its_filters()
    {
        AssertFailed(await ConsoleAsync("jobs", "--status", "DONE"), 2, "Could not list the jobs.", "'DONE' is no status", "jobs --help");
        AssertFailed(await ConsoleAsync("jobs", "--after", "yesterday"), 2, "Could not list the jobs.", "'yesterday'", "jobs --help");
        AssertFailed(await ConsoleAsync("jobs", "--limit", "-1"), 2, "Could not list the jobs.", "-1", "jobs --help");
        AssertFailed(await ConsoleAsync("jobs", "--name", "a", "--definition", "b"), 2, "Could not list the jobs.", "do not go together", "jobs --help");
        AssertFailed(await ConsoleAsync("jobs", "--queue", "nowhere"), 4, "Could not list the jobs.", "nowhere", "orleansbatch queues");
    }

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    public async Task Jobs_watched_through_a_pipe_gives_a_line_for_each_change_until_Ctrl_C(string format)
    {
        var name = Unique("watched");
        using var interrupt = new CancellationTokenSource();
        var surroundings = new Surroundings();
        var watching = ConsoleAsync(surroundings, ["jobs", "--queue", SchedulerFixture.Roomy, "--name", name, "--watch", "-o", format], interrupt.Token);
        var id = await SubmitAsync("exec sleep 600", "--name", name);
        await Eventually.True(() => surroundings.Out.Contains("RUNNING", StringComparison.Ordinal));

        _ = await ConsoleAsync("terminate", id);
        await Eventually.True(() => surroundings.Out.Contains("FAILED", StringComparison.Ordinal));
        await interrupt.CancelAsync();

        var outcome = await watching;
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.All(outcome.Lines, line => Assert.Contains(id, line, StringComparison.Ordinal));
        Assert.Contains("FAILED", outcome.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_watched_on_a_terminal_shows_the_table_as_it_changes()
    {
        var name = Unique("live");
        _ = await EndedAsync("true", "--name", name);
        using var interrupt = new CancellationTokenSource();
        var surroundings = new Surroundings(isTerminal: true);
        var watching = ConsoleAsync(surroundings, ["jobs", "--queue", SchedulerFixture.Roomy, "--name", name, "--watch"], interrupt.Token);
        await Eventually.True(() => surroundings.Out.Contains("SUCCEEDED", StringComparison.Ordinal));
        await interrupt.CancelAsync();

        Assert.Equal(0, (await watching).ExitCode);
    }

    [Fact]
    public async Task Describe_shows_a_job_in_full()
    {
        var id = await EndedAsync("exit 6", "--name", "described", "--attempts", "2", "--env", "LEVEL=5", "--tag", "team=blue");

        var table = await ConsoleAsync("describe", id);
        var json = await JsonAsync("describe", id);

        Assert.Equal(0, table.ExitCode);
        foreach (var fact in new[] { id, "described", "FAILED", "roomy", "shell:1", "sh -c exit 6", "VCPU 1, MEMORY 2048", "LEVEL=5", "team=blue", "2 of 2", "Limits", "ATTEMPT", "CPU" })
        {
            Assert.Contains(fact, table.Out, StringComparison.Ordinal);
        }

        Assert.Equal(6, (int)json["jobs"]![0]!["container"]!["exitCode"]!);
        Assert.Equal(2, json["jobs"]![0]!["attempts"]!.AsArray().Count);
    }

    [Fact]
    public async Task Describe_shows_what_exists_and_says_what_does_not()
    {
        var id = await SubmitAsync("true");

        var outcome = await WithInputAsync($"JOB ID  NAME\n{id}  more words\n\nunknown\n", "describe");

        AssertFailed(outcome, 4, "Could not describe the jobs.", "Job unknown does not exist.", "orleansbatch jobs");
        Assert.Contains(id, outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_over_jobs_ask_for_ids()
    {
        foreach (var command in new[] { "describe", "cancel", "terminate", "wait" })
        {
            Assert.Equal(2, (await ConsoleAsync(command)).ExitCode);
            Assert.Contains("No job id", (await WithInputAsync("", command)).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Logs_prints_the_lines_of_every_attempt_or_of_one()
    {
        var id = await EndedAsync("echo attempt $AWS_BATCH_JOB_ATTEMPT; echo over; exit 1", "--attempts", "2");

        Assert.Equal(new(0, "attempt 1\nover\nattempt 2\nover\n", ""), await ConsoleAsync("logs", id));
        Assert.Equal(new(0, "attempt 2\nover\n", ""), await ConsoleAsync("logs", id, "--attempt", "2"));
        Assert.Equal(new(0, "over\n", ""), await ConsoleAsync("logs", id, "--attempt", "1", "--tail", "1"));
        Assert.Equal(new(0, "", ""), await ConsoleAsync("logs", id, "--attempt", "3"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d attempt 1\n", (await ConsoleAsync("logs", id, "--timestamps")).Out);
        var events = (await ConsoleAsync("logs", id, "-o", "json")).Lines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["attempt 1", "over", "attempt 2", "over"], events.Select(line => (string)line["message"]!));
    }

    [Fact]
    public async Task Logs_followed_goes_on_until_the_job_has_ended()
    {
        var gate = Path.Combine(Path.GetTempPath(), Unique("gate"));
        var id = await SubmitAsync($"echo begun; while [ ! -e {gate} ]; do sleep 0.05; done; echo over; rm {gate}");
        var surroundings = new Surroundings();
        var following = ConsoleAsync(surroundings, ["logs", "-f", id]);
        await Eventually.True(() => surroundings.Out == "begun\n");

        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        Assert.Equal(new(0, "begun\nover\n", ""), await following);
    }

    [Fact]
    public async Task A_job_of_several_containers_is_shown_container_by_container_and_its_log_names_them()
    {
        var definition = Unique("task");
        await WithInputAsync(
            $$"""
            {"jobDefinitionName":"{{definition}}","type":"container","ecsProperties":{"taskProperties":[{"containers":[
            {"name":"init","image":"host","command":["sh","-c","echo prepared"],"essential":false,{{OneVcpu}}},
            {"name":"app","image":"host","command":["sh","-c","echo $AWS_BATCH_JOB_ATTEMPT; exit 5"],"dependsOn":[{"containerName":"init","condition":"SUCCESS"}],{{OneVcpu}}},
            {"name":"side","image":"host","command":["sleep","600"],"essential":false,{{OneVcpu}}}
            ] } ] } }
            """,
            "definitions", "create", "--from", "-");
        var submitted = await WithInputAsync(
            $$"""{"jobName":"several","jobQueue":"{{SchedulerFixture.Roomy}}","jobDefinition":"{{definition}}"}""", "submit", "--from", "-");
        var id = submitted.Out.Trim();
        var waited = await ConsoleAsync("wait", id);

        Assert.Contains($"{id}  several  FAILED  5", waited.Out, StringComparison.Ordinal);
        Assert.Equal(new(0, "init | prepared\napp | 1\n", ""), await ConsoleAsync("logs", id));
        var described = await ConsoleAsync("describe", id);
        Assert.Matches(@"(?m)^init +no +0 ", described.Out);
        Assert.Matches(@"(?m)^app +yes +5 +init SUCCESS ", described.Out);
        Assert.Matches(@"(?m)^side +no +143 ", described.Out);
        var job = await DescribedAsync(id);
        Assert.Null(job["container"]);
        Assert.Equal([0, 5, 143], job["ecsProperties"]!["taskProperties"]![0]!["containers"]!.AsArray().Select(container => (int)container!["exitCode"]!));
        Assert.Equal(3, job["attempts"]![0]!["taskProperties"]![0]!["containers"]!.AsArray().Count);
        var next = await ConsoleAsync("definitions", "update", definition, "--attempts", "2");
        Assert.True(next.ExitCode == 0, next.Error);
    }

    private const string OneVcpu = """ "resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"64"}] """;

    [Fact]
    public async Task Logs_of_nothing_and_of_nonsense_are_refused()
    {
        AssertFailed(await ConsoleAsync("logs", "unknown"), 4, "Could not read the log.", "Job unknown does not exist.", "orleansbatch jobs");
        AssertFailed(await ConsoleAsync("logs", "unknown", "--tail", "0"), 2, "Could not read the log.", "1 or more", "logs --help");
    }

    private async Task<string[]> ListedAsync(params string[] filters) => await IdsOfAsync(["jobs", "--queue", SchedulerFixture.Roomy, .. filters]);

    private async Task<string[]> IdsOfAsync(params string[] command) =>
        [.. (await JsonAsync(command))["jobSummaryList"]!.AsArray().Select(job => (string)job!["jobId"]!)];

    /// <summary>Without the console, where many are wanted.</summary>
    private async Task<string> SubmitDirectlyAsync(string queue, string name)
    {
        using var client = new BatchClient(Scheduler.Silo.Endpoint);
        return await client.SubmitAsync(new { jobName = name, jobQueue = queue, jobDefinition = "shell" });
    }
}
