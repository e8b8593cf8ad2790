using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>Modelled hosts with real processes on them.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Replacing_a_host_stops_its_process_and_the_next_attempt_begins_only_when_that_is_gone()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await SetUpAsync(scheduler);
        var witness = Path.Combine(scheduler.Witnesses, "order");
        var job = await scheduler.SubmitAsync(
            $"trap 'sleep 2; echo gone >> {witness}; exit 0' TERM; echo up >> {witness}; [ $AWS_BATCH_JOB_ATTEMPT = 2 ] && exit 0; while :; do sleep 0.1; done", attempts: 2);
        _ = await scheduler.UntilRunningAsync([job]);
        await Eventually.True(() => File.Exists(witness));
        var host = (string)(await HostsAsync(scheduler))[0]!["hostId"]!;

        _ = await UpdateAsync(scheduler, terminate: true);
        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));

        Assert.Equal("SUCCEEDED", Scheduler.Status(ended));
        Assert.Equal(["up", "gone", "up"], await File.ReadAllLinesAsync(witness));
        Assert.Equal($"Host EC2 (instance {host}) terminated.", (string)ended["attempts"]![0]!["statusReason"]!);
        await UntilValidAsync(scheduler);
        Assert.DoesNotContain(await HostsAsync(scheduler), left => (string)left!["hostId"]! == host);
    }

    [Fact]
    public async Task An_update_that_was_stored_when_the_program_was_killed_goes_on_and_the_running_job_ends_as_it_would()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(new Dictionary<string, string> { ["OrleansBatch__KillAt"] = "UpdatedNotReplaced", ["OrleansBatch__KillAtCount"] = "1" });
        await SetUpAsync(scheduler);
        var gate = Path.Combine(scheduler.Witnesses, "gate");
        var job = await scheduler.SubmitAsync($"while [ ! -e {gate} ]; do sleep 0.1; done; exit 6");
        _ = await scheduler.UntilRunningAsync([job]);

        await Assert.ThrowsAsync<HttpRequestException>(() => UpdateAsync(scheduler, terminate: false));
        await scheduler.Silo.Exited;
        await scheduler.StartAsync();
        await Eventually.True(() => (string)HostsAsync(scheduler).GetAwaiter().GetResult()[0]!["state"]! == "DRAINING");
        await File.WriteAllTextAsync(gate, "");

        Assert.Equal(6, (int)Assert.Single(await scheduler.UntilEndedAsync([job]))["container"]!["exitCode"]!);
        await UntilValidAsync(scheduler);
        Assert.Equal(["start 1"], scheduler.Starts(job));
    }

    [Fact]
    public async Task A_host_that_was_stored_when_the_program_was_killed_is_the_one_that_takes_the_job_and_goes_when_idle()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(new Dictionary<string, string> { ["OrleansBatch__KillAt"] = "HostStored", ["OrleansBatch__KillAtCount"] = "1" });
        await SetUpAsync(scheduler);
        var job = await scheduler.SubmitAsync("exit 0");
        await scheduler.Silo.Exited;

        // The second time the end of the host is stored, and the program dies before it counts with that.
        var settings = new Dictionary<string, string> { ["OrleansBatch__KillAt"] = "HostStored", ["OrleansBatch__KillAtCount"] = "1", ["OrleansBatch__HostIdleDelay"] = "00:00:05" };
        await scheduler.StartAsync(settings);
        _ = await scheduler.UntilEndedAsync([job]);
        var hosts = await HostsAsync(scheduler);
        await scheduler.Silo.Exited;
        await scheduler.StartAsync();

        Assert.Single(hosts);
        Assert.Empty(await HostsAsync(scheduler));
        Assert.Equal(["start 1"], scheduler.Starts(job));
        Assert.Equal("SUCCEEDED", Scheduler.Status(await scheduler.DescribeAsync(job)));
    }

    [Fact]
    public async Task The_operators_catalogue_replaces_the_built_in_one_and_a_wrong_one_is_named()
    {
        await using var scheduler = new Scheduler();
        var file = Path.Combine(scheduler.Witnesses, "types.json");
        await File.WriteAllTextAsync(
            file,
            """{"instanceTypes":[{"type":"own.one","vcpus":1,"memoryMiB":4096,"usdPerHour":0.5}],"bundles":{"default_arm64":["own"]},"fargate":{"usdPerVcpuHour":1,"usdPerGiBHour":1,"spotDiscountPercent":50}}""");
        await scheduler.StartAsync(null, "--instance-catalogue", file);
        await scheduler.SetUpAsync(maxvCpus: 1);
        var job = await scheduler.SubmitAsync("exit 0");
        _ = await scheduler.UntilEndedAsync([job]);
        Assert.Equal("own.one", (string)(await HostsAsync(scheduler))[0]!["instanceType"]!);

        await File.WriteAllTextAsync(file, """{"instanceTypes":[{"type":"own.one"}]}""");
        await using var wrong = SiloProcess.Launch(["--data", Path.Combine(scheduler.Witnesses, "other"), "--port", "0", "--instance-catalogue", file]);
        await wrong.Exited;
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("types.json cannot be used", wrong.WholeOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", wrong.WholeOutput, StringComparison.Ordinal);
    }

    private static async Task SetUpAsync(Scheduler scheduler)
    {
        await scheduler.SetUpAsync(maxvCpus: 1);
        _ = await scheduler.Client.CallAsync("CreateComputeEnvironment", new
        {
            computeEnvironmentName = "swapped",
            type = "MANAGED",
            computeResources = new
            {
                type = "EC2",
                allocationStrategy = "BEST_FIT_PROGRESSIVE",
                minvCpus = 0,
                maxvCpus = 4,
                instanceTypes = new[] { "c5.large" },
                instanceRole = "ecsInstanceRole",
                subnets = new[] { "subnet-1" },
                securityGroupIds = new[] { "sg-1" },
            },
        });
        _ = await scheduler.Client.CallAsync("UpdateJobQueue", new
        {
            jobQueue = Scheduler.Name,
            computeEnvironmentOrder = new[] { new { order = 1, computeEnvironment = "swapped" } },
        });
    }

    private static Task<System.Text.Json.Nodes.JsonObject> UpdateAsync(Scheduler scheduler, bool terminate) => scheduler.Client.CallAsync("UpdateComputeEnvironment", new
    {
        computeEnvironment = "swapped",
        computeResources = new { instanceTypes = new[] { "m5.large" } },
        updatePolicy = new { terminateJobsOnUpdate = terminate },
    });

    private static async Task<System.Text.Json.Nodes.JsonArray> HostsAsync(Scheduler scheduler)
    {
        var swapped = (await scheduler.Client.CallAsync("DescribeComputeEnvironments", new { computeEnvironments = new[] { "swapped" } }))["computeEnvironments"]!.AsArray();
        var name = swapped.Count > 0 ? "swapped" : Scheduler.Name;
        return (await scheduler.Client.GetAsync($"/api/compute-environments/{name}/hosts?history=false"))["hosts"]!.AsArray();
    }

    private static Task UntilValidAsync(Scheduler scheduler) => Eventually.True(() =>
        (string)scheduler.Client.CallAsync("DescribeComputeEnvironments", new { computeEnvironments = new[] { "swapped" } })
            .GetAwaiter().GetResult()["computeEnvironments"]![0]!["status"]! == "VALID");
}
