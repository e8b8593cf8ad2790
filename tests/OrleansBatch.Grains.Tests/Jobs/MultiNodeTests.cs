using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Jobs;

/// <summary>Multi-node parallel jobs: all nodes have their hosts at once, the main one decides.</summary>
public sealed class MultiNodeTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task The_main_node_is_launched_first_and_the_others_when_it_runs()
    {
        var queue = await SetUpAsync(nodes: 3, main: 1);
        var job = await _batch.SubmitAsync(queue);

        var main = await _batch.LaunchOfAsync(queue);
        Assert.Equal($"{job}#1", main.Attempt.JobId);
        Assert.Equal(["STARTING", "STARTING", "STARTING"], await StatusesAsync(job, 3));
        Assert.False(_batch.Agent.ForQueue(queue).Reader.TryRead(out _));

        await _batch.StartedAsync(main);
        var others = await LaunchesAsync(queue, 2);

        Assert.Equal([$"{job}#0", $"{job}#2"], others.Select(order => order.Attempt.JobId));
        Assert.Equal("RUNNING", (await _batch.DescribeAsync(job)).Status);
        var address = (await _batch.DescribeAsync($"{job}#1")).Container!.NetworkInterfaces[0].PrivateIpv4Address;
        Assert.All(others, order => Assert.Equal(address, order.Environment.ToDictionary()["AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS"]));
        await EndAsync(queue, job, main, others);
        Assert.Equal("SUCCEEDED", (await _batch.DescribeAsync(job)).Status);
    }

    [Fact]
    public async Task Each_node_has_a_host_of_its_own_and_nothing_else_comes_there()
    {
        var queue = await SetUpAsync(nodes: 2);
        var job = await _batch.SubmitAsync(queue);
        var main = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(main);
        var others = await LaunchesAsync(queue, 1);

        // Two hosts of two vCPUs, of which each node needs one.
        Assert.Equal(4_000, (await _batch.InUseAsync(queue)).VcpuMillis);
        Assert.NotEqual(
            (await _batch.DescribeAsync($"{job}#0")).Container!.ContainerInstanceArn, (await _batch.DescribeAsync($"{job}#1")).Container!.ContainerInstanceArn);
        await _batch.RegisterAsync($"{queue}-single");
        var single = await _batch.SubmitAsync(queue, definition: $"{queue}-single");
        Assert.Equal("RUNNABLE", (await _batch.DescribeAsync(single)).Status);

        await _batch.ExitedAsync(others[0], 0);
        await _batch.ExitedAsync(main, 0);

        await _batch.LaunchesNextAsync(queue, single);
    }

    [Fact]
    public async Task Scenario_29_a_node_that_fails_does_not_fail_the_job()
    {
        var queue = await SetUpAsync(nodes: 2);
        var job = await _batch.SubmitAsync(queue);
        var main = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(main);
        await _batch.ExitedAsync(await _batch.LaunchOfAsync(queue), 1);

        Assert.Equal(["RUNNING", "FAILED"], await StatusesAsync(job, 2));

        await _batch.ExitedAsync(main, 0);

        Assert.Equal(["SUCCEEDED", "FAILED"], await StatusesAsync(job, 2));
        var detail = await _batch.DescribeAsync(job);
        Assert.Equal(("SUCCEEDED", 0), (detail.Status, Assert.Single(detail.Attempts).Container!.ExitCode));
        await Batch.UntilAsync(async () => (await _batch.InUseAsync(queue)).VcpuMillis == 0);
    }

    [Fact]
    public async Task Scenario_30_a_main_node_that_fails_restarts_all_nodes_when_the_last_process_is_gone()
    {
        var queue = await SetUpAsync(nodes: 2);
        var job = await _batch.SubmitAsync(queue, attempts: 2);
        var main = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(main);
        var other = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(other);

        await _batch.ExitedAsync(main, 1);
        Assert.Equal(other.Attempt, (await _batch.StopOfAsync($"{job}#1")).Attempt);
        Assert.Equal("RUNNING", (await _batch.DescribeAsync(job)).Status);
        Assert.False(_batch.Agent.ForQueue(queue).Reader.TryRead(out _));

        await _batch.ExitedAsync(other, 143);
        var again = await _batch.LaunchOfAsync(queue);

        Assert.Equal(new AttemptId($"{job}#0", 2), again.Attempt);
        Assert.Equal("2", again.Environment.ToDictionary()["AWS_BATCH_JOB_ATTEMPT"]);
        Assert.Equal(["STARTING", "STARTING"], await StatusesAsync(job, 2));
        await _batch.StartedAsync(again);
        await EndAsync(queue, job, again, await LaunchesAsync(queue, 1));
        Assert.Equal([1, 0], (await _batch.DescribeAsync(job)).Attempts.Select(attempt => attempt.Container!.ExitCode ?? -1));
    }

    [Fact]
    public async Task A_job_waits_until_all_its_hosts_can_be_had_and_takes_none_before()
    {
        var queue = await SetUpAsync(nodes: 2);
        await _batch.RegisterAsync($"{queue}-single", vcpus: 2);
        _ = await _batch.SubmitAsync(queue, definition: $"{queue}-single");
        var single = await _batch.LaunchOfAsync(queue);
        var job = await _batch.SubmitAsync(queue);

        await Batch.UntilAsync(async () => (await _batch.InUseAsync(queue)).VcpuMillis == 2_000);
        Assert.Equal("RUNNABLE", (await _batch.DescribeAsync(job)).Status);
        await _batch.ExitedAsync(single, 0);

        Assert.Equal($"{job}#0", (await _batch.LaunchOfAsync(queue)).Attempt.JobId);
    }

    [Fact]
    public async Task A_job_that_waited_for_another_is_placed_when_that_has_succeeded()
    {
        var queue = await SetUpAsync(nodes: 2);
        await _batch.RegisterAsync($"{queue}-single", vcpus: 2);
        var first = await _batch.SubmitAsync(queue, definition: $"{queue}-single");
        var single = await _batch.LaunchOfAsync(queue);
        var job = await _batch.SubmitAsync(queue, dependsOn: [new() { JobId = first }]);
        Assert.Equal(("PENDING", "PENDING"), ((await _batch.DescribeAsync(job)).Status, (await _batch.DescribeAsync($"{job}#1")).Status));

        await _batch.ExitedAsync(single, 0);

        var main = await _batch.LaunchOfAsync(queue);
        Assert.Equal($"{job}#0", main.Attempt.JobId);
        await _batch.StartedAsync(main);
        await EndAsync(queue, job, main, await LaunchesAsync(queue, 1));
    }

    [Fact]
    public async Task A_job_that_no_environment_could_ever_take_says_so()
    {
        var queue = await SetUpAsync(nodes: 3, maxvCpus: 4);

        var job = await _batch.SubmitAsync(queue);

        await Batch.UntilAsync(async () =>
            (await _batch.StateAsync(job)).StartsWith("RUNNABLE: MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", StringComparison.Ordinal));
        await _batch.CancelAsync(job);
        Assert.Equal("FAILED: not needed", await _batch.StateAsync(job));
        Assert.Equal("FAILED: not needed", await _batch.StateAsync($"{job}#2"));
    }

    [Fact]
    public async Task Terminating_stops_every_node_and_the_job_fails_when_all_are_gone()
    {
        var queue = await SetUpAsync(nodes: 2);
        var job = await _batch.SubmitAsync(queue, attempts: 3);
        var main = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(main);
        var other = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(other);

        await _batch.TerminateAsync(job);
        _ = await _batch.StopOfAsync($"{job}#0");
        _ = await _batch.StopOfAsync($"{job}#1");
        await _batch.ExitedAsync(main, 143);
        Assert.Equal("RUNNING", (await _batch.DescribeAsync(job)).Status);
        await _batch.ExitedAsync(other, 143);

        Assert.Equal("FAILED: enough", await _batch.StateAsync(job));
        Assert.Equal("FAILED: enough", await _batch.StateAsync($"{job}#1"));
        await Assert.ThrowsAsync<BatchClientException>(() => _batch.TerminateAsync($"{job}#1"));
    }

    [Fact]
    public async Task Nodes_are_listed_with_their_index_and_events_follow_job_and_nodes()
    {
        var queue = await SetUpAsync(nodes: 2);
        var job = await _batch.SubmitAsync(queue);
        var main = await _batch.LaunchOfAsync(queue);

        var nodes = (await _batch.Jobs.List(new() { MultiNodeJobId = job, JobStatus = "STARTING" }, CancellationToken.None)).JobSummaryList;
        Assert.Equal([(0, true, 2), (1, false, 2)], nodes.Select(node => (node.NodeProperties!.NodeIndex!.Value, node.NodeProperties.IsMainNode!.Value, node.NodeProperties.NumNodes!.Value)));
        var whole = Assert.Single((await _batch.Jobs.List(new() { JobQueue = queue, JobStatus = "STARTING" }, CancellationToken.None)).JobSummaryList);
        Assert.Equal((job, 2, null), (whole.JobId, whole.NodeProperties!.NumNodes, whole.ArrayProperties));

        await _batch.StartedAsync(main);
        await EndAsync(queue, job, main, await LaunchesAsync(queue, 1));

        Assert.Equal(
            ["1 RUNNABLE", "2 STARTING", "3 RUNNING", "4 SUCCEEDED: Essential container in task exited"],
            (await _batch.EventsAsync(job)).Where(each => !each.EndsWith("SUBMITTED", StringComparison.Ordinal)));
        Assert.Equal(
            ["1 RUNNABLE", "2 STARTING", "3 RUNNING", "4 SUCCEEDED: Essential container in task exited"],
            (await _batch.EventsAsync($"{job}#1")).Where(each => !each.EndsWith("SUBMITTED", StringComparison.Ordinal)));
    }

    private async Task<string> SetUpAsync(int nodes, int main = 0, int? maxvCpus = null)
    {
        var name = $"t-{Guid.NewGuid():N}";
        await _batch.CreateEnvironmentAsync(name, maxvCpus ?? nodes * 2, instanceTypes: ["machine.2"]);
        await _batch.CreateQueueAsync(name, name);
        _ = await _batch.RegisterNodesAsync(name, nodes, main);
        return name;
    }

    private async Task<List<LaunchOrder>> LaunchesAsync(string queue, int count)
    {
        List<LaunchOrder> launches = [];
        while (launches.Count < count)
        {
            launches.Add(await _batch.LaunchOfAsync(queue));
        }

        return [.. launches.OrderBy(order => order.Attempt.JobId, StringComparer.Ordinal)];
    }

    private async Task EndAsync(string queue, string job, LaunchOrder main, List<LaunchOrder> others)
    {
        foreach (var other in others)
        {
            await _batch.ExitedAsync(other, 0);
        }

        await _batch.ExitedAsync(main, 0);
        await Batch.UntilAsync(async () => (await _batch.DescribeAsync(job)).Status == "SUCCEEDED" && (await _batch.InUseAsync(queue)).VcpuMillis == 0);
    }

    private async Task<IEnumerable<string>> StatusesAsync(string job, int nodes) =>
        (await Task.WhenAll(Enumerable.Range(0, nodes).Select(node => _batch.DescribeAsync($"{job}#{node}")))).Select(node => node.Status);
}
