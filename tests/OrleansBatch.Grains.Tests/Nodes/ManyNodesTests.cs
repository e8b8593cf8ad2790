using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>Environments with several nodes: each test has a scheduler and a database of its own.</summary>
public sealed class ManyNodesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-nodes-").FullName;
    private readonly FakeAgent _one = new() { NodeId = "i-00000000000000001", Lease = TimeSpan.FromSeconds(60) };
    private readonly FakeAgent _two = new() { NodeId = "i-00000000000000002", Lease = TimeSpan.FromSeconds(60), Capacity = new() { VcpuMillis = 8_000, MemoryMiB = 32_000 } };
    private readonly FakeAgent _pooled = new() { NodeId = "i-00000000000000003", Lease = TimeSpan.FromSeconds(60), Joins = ["gpu"] };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_agent_is_a_host_of_an_UNMANAGED_environment_with_what_it_really_has()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = await batch.SetUpUnmanagedAsync(vcpus: 3);

        var jobs = new[] { await batch.SubmitAsync(queue), await batch.SubmitAsync(queue), await batch.SubmitAsync(queue) };
        var waits = await batch.SubmitAsync(queue);

        // Four vCPUs on one, eight on the other.
        var first = await Batch.LaunchOnAsync(_one, queue);
        var others = new[] { await Batch.LaunchOnAsync(_two, queue), await Batch.LaunchOnAsync(_two, queue) };
        Assert.Equal(jobs.Order(), others.Append(first).Select(order => order.Attempt.JobId).Order());
        Assert.Equal("RUNNABLE", await batch.StateAsync(waits));
        Assert.Equal(2, (await ReadAsync(batch, queue)).HostCount);
        await batch.ExitedAsync(first, 0, _one);
        Assert.Equal(waits, (await Batch.LaunchOnAsync(_one, queue)).Attempt.JobId);
    }

    [Fact]
    public async Task A_job_larger_than_every_agent_waits_for_a_larger_one()
    {
        await using var batch = await StartAsync(_one);
        var queue = await batch.SetUpUnmanagedAsync(vcpus: 6);
        var job = await batch.SubmitAsync(queue);
        await Batch.UntilAsync(async () => (await batch.StateAsync(job)).StartsWith("RUNNABLE: ", StringComparison.Ordinal));

        await batch.ConnectAsync(_two);

        Assert.Equal(job, (await Batch.LaunchOnAsync(_two, queue)).Attempt.JobId);
    }

    [Fact]
    public async Task An_environment_that_has_not_heard_of_a_nodes_next_incarnation_does_not_go_on_to_place_on_the_one_before()
    {
        await using var batch = await StartAsync(_one);
        var queue = await batch.SetUpUnmanagedAsync();
        await batch.SubmitAsync(queue);
        await batch.ExitedAsync(await Batch.LaunchOnAsync(_one, queue), 0, _one);

        // It died with its silo: the next one knows the nodes from their rows, and the environment only when that asks again, within a minute.
        await batch.Cluster.DeactivateAsync(batch.Grains.GetGrain<INodeRegistryGrain>(INodeRegistryGrain.Key));
        _one.Incarnation = "boot/next";
        await batch.ConnectAsync(_one);

        var first = await batch.SubmitAsync(queue);
        await batch.UntilAsync(first, "FAILED");
        Assert.Matches(@"^FAILED: Host EC2 \(instance i-[0-9a-f]{17}\) terminated\.$", await batch.StateAsync(first));
        var next = await batch.SubmitAsync(queue);
        Assert.Equal((next, "boot/next"), await Batch.LaunchOnAsync(_one, queue) is var order ? (order.Attempt.JobId, order.Incarnation) : default);
    }

    [Fact]
    public async Task A_hello_that_comes_after_a_newer_one_changes_nothing()
    {
        await using var batch = await StartAsync();
        var (late, newer) = (_one.Hello() with { Number = 1 }, _one.Hello() with { Number = 2 });
        var connection = batch.Grains.CreateObjectReference<INodeConnection>(_one);
        _ = await batch.NodeOf(_one).Connect(newer, connection, CancellationToken.None);
        var queue = await batch.SetUpUnmanagedAsync();
        var job = await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(order, _one);

        // What it says the agent has was so before the launch.
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.NodeOf(_one).Connect(late, connection, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.NodeOf(_one).Connect(newer, connection, CancellationToken.None));

        Assert.Equal("RUNNING", await batch.StateAsync(job));
        await batch.Cluster.DeactivateAsync(batch.NodeOf(_one));
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.NodeOf(_one).Connect(late, connection, CancellationToken.None));
        Assert.Null((await batch.NodeOf(_one).Connect(_one.Hello(order.Attempt) with { Number = 3 }, connection, CancellationToken.None)).Refused);
        Assert.Equal("RUNNING", await batch.StateAsync(job));
    }

    [Fact]
    public async Task What_a_node_reports_of_an_attempt_on_another_node_does_not_count()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = await batch.SetUpUnmanagedAsync(vcpus: 3);
        _ = await batch.SubmitAsync(queue);
        _ = await batch.SubmitAsync(queue);
        _ = await batch.SubmitAsync(queue);
        var onOne = await Batch.LaunchOnAsync(_one, queue);
        var onTwo = await Batch.LaunchOnAsync(_two, queue);
        await batch.StartedAsync(onOne, _one);

        // It is told to forget what it cannot have: nobody asks it for this again.
        await batch.ExitedAsync(onOne, 0, _two);
        // Nor is what is held elsewhere freed by an attempt that is over, whatever reservation it names.
        await batch.ExitedAsync(onTwo with { ReservationId = onOne.ReservationId, Attempt = onTwo.Attempt with { Fence = 0 } }, 0, _two);

        Assert.Equal("RUNNING", await batch.StateAsync(onOne.Attempt.JobId));
        Assert.Equal(9_000, (await batch.InUseAsync(queue)).VcpuMillis);
        await batch.ExitedAsync(onOne, 3, _one);
        Assert.StartsWith("FAILED", await batch.StateAsync(onOne.Attempt.JobId), StringComparison.Ordinal);
        Assert.Equal(6_000, (await batch.InUseAsync(queue)).VcpuMillis);
    }

    [Fact]
    public async Task Modelled_hosts_are_backed_by_the_node_that_carries_least()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = await SetUpManagedAsync(batch, hosts: 6);
        foreach (var _ in Enumerable.Range(0, 6))
        {
            await batch.SubmitAsync(queue);
        }

        // Twice as many on the one that has twice the vCPUs.
        for (var n = 0; n < 6; n++)
        {
            _ = await Batch.LaunchOnAsync(n < 2 ? _one : _two, queue);
        }

        var rows = await batch.Hosts.ReadLiveAsync(new(Batch.Scope, queue), CancellationToken.None);
        Assert.Equal([_one.NodeId, _one.NodeId, _two.NodeId, _two.NodeId, _two.NodeId, _two.NodeId], rows.Select(row => row.NodeId).Order());
    }

    [Fact]
    public async Task Attempts_on_Fargate_are_spread_in_the_same_way()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = $"f-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(queue, 8, "FARGATE");
        await batch.CreateQueueAsync(queue, queue);
        await batch.RegisterOnFargateAsync(queue);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await batch.SubmitAsync(queue);
        }

        _ = await Batch.LaunchOnAsync(_one, queue);
        _ = await Batch.LaunchOnAsync(_two, queue);
        _ = await Batch.LaunchOnAsync(_two, queue);
    }

    [Fact]
    public async Task A_pool_is_served_by_those_that_join_it_and_by_nobody_else()
    {
        await using var batch = await StartAsync(_one);
        var pooled = await batch.SetUpUnmanagedAsync(pool: "gpu");
        var open = await batch.SetUpUnmanagedAsync();
        var (inPool, inOpen) = (await batch.SubmitAsync(pooled), await batch.SubmitAsync(open));
        Assert.Equal(inOpen, (await Batch.LaunchOnAsync(_one, open)).Attempt.JobId);
        Assert.Equal("RUNNABLE", (await batch.DescribeAsync(inPool)).Status);

        await batch.ConnectAsync(_pooled);

        Assert.Equal(inPool, (await Batch.LaunchOnAsync(_pooled, pooled)).Attempt.JobId);
        Assert.Equal(1, (await ReadAsync(batch, open)).HostCount);
    }

    [Fact]
    public async Task An_environment_whose_tag_names_a_pool_is_served_by_it_from_then_on()
    {
        await using var batch = await StartAsync(_one, _pooled);
        var queue = await batch.SetUpUnmanagedAsync();
        var arn = (await batch.Environments.Describe(new() { ComputeEnvironments = [queue] }, CancellationToken.None)).ComputeEnvironments.Single().ComputeEnvironmentArn;

        await batch.Tags.Tag(new() { ResourceArn = arn, Tags = new Dictionary<string, string> { ["orleansbatch:pool"] = "gpu" } }, CancellationToken.None);
        var job = await batch.SubmitAsync(queue);

        Assert.Equal(job, (await Batch.LaunchOnAsync(_pooled, queue)).Attempt.JobId);
        var refused = await Assert.ThrowsAsync<BatchClientException>(() => batch.Tags.Tag(
            new() { ResourceArn = arn, Tags = new Dictionary<string, string> { ["orleansbatch:pool"] = "no name" } }, CancellationToken.None));
        Assert.Contains("no name", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_environments_share_a_node()
    {
        await using var batch = await StartAsync(_one);
        var (machine, modelled) = (await batch.SetUpUnmanagedAsync(), await SetUpManagedAsync(batch, hosts: 1));
        await batch.SubmitAsync(machine);
        await batch.SubmitAsync(modelled);
        var orders = new[] { await Batch.LaunchOnAsync(_one, machine), await Batch.LaunchOnAsync(_one, modelled) };

        await LoseAsync(batch, _one);

        foreach (var order in orders)
        {
            await batch.UntilAsync(order.Attempt.JobId, "FAILED");
        }

        await Batch.UntilAsync(async () => (await batch.InUseAsync(machine)).VcpuMillis + (await batch.InUseAsync(modelled)).VcpuMillis == 0);
    }

    [Fact]
    public async Task Nodes_of_a_multi_node_job_are_on_different_agents()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = $"g-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(queue, 8, instanceTypes: ["machine.4"]);
        await batch.CreateQueueAsync(queue, queue);
        await batch.RegisterNodesAsync(queue, nodes: 2);
        var job = await batch.SubmitAsync(queue);

        var main = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(main, _one);
        var other = await Batch.LaunchOnAsync(_two, queue);
        await batch.StartedAsync(other, _two);
        await batch.ExitedAsync(other, 0, _two);
        await batch.ExitedAsync(main, 0, _one);

        Assert.Equal("SUCCEEDED", (await batch.DescribeAsync(job)).Status);
    }

    [Fact]
    public async Task Nothing_new_comes_to_a_node_that_leaves_and_it_is_gone_with_its_last_attempt()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = await batch.SetUpUnmanagedAsync(vcpus: 4);
        await batch.SubmitAsync(queue);
        var running = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(running, _one);

        await batch.NodeOf(_one).Leave(_one.Incarnation, CancellationToken.None);
        await batch.SubmitAsync(queue);
        _ = await Batch.LaunchOnAsync(_two, queue);
        Assert.Equal(NodeState.Leaving, (await batch.NodeRowAsync(_one)).State);

        await batch.ExitedAsync(running, 0, _one);
        await batch.Keeper.LookAsync(CancellationToken.None);

        Assert.Equal("SUCCEEDED", (await batch.DescribeAsync(running.Attempt.JobId)).Status);
        Assert.Equal(NodeState.Gone, (await batch.NodeRowAsync(_one)).State);
        await Batch.UntilAsync(async () => (await ReadAsync(batch, queue)).HostCount == 1);
    }

    [Fact]
    public async Task Modelled_hosts_go_with_the_node_that_leaves()
    {
        await using var batch = await StartAsync(_one, _two);
        var queue = await SetUpManagedAsync(batch, hosts: 2);
        await batch.SubmitAsync(queue);
        await batch.SubmitAsync(queue);
        var (leaves, stays) = (await Batch.LaunchOnAsync(_one, queue), await Batch.LaunchOnAsync(_two, queue));

        await batch.NodeOf(_one).Leave(_one.Incarnation, CancellationToken.None);
        await batch.ExitedAsync(leaves, 0, _one);

        await Batch.UntilAsync(async () => (await batch.Hosts.ListEndedAsync(new(Batch.Scope, queue), null, 10, CancellationToken.None)) is [{ NodeId: { } node } row]
            && node == _one.NodeId && row.EndReason!.Contains("is leaving", StringComparison.Ordinal));
        await batch.SubmitAsync(queue);
        _ = await Batch.LaunchOnAsync(_two, queue);
        await batch.ExitedAsync(stays, 0, _two);
    }

    [Fact]
    public async Task What_an_agent_does_not_confirm_it_is_given_again_over_its_next_connection_and_others_serve_meanwhile()
    {
        await using var batch = await StartAsync(_one);
        var queue = await batch.SetUpUnmanagedAsync(vcpus: 1);
        _one.IsAway = true;
        var kept = await batch.SubmitAsync(queue);
        await batch.UntilAsync(kept, "STARTING");
        await batch.ConnectAsync(_two);
        await Batch.UntilAsync(async () => (await batch.ReadHostsAsync(queue)).Any(host => host.HostId == _one.NodeId));

        // Nothing new comes to the one that does not answer.
        for (var n = 0; n < 8; n++)
        {
            await batch.SubmitAsync(queue);
            _ = await Batch.LaunchOnAsync(_two, queue);
        }

        var waits = await batch.SubmitAsync(queue);
        Assert.Equal("RUNNABLE", (await batch.DescribeAsync(waits)).Status);

        _one.IsAway = false;
        await batch.ConnectAsync(_one);

        Assert.Equal([kept, waits], [(await Batch.LaunchOnAsync(_one, queue)).Attempt.JobId, (await Batch.LaunchOnAsync(_one, queue)).Attempt.JobId]);
        Assert.All(_one.Launches.Keys, attempt => Assert.Equal(1, attempt.Fence));
    }

    [Fact]
    public async Task The_newest_connection_has_the_orders()
    {
        await using var batch = await StartAsync(_one);
        var queue = await batch.SetUpUnmanagedAsync();
        var newer = new FakeAgent { NodeId = _one.NodeId, Lease = _one.Lease };

        await batch.ConnectAsync(newer);

        Assert.Equal("A newer connection took over.", await _one.Closed.ReadAsync());
        var job = await batch.SubmitAsync(queue);
        Assert.Equal(job, (await Batch.LaunchOnAsync(newer, queue)).Attempt.JobId);
        Assert.Empty(_one.Launches);
    }

    [Fact]
    public async Task An_attempt_that_was_sent_while_the_hello_was_looked_at_is_not_lost()
    {
        var holds = new HookedStore.Holds();
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false, holds: holds);
        await batch.ConnectAsync(_one);
        var queue = await batch.SetUpUnmanagedAsync();
        var hold = holds.Next = new();

        var connecting = batch.ConnectAsync(_one);
        await hold.Reached.Task;
        var job = await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(order, _one);
        hold.Released.SetResult();
        await connecting;

        await batch.ExitedAsync(order, 0, _one);
        var ended = await batch.DescribeAsync(job);
        Assert.Equal(("SUCCEEDED", 1), (ended.Status, ended.Attempts.Count));
    }

    [Fact]
    public async Task What_runs_and_is_not_in_the_hello_is_lost()
    {
        await using var batch = await StartAsync(_one);
        var queue = await batch.SetUpUnmanagedAsync();
        var job = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await Batch.LaunchOnAsync(_one, queue), _one);

        await batch.ConnectAsync(_one);

        await batch.UntilAsync(job, "FAILED");
    }

    [Fact]
    public async Task A_log_is_read_through_the_node_that_ran_the_attempt_also_when_it_is_over()
    {
        await using var batch = await StartAsync(_one, _two);
        (_one.Log, _two.Log) = ("of one", "of two");
        var queue = await batch.SetUpUnmanagedAsync(vcpus: 4);
        await batch.SubmitAsync(queue);
        await batch.SubmitAsync(queue);
        var (first, second) = (await Batch.LaunchOnAsync(_one, queue), await Batch.LaunchOnAsync(_two, queue));
        await batch.StartedAsync(first, _one);
        await batch.ExitedAsync(second, 0, _two);

        Assert.Equal("of one", await LogAsync(batch, first));
        Assert.Equal("of two", await LogAsync(batch, second));

        _two.IsAway = true;
        Assert.Equal("of one", await LogAsync(batch, first));
    }

    [Fact]
    public async Task Without_an_agent_it_is_told_that_there_is_none()
    {
        await using var batch = await StartAsync();
        var (machine, modelled) = (await batch.SetUpUnmanagedAsync(), await SetUpManagedAsync(batch, hosts: 1));
        var jobs = new[] { await batch.SubmitAsync(machine), await batch.SubmitAsync(modelled) };

        foreach (var job in jobs)
        {
            var why = await batch.Jobs.Explain(job, CancellationToken.None);
            Assert.Equal("NO_HOSTS", why.Environments.Single().Outlook);
        }

    }

    private async Task<Batch> StartAsync(params FakeAgent[] agents)
    {
        var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        foreach (var agent in agents)
        {
            await batch.ConnectAsync(agent);
        }

        return batch;
    }

    private static async Task LoseAsync(Batch batch, FakeAgent agent)
    {
        batch.Clock.Advance(TimeSpan.FromSeconds(101));
        _ = await agent.Closed.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static async Task<string> SetUpManagedAsync(Batch batch, int hosts)
    {
        var name = $"m-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(name, hosts, instanceTypes: ["machine.1"]);
        await batch.CreateQueueAsync(name, name);
        await batch.RegisterAsync(name);
        return name;
    }

    private static async Task<string> LogAsync(Batch batch, LaunchOrder order) => (await batch.Grains.GetGrain<ILogsGrain>(Batch.Scope.Key).GetEvents(
        new() { LogGroupName = order.Log.Group, LogStreamName = order.Log.Stream }, CancellationToken.None)).Events.Single().Message;

    private static async Task<EnvironmentReading> ReadAsync(Batch batch, string environment) =>
        (await batch.Grains.GetGrain<IComputeEnvironmentGrain>(new ScopedName(Batch.Scope, environment).Key).Read(CancellationToken.None))!;
}
