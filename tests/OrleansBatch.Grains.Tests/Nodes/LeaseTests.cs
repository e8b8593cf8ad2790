using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>A node's lease of 60 s: with 30 s of grace and 10 s of margin it is lost 100 s after its row last moved.</summary>
public sealed class LeaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-lease-").FullName;
    private readonly FakeAgent _one = new() { NodeId = "i-00000000000000001", Lease = TimeSpan.FromSeconds(60) };
    private readonly FakeAgent _two = new() { NodeId = "i-00000000000000002", Lease = TimeSpan.FromSeconds(60) };

    private string Database => Path.Combine(_folder, "batch.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_runs_on_a_node_whose_lease_lapsed_ends_as_host_lost_and_is_tried_again_elsewhere()
    {
        await using var batch = await StartAsync();
        var queue = await SetUpAsync(batch);
        await batch.SubmitAsync(queue, attempts: 2);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(order, _one);
        await batch.ConnectAsync(_two);

        batch.Clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(NodeRenewal.Renewed, await batch.NodeOf(_two).Renew(_two.Incarnation, CancellationToken.None));
        batch.Clock.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal("RUNNING", await batch.StateAsync(order.Attempt.JobId));
        batch.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(order.Attempt with { Fence = 2 }, (await Batch.LaunchOnAsync(_two, queue)).Attempt);
        var lost = Assert.Single((await batch.DescribeAsync(order.Attempt.JobId)).Attempts);
        Assert.Matches("^Host EC2 \\(instance i-[0-9a-f]{17}\\) terminated\\.$", lost.StatusReason);
        Assert.Null(lost.Container!.ExitCode);
        Assert.Equal("Its lease has run out.", await _one.Closed.ReadAsync());
        Assert.Equal((NodeState.Lost, NodeState.Connected), ((await batch.NodeRowAsync(_one)).State, (await batch.NodeRowAsync(_two)).State));
        await Batch.UntilAsync(async () => (await batch.InUseAsync(queue)).VcpuMillis == 1_000);
        await Batch.UntilAsync(async () => (await batch.Hosts.ListEndedAsync(new(Batch.Scope, queue), null, 10, CancellationToken.None))
            .Any(host => host.NodeId == _one.NodeId && host.EndReason == $"its node {_one.NodeId} was lost"));
    }

    [Fact]
    public async Task Whoever_renews_in_time_is_never_lost()
    {
        await using var batch = await StartAsync();
        for (var n = 0; n < 10; n++)
        {
            batch.Clock.Advance(TimeSpan.FromSeconds(99));
            Assert.Equal(NodeRenewal.Renewed, await batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None));
        }

        var row = await batch.NodeRowAsync(_one);
        Assert.Equal((NodeState.Connected, 10, 11), (row.State, row.Renewals, row.Version));
    }

    [Fact]
    public async Task A_lost_incarnation_is_refused_whatever_it_says_and_another_one_serves()
    {
        await using var batch = await StartAsync();
        var queue = await SetUpAsync(batch);
        await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(order, _one);
        batch.Clock.Advance(TimeSpan.FromSeconds(101));
        await batch.UntilAsync(order.Attempt.JobId, "FAILED");

        Assert.Equal(NodeRenewal.Lost, await batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None));
        await Assert.ThrowsAsync<NodeLostException>(() => batch.ExitedAsync(order, 0, _one));
        await Assert.ThrowsAsync<NodeLostException>(() => batch.NodeOf(_one).Leave(_one.Incarnation, CancellationToken.None));
        Assert.Contains("was declared lost", (await batch.ConnectAsync(_one, order.Attempt)).Refused, StringComparison.Ordinal);
        Assert.Equal("FAILED", (await batch.DescribeAsync(order.Attempt.JobId)).Status);

        var former = _one.Incarnation;
        _one.Incarnation = "boot/next";
        Assert.Null((await batch.ConnectAsync(_one)).Refused);
        var next = await batch.SubmitAsync(queue);
        Assert.Equal(next, (await Batch.LaunchOnAsync(_one, queue)).Attempt.JobId);

        // Also when another has come since.
        Assert.Equal(NodeRenewal.Lost, await batch.NodeOf(_one).Renew(former, CancellationToken.None));
        _one.Incarnation = former;
        Assert.Contains("boot/next came after it", (await batch.ConnectAsync(_one)).Refused, StringComparison.Ordinal);
        Assert.Equal("boot/next", (await batch.NodeRowAsync(_one)).Incarnation);
    }

    [Fact]
    public async Task An_activation_that_was_left_behind_neither_renews_nor_declares()
    {
        await using var batch = await StartAsync();
        var queue = await SetUpAsync(batch);
        await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(order, _one);

        // As another activation would: the one that is here does not know of it.
        await RenewElsewhereAsync(batch);
        await Assert.ThrowsAsync<JobStoreException>(() => batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None));
        Assert.Equal(NodeRenewal.RenewedSayHello, await batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None));

        await RenewElsewhereAsync(batch);
        batch.Clock.Advance(TimeSpan.FromSeconds(101));
        await Batch.UntilAsync(async () => await RenewsAsync(batch));

        Assert.Equal(NodeState.Connected, (await batch.NodeRowAsync(_one)).State);
        Assert.Equal("RUNNING", (await batch.DescribeAsync(order.Attempt.JobId)).Status);
    }

    [Fact]
    public async Task A_new_activation_waits_as_long_as_if_the_lease_had_just_been_renewed()
    {
        await using var batch = await StartAsync();
        batch.Clock.Advance(TimeSpan.FromSeconds(99));
        await batch.Cluster.DeactivateAsync(batch.NodeOf(_one));
        await batch.Keeper.LookAsync(CancellationToken.None);

        batch.Clock.Advance(TimeSpan.FromSeconds(99));
        Assert.Equal(NodeState.Connected, (await batch.NodeRowAsync(_one)).State);
        batch.Clock.Advance(TimeSpan.FromSeconds(2));

        await Batch.UntilAsync(async () => (await batch.NodeRowAsync(_one)).State == NodeState.Lost);
    }

    [Fact]
    public async Task A_loss_that_was_stored_and_never_told_is_told_by_whoever_looks_next()
    {
        string queue;
        LaunchOrder order;
        await using (var before = await StartAsync())
        {
            queue = await SetUpAsync(before);
            await before.SubmitAsync(queue);
            order = await Batch.LaunchOnAsync(_one, queue);
            await before.StartedAsync(order, _one);
            var row = await before.NodeRowAsync(_one);
            await before.Service<INodeStore>().WriteAsync(row with { Version = row.Version + 1, State = NodeState.Lost }, CancellationToken.None);
        }

        await using var after = await Batch.StartAsync(Database, _two);
        await after.Keeper.LookAsync(CancellationToken.None);

        await after.UntilAsync(order.Attempt.JobId, "FAILED");
        await Batch.UntilAsync(async () => (await after.InUseAsync(queue)).VcpuMillis == 0);
    }

    [Fact]
    public async Task What_is_placed_on_a_node_after_its_loss_is_lost()
    {
        await using var batch = await StartAsync();
        var queue = await SetUpAsync(batch);
        await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);
        batch.Clock.Advance(TimeSpan.FromSeconds(101));
        await batch.UntilAsync(order.Attempt.JobId, "FAILED");
        var late = await batch.SubmitAsync(queue);

        // Its environment had not heard of the loss.
        var environment = batch.Grains.GetGrain<IComputeEnvironmentGrain>(new ScopedName(Batch.Scope, queue).Key);
        var placed = await batch.Grains.GetGrain<IJobGrain>(late).Place(
            new()
            {
                Environment = new(Batch.Scope, queue),
                ClusterName = "cluster",
                Epoch = (await environment.Reserve([], "queue", long.MaxValue, CancellationToken.None)).Epoch,
                ReservationId = "late",
                NodeId = _one.NodeId,
                Incarnation = _one.Incarnation,
            },
            CancellationToken.None);
        await batch.NodeOf(_one).Launch([placed.Order!], CancellationToken.None);

        await batch.UntilAsync(late, "FAILED");
        Assert.Single(_one.Launches);
    }

    [Fact]
    public async Task The_agent_of_a_silos_own_process_is_never_lost_by_time()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await batch.SetUpAsync(maxvCpus: 1);
        var job = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await batch.LaunchOfAsync(queue));

        batch.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(NodeRenewal.Renewed, await batch.Node.Renew(batch.Agent.Incarnation, CancellationToken.None));
        Assert.Equal(("RUNNING", 1), ((await batch.DescribeAsync(job)).Status, (await batch.NodeRowAsync(batch.Agent)).Version));
    }

    [Fact]
    public async Task A_node_that_left_and_has_something_after_all_is_lost_in_the_end()
    {
        await using var batch = await StartAsync();
        var queue = await SetUpAsync(batch);
        await batch.NodeOf(_one).Leave(_one.Incarnation, CancellationToken.None);
        Assert.Equal(NodeState.Gone, (await batch.NodeRowAsync(_one)).State);
        await batch.ConnectAsync(_one);
        await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);

        var row = await batch.NodeRowAsync(_one);
        await batch.Service<INodeStore>().WriteAsync(row with { Version = row.Version + 1, State = NodeState.Gone }, CancellationToken.None);
        await batch.Cluster.DeactivateAsync(batch.NodeOf(_one));
        await batch.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal(NodeState.Leaving, (await batch.NodeRowAsync(_one)).State);
        batch.Clock.Advance(TimeSpan.FromSeconds(101));

        await batch.UntilAsync(order.Attempt.JobId, "FAILED");
    }

    private async Task<Batch> StartAsync()
    {
        var batch = await Batch.StartAsync(Database, connects: false);
        await batch.ConnectAsync(_one);
        return batch;
    }

    private static async Task<string> SetUpAsync(Batch batch)
    {
        var name = $"m-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(name, 4, instanceTypes: ["machine.1"]);
        await batch.CreateQueueAsync(name, name);
        await batch.RegisterAsync(name);
        return name;
    }

    private async Task RenewElsewhereAsync(Batch batch)
    {
        var row = await batch.NodeRowAsync(_one);
        Assert.True(await batch.Service<INodeStore>().WriteAsync(row with { Version = row.Version + 1 }, CancellationToken.None));
    }

    private async Task<bool> RenewsAsync(Batch batch)
    {
        try
        {
            return await batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None) != NodeRenewal.Lost;
        }
        catch (JobStoreException)
        {
            return false;
        }
    }
}
