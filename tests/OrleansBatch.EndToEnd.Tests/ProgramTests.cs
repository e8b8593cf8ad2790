using System.Net;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>The program as a person meets it: how it starts, what it refuses, how it ends.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task The_first_start_makes_resources_runs_the_sample_and_says_what_to_try()
    {
        await using var scheduler = new Scheduler();
        await using var silo = await SiloProcess.StartAsync(scheduler.Data);
        using var client = new BatchClient(silo.Endpoint);
        await Eventually.True(() => silo.Output.Contains("Ctrl-C", StringComparison.Ordinal));

        Assert.Contains("sample-hello", silo.Output, StringComparison.Ordinal);
        Assert.Equal(3, silo.Output.Split('\n').Count(line => line.TrimStart().StartsWith("aws --endpoint-url", StringComparison.Ordinal)));
        var jobs = (await client.CallAsync("ListJobs", new { jobQueue = "default", jobStatus = "SUCCEEDED" }))["jobSummaryList"]!.AsArray();
        Assert.Equal(["sample-count", "sample-hello", "sample-retry"], jobs.Select(job => (string)job!["jobName"]!).Order());
        var id = await client.SubmitAsync(new { jobName = "hello", jobQueue = "default", jobDefinition = "shell" });
        await Eventually.True(() => Scheduler.HasEnded(client.DescribeAsync([id]).GetAwaiter().GetResult()[0]));
    }

    [Fact]
    public async Task It_is_ready_when_it_says_so()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        using var http = new HttpClient { BaseAddress = scheduler.Silo.Endpoint };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/nothing", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_second_program_on_the_same_data_folder_is_refused()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();

        await using var second = SiloProcess.Launch(["--data", scheduler.Data, "--port", "0"]);
        await second.Exited;

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("in use by another OrleansBatch", second.WholeOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Port", "70000")]
    [InlineData("Port", "many")]
    [InlineData("GatewayPort", "70000")]
    [InlineData("Gpus", "1025")]
    [InlineData("Account", "12")]
    [InlineData("Region", "Nowhere!")]
    [InlineData("KillAt", "Somewhere")]
    public async Task A_wrong_setting_stops_it_at_once_with_a_line_that_names_it(string name, string value)
    {
        await using var scheduler = new Scheduler();
        await using var silo = SiloProcess.Launch(["--data", scheduler.Data], new Dictionary<string, string> { [$"OrleansBatch__{name}"] = value });
        await silo.Exited;

        Assert.Equal(1, silo.ExitCode);
        Assert.Contains(name, silo.WholeOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.WholeOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var port = scheduler.Silo.Endpoint.Port;

        await using var second = SiloProcess.Launch(["--data", Path.Combine(scheduler.Witnesses, "other"), "--port", $"{port}", "--bare"]);
        await second.Exited;

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"Port {port} cannot be used", second.WholeOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_port_in_use_is_named()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var port = scheduler.Silo.Gateway.Split(':')[1];

        await using var second = SiloProcess.Launch(
            ["--data", Path.Combine(scheduler.Witnesses, "other"), "--port", "0", "--gateway-port", port, "--bare"]);
        await second.Exited;

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"Gateway port {port} cannot be used", second.WholeOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_and_its_jobs_go_on()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var gate = Path.Combine(scheduler.Witnesses, "gate");
        var job = await scheduler.SubmitAsync($"while [ ! -e {gate} ]; do sleep 0.1; done; echo done; exit 6");
        _ = await scheduler.UntilRunningAsync([job]);

        await scheduler.Silo.InterruptAsync();
        Assert.Equal(0, scheduler.Silo.ExitCode);
        await File.WriteAllTextAsync(gate, "");
        await scheduler.StartAsync();

        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));
        Assert.Equal(6, (int)ended["container"]!["exitCode"]!);
        Assert.Equal(["done"], await scheduler.LogAsync(ended));
    }

    [Fact]
    public async Task With_stop_jobs_the_end_of_the_program_stops_its_jobs()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(null, "--stop-jobs");
        await scheduler.SetUpAsync(maxvCpus: 4);
        var job = await scheduler.SubmitAsync("exec sleep 600");
        _ = await scheduler.UntilRunningAsync([job]);

        await scheduler.Silo.InterruptAsync();
        await scheduler.StartAsync();

        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));
        Assert.Equal(143, (int)ended["container"]!["exitCode"]!);
    }

    [Fact]
    public async Task Killing_the_supervisor_leaves_no_process_behind_and_the_attempt_is_lost_and_tried_again()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var pids = Path.Combine(scheduler.Witnesses, "pids");
        var job = await scheduler.SubmitAsync($"echo $$ >> {pids}; exec sleep 600", attempts: 2);
        _ = await scheduler.UntilRunningAsync([job]);

        Supervisors.KillOf(scheduler.Data);
        var again = Assert.Single(await scheduler.UntilAsync([job], described => described["attempts"]!.AsArray().Count == 1 && Scheduler.Status(described) == "RUNNING"));

        Assert.StartsWith("Host EC2", (string)again["attempts"]![0]!["statusReason"]!, StringComparison.Ordinal);
        Assert.Equal(["start 1", "start 2"], scheduler.Starts(job));
        var first = int.Parse((await File.ReadAllLinesAsync(pids))[0], System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.True(() => !Supervisors.IsAlive(first));
        _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = job, reason = "seen" });
        _ = await scheduler.UntilEndedAsync([job]);
    }
}
