using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>Multi-node parallel jobs with a real process for each node.</summary>
public sealed class MultiNodeTests
{
    [Fact]
    public async Task Nodes_find_the_main_node_by_its_address_and_the_job_ends_with_it()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await SetUpAsync(scheduler, nodes: 3);

        // The main node ends when it has heard from both others, who are told where it is.
        var job = await SubmitAsync(
            scheduler,
            $$"""
            if [ $AWS_BATCH_JOB_NODE_INDEX = $AWS_BATCH_JOB_MAIN_NODE_INDEX ]; then
              [ -z "$AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS" ] || exit 9
              until [ -e {{scheduler.Witnesses}}/said-1 ] && [ -e {{scheduler.Witnesses}}/said-2 ]; do sleep 0.05; done
              exit 0
            fi
            ping -c 1 $AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS > /dev/null 2>&1
            echo $AWS_BATCH_JOB_NUM_NODES $AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS > {{scheduler.Witnesses}}/said-$AWS_BATCH_JOB_NODE_INDEX
            trap 'echo stopped > {{scheduler.Witnesses}}/stopped-'$AWS_BATCH_JOB_NODE_INDEX'; exit 0' TERM
            while :; do sleep 0.05; done
            """);
        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));

        Assert.Equal("SUCCEEDED", Scheduler.Status(ended));
        Assert.Equal(3, (int)ended["nodeProperties"]!["numNodes"]!);
        var main = await scheduler.DescribeAsync($"{job}#0");
        var address = (string)main["container"]!["networkInterfaces"]![0]!["privateIpv4Address"]!;
        Assert.Equal([$"3 {address}"], await File.ReadAllLinesAsync(Path.Combine(scheduler.Witnesses, "said-1")));
        // Their processes were gone before the job was over.
        Assert.True(File.Exists(Path.Combine(scheduler.Witnesses, "stopped-1")));
        Assert.True(File.Exists(Path.Combine(scheduler.Witnesses, "stopped-2")));
        Assert.Equal("SUCCEEDED", Scheduler.Status(await scheduler.DescribeAsync($"{job}#2")));
        Assert.Equal([0, 1, 2], (await NodesAsync(scheduler, job, "SUCCEEDED")).Select(node => (int)node!["nodeProperties"]!["nodeIndex"]!));
    }

    [Fact]
    public async Task Scenario_29_a_node_that_exits_1_does_not_fail_the_job()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await SetUpAsync(scheduler, nodes: 2);

        var job = await SubmitAsync(
            scheduler,
            $"if [ $AWS_BATCH_JOB_NODE_INDEX = 1 ]; then touch {scheduler.Witnesses}/failed; exit 1; fi; until [ -e {scheduler.Witnesses}/failed ]; do sleep 0.05; done; exit 0");
        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));

        Assert.Equal("SUCCEEDED", Scheduler.Status(ended));
        Assert.Equal(("FAILED", 1), (Scheduler.Status(await scheduler.DescribeAsync($"{job}#1")), (int)(await scheduler.DescribeAsync($"{job}#1"))["container"]!["exitCode"]!));
    }

    [Fact]
    public async Task Scenario_30_a_main_node_that_exits_1_restarts_all_nodes_as_attempt_2()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await SetUpAsync(scheduler, nodes: 2);

        var job = await SubmitAsync(
            scheduler,
            $"if [ $AWS_BATCH_JOB_NODE_INDEX = 1 ]; then touch {scheduler.Witnesses}/up-$AWS_BATCH_JOB_ATTEMPT; sleep 600; fi; "
            + $"until [ -e {scheduler.Witnesses}/up-$AWS_BATCH_JOB_ATTEMPT ]; do sleep 0.05; done; exit $((2 - AWS_BATCH_JOB_ATTEMPT))",
            attempts: 2);
        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));

        Assert.Equal("SUCCEEDED", Scheduler.Status(ended));
        Assert.Equal([1, 0], ended["attempts"]!.AsArray().Select(attempt => (int)attempt!["container"]!["exitCode"]!));
        Assert.Equal(["start 1", "start 2"], scheduler.Starts($"{job}#0"));
        Assert.Equal(["start 1", "start 2"], scheduler.Starts($"{job}#1"));
    }

    [Fact]
    public async Task A_job_whose_nodes_were_half_launched_when_the_program_was_killed_runs_each_node_once()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(new Dictionary<string, string> { ["OrleansBatch__KillAt"] = "GangHalfLaunched", ["OrleansBatch__KillAtCount"] = "1" });
        await SetUpAsync(scheduler, nodes: 3);
        var job = await SubmitAsync(
            scheduler,
            $"touch {scheduler.Witnesses}/up-$AWS_BATCH_JOB_NODE_INDEX; until [ -e {scheduler.Witnesses}/up-0 ] && [ -e {scheduler.Witnesses}/up-1 ] && [ -e {scheduler.Witnesses}/up-2 ]; do sleep 0.05; done; exit 0");
        await scheduler.Silo.Exited;

        await scheduler.StartAsync();
        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));

        Assert.Equal("SUCCEEDED", Scheduler.Status(ended));
        Assert.All(Enumerable.Range(0, 3), node => Assert.Equal(["start 1"], scheduler.Starts($"{job}#{node}")));
        await Eventually.True(() => scheduler.InUseAsync().GetAwaiter().GetResult() == 0);
    }

    [Fact]
    public async Task Terminating_a_job_stops_the_processes_of_all_nodes()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await SetUpAsync(scheduler, nodes: 2);
        var job = await SubmitAsync(scheduler, "while :; do sleep 0.05; done", attempts: 3);
        _ = await scheduler.UntilRunningAsync([job]);
        await Eventually.True(() => scheduler.Starts($"{job}#1").Length == 1);

        _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = job, reason = "wrong input" });
        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));

        Assert.Equal(("FAILED", "wrong input"), (Scheduler.Status(ended), (string)ended["statusReason"]!));
        Assert.Equal(143, (int)(await scheduler.DescribeAsync($"{job}#1"))["container"]!["exitCode"]!);
        Assert.Single(scheduler.Starts($"{job}#0"));
    }

    private static async Task SetUpAsync(Scheduler scheduler, int nodes)
    {
        await scheduler.SetUpAsync(maxvCpus: nodes);
        await scheduler.SetUpNodesAsync(nodes);
    }

    private static Task<string> SubmitAsync(Scheduler scheduler, string script, int attempts = 1) =>
        scheduler.Client.SubmitAsync(scheduler.RequestOfNodes(script, attempts), null);

    private static async Task<JsonArray> NodesAsync(Scheduler scheduler, string job, string status) =>
        (await scheduler.Client.CallAsync("ListJobs", new { multiNodeJobId = job, jobStatus = status }))["jobSummaryList"]!.AsArray();
}
