using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>Three silos, agents of other programs, and a silo that dies.</summary>
public sealed class ClusterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-cluster-").FullName;
    private readonly FakeAgent _one = new() { NodeId = "i-00000000000000001", Lease = TimeSpan.FromSeconds(60) };
    private readonly FakeAgent _two = new() { NodeId = "i-00000000000000002", Lease = TimeSpan.FromSeconds(60) };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Orders_reach_an_agent_whose_stream_ends_in_another_silo_than_its_grain()
    {
        await using var batch = await StartAsync();
        for (var silo = 0; silo < 3; silo++)
        {
            var agent = new FakeAgent { NodeId = $"i-0000000000000001{silo}", Lease = TimeSpan.FromSeconds(60), Joins = [$"pool-{silo}"] };
            await batch.ConnectThroughAsync(silo, agent);
            var queue = await batch.SetUpUnmanagedAsync(pool: $"pool-{silo}");
            var job = await batch.SubmitAsync(queue);
            var order = await Batch.LaunchOnAsync(agent, queue);
            await batch.StartedAsync(order, agent);
            await batch.TerminateAsync(job);
            Assert.Equal(order.Attempt, (await agent.ForJob(job).Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20))).Attempt);
        }
    }

    [Fact]
    public async Task An_agent_that_reconnects_through_another_silo_goes_on()
    {
        await using var batch = await StartAsync();
        await batch.ConnectThroughAsync(0, _one);
        var queue = await batch.SetUpUnmanagedAsync();
        await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.StartedAsync(order, _one);

        await batch.ConnectThroughAsync(2, _one, order.Attempt);
        var next = await batch.SubmitAsync(queue);

        Assert.Equal(next, (await Batch.LaunchOnAsync(_one, queue)).Attempt.JobId);
        await batch.ExitedAsync(order, 0, _one);
        Assert.Equal("SUCCEEDED", (await batch.DescribeAsync(order.Attempt.JobId)).Status);
        Assert.All(_one.Launches.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task When_a_silo_dies_its_grains_answer_elsewhere_and_nothing_is_doubled()
    {
        await using var batch = await StartAsync();
        await batch.ConnectThroughAsync(1, _one);
        await batch.ConnectThroughAsync(2, _two);
        List<string> queues = [];
        List<string> jobs = [];
        List<(LaunchOrder Order, FakeAgent Agent)> running = [];
        for (var n = 0; n < 4; n++)
        {
            queues.Add(await batch.SetUpUnmanagedAsync(vcpus: 1));
            jobs.Add(await batch.SubmitAsync(queues[n], attempts: 2));
            running.Add(await LaunchOfAnyAsync(queues[n]));
            await batch.StartedAsync(running[n].Order, running[n].Agent);
        }

        // The one that holds the stream of the first agent, and whatever grains are there.
        await batch.Cluster.KillSiloAsync(batch.Cluster.Silos.Single(silo => silo.SiloAddress == batch.Cluster.GetActiveSilos().ElementAt(1).SiloAddress));
        foreach (var queue in queues)
        {
            jobs.Add(await AgainAsync(() => batch.SubmitAsync(queue, attempts: 2, invocation: $"again-{queue}")));
        }

        await AgainAsync(() => batch.ConnectThroughAsync(0, _one, running.Where(one => one.Agent == _one).Select(one => one.Order.Attempt)));
        foreach (var (order, agent) in running)
        {
            await AgainAsync(async () =>
            {
                await batch.ExitedAsync(order, 0, agent);
                return true;
            });
        }

        await AgainAsync(async () =>
        {
            await batch.Keeper.LookAsync(CancellationToken.None);
            return true;
        });
        foreach (var queue in queues)
        {
            var (order, agent) = await LaunchOfAnyAsync(queue);
            await AgainAsync(async () =>
            {
                await batch.ExitedAsync(order, 0, agent);
                return true;
            });
        }

        foreach (var job in jobs)
        {
            Assert.Equal("SUCCEEDED", (await AgainAsync(() => batch.DescribeAsync(job))).Status);
        }

        // Each job one attempt, wherever and however often it was ordered.
        var attempts = _one.Launches.Keys.Concat(_two.Launches.Keys).ToList();
        Assert.Equal(jobs.Order(), attempts.Select(attempt => attempt.JobId).Order());
        Assert.All(attempts, attempt => Assert.Equal(1, attempt.Fence));
    }

    [Fact]
    public async Task An_agent_whose_grain_died_with_its_silo_is_asked_to_say_hello()
    {
        await using var batch = await StartAsync();
        await batch.ConnectThroughAsync(0, _one);
        await batch.Cluster.DeactivateAsync(batch.NodeOf(_one));

        Assert.Equal(NodeRenewal.RenewedSayHello, await batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None));
        await batch.ConnectThroughAsync(0, _one);
        Assert.Equal(NodeRenewal.Renewed, await batch.NodeOf(_one).Renew(_one.Incarnation, CancellationToken.None));
    }

    [Fact]
    public async Task Keepers_of_several_silos_do_nothing_twice()
    {
        await using var batch = await StartAsync();
        await batch.ConnectThroughAsync(0, _one);
        var queue = await batch.SetUpUnmanagedAsync();
        _one.IsAway = true;
        var job = await batch.SubmitAsync(queue);
        await batch.UntilAsync(job, "STARTING");
        _one.IsAway = false;

        await Task.WhenAll(batch.Keepers.Select(keeper => keeper.LookAsync(CancellationToken.None)));

        var order = await Batch.LaunchOnAsync(_one, queue);
        await batch.ExitedAsync(order, 0, _one);
        Assert.Equal(("SUCCEEDED", 1L), ((await batch.DescribeAsync(job)).Status, order.Attempt.Fence));
    }

    private Task<Batch> StartAsync() => Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false, silos: 3);

    private async Task<(LaunchOrder Order, FakeAgent Agent)> LaunchOfAnyAsync(string queue)
    {
        (LaunchOrder, FakeAgent)? found = null;
        await Batch.UntilAsync(() =>
        {
            foreach (var agent in new[] { _one, _two })
            {
                if (agent.ForQueue(queue).Reader.TryRead(out var order))
                {
                    found = (order, agent);
                }
            }

            return Task.FromResult(found is not null);
        });
        return found!.Value;
    }

    /// <summary>As a client does: while a silo is dying its calls may fail.</summary>
    private static async Task<T> AgainAsync<T>(Func<Task<T>> call)
    {
        T? answer = default;
        await Batch.UntilAsync(async () =>
        {
            try
            {
                answer = await call();
                return true;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                return false;
            }
        });
        return answer!;
    }
}
