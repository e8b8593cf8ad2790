using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>What jobs may use, and what operators give them, as a client sees it.</summary>
public sealed class LimitTests
{
    // Keeps all it reads until a line ends, and none ever does.
    private const string Greedy = "exec tail /dev/zero";

    [Fact]
    public async Task A_job_over_its_memory_limit_is_killed_alone_and_says_so()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        Assert.SkipUnless(scheduler.Silo.WholeOutput.Contains("Jobs are limited", StringComparison.Ordinal), "Control groups are not permitted here.");
        await scheduler.SetUpAsync(maxvCpus: 4);
        var other = await scheduler.SubmitAsync("exec sleep 600");
        _ = await scheduler.UntilRunningAsync([other]);

        var greedy = await scheduler.SubmitAsync(Greedy, attempts: 2);
        var ended = Assert.Single(await scheduler.UntilEndedAsync([greedy]));

        Assert.Equal("FAILED", Scheduler.Status(ended));
        Assert.Equal(137, (int)ended["container"]!["exitCode"]!);
        Assert.Equal("OutOfMemoryError: Container killed due to memory usage", (string?)ended["container"]!["reason"]);
        Assert.Equal("Essential container in task exited", (string?)ended["statusReason"]);
        Assert.Equal("enforced", (string?)ended["orleansBatch"]!["limits"]);
        Assert.Equal(2, ended["attempts"]!.AsArray().Count);
        Assert.All(ended["attempts"]!.AsArray(), attempt =>
        {
            Assert.InRange((double)attempt!["orleansBatch"]!["peakMemoryMiB"]!, 60, 64);
            Assert.True((double)attempt["orleansBatch"]!["cpuSeconds"]! > 0);
        });
        Assert.Equal("RUNNING", Scheduler.Status(await scheduler.DescribeAsync(other)));
        _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = other, reason = "seen" });
        _ = await scheduler.UntilEndedAsync([other]);
    }

    [Fact]
    public async Task Without_limits_the_log_and_the_jobs_description_say_so()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(null, "--no-limits");
        await scheduler.SetUpAsync(maxvCpus: 4);

        var ended = Assert.Single(await scheduler.UntilEndedAsync([await scheduler.SubmitAsync("exit 0")]));

        Assert.Contains("Jobs run without limits of memory, processors and processes: switched off", scheduler.Silo.WholeOutput, StringComparison.Ordinal);
        Assert.Equal("not enforced: switched off", (string?)ended["orleansBatch"]!["limits"]);
        Assert.True((double)ended["attempts"]![0]!["orleansBatch"]!["cpuSeconds"]! > 0);
    }

    [Fact]
    public async Task Variables_of_environment_and_queue_reach_jobs_and_are_shown_nowhere()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        await PutAsync(scheduler, "compute-environments", new() { ["A"] = "environment", ["B"] = "environment-secret" });
        await PutAsync(scheduler, "job-queues", new() { ["B"] = "queue-secret", ["C"] = "queue" });

        // They outlive the program.
        await scheduler.KillAsync();
        await scheduler.StartAsync();
        var ended = Assert.Single(await scheduler.UntilEndedAsync([await scheduler.SubmitAsync("echo $A $B $C")]));

        Assert.Equal(["environment queue-secret queue"], await scheduler.LogAsync(ended));
        Assert.DoesNotContain("-secret", ended.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("-secret", (await scheduler.Client.CallAsync("DescribeJobQueues", new { })).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("-secret", (await scheduler.Client.CallAsync("DescribeComputeEnvironments", new { })).ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task PutAsync(Scheduler scheduler, string kind, Dictionary<string, string> variables)
    {
        using var http = new HttpClient { BaseAddress = scheduler.Silo.Endpoint };
        using var answer = await http.PutAsJsonAsync($"/api/{kind}/{Scheduler.Name}/job-environment", new { variables });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal(2, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["names"]!.AsArray().Count);
    }
}
