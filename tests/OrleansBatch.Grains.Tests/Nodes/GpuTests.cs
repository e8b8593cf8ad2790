using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>Machines with GPUs: each test has a scheduler and a database of its own.</summary>
public sealed class GpuTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-gpus-").FullName;
    private readonly FakeAgent _agent = new() { NodeId = "i-00000000000000001", Capacity = new() { VcpuMillis = 8_000, MemoryMiB = 16_000, Gpus = 2 } };
    private readonly FakeAgent _plain = new() { NodeId = "i-00000000000000002", Capacity = new() { VcpuMillis = 8_000, MemoryMiB = 16_000 } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_job_goes_where_GPUs_are_free_and_has_one_that_no_other_has()
    {
        await using var batch = await StartAsync(_plain, _agent);
        var queue = await SetUpAsync(batch, gpus: 1);

        _ = await batch.SubmitAsync(queue);
        _ = await batch.SubmitAsync(queue);
        var waits = await batch.SubmitAsync(queue);
        var first = await Batch.LaunchOnAsync(_agent, queue);
        var second = await Batch.LaunchOnAsync(_agent, queue);

        Assert.Equal(["0", "1"], new[] { first, second }.Select(GpusOf).Order());
        Assert.Equal("RUNNABLE", (await batch.DescribeAsync(waits)).Status);
        await batch.ExitedAsync(first, 0, _agent);
        var third = await Batch.LaunchOnAsync(_agent, queue);
        Assert.Equal((waits, GpusOf(first)), (third.Attempt.JobId, GpusOf(third)));
        Assert.Empty(_plain.Launches);
    }

    [Fact]
    public async Task A_jobs_GPUs_are_its_own_over_a_restart_too()
    {
        string queue;
        LaunchOrder before;
        await using (var batch = await StartAsync(_agent))
        {
            queue = await SetUpAsync(batch, gpus: 1);
            _ = await batch.SubmitAsync(queue);
            before = await Batch.LaunchOnAsync(_agent, queue);
            await batch.StartedAsync(before, _agent);
        }

        await using var again = await StartAsync(_agent);
        _ = await again.SubmitAsync(queue);
        _ = await again.SubmitAsync(queue);

        Assert.Equal("0", GpusOf(before));
        Assert.Equal("1", GpusOf(await Batch.LaunchOnAsync(_agent, queue)));
        await again.ExitedAsync(before, 0, _agent);
        Assert.Equal("0", GpusOf(await Batch.LaunchOnAsync(_agent, queue)));
    }

    [Fact]
    public async Task An_order_that_is_given_again_names_the_same()
    {
        await using var batch = await StartAsync(_agent);
        var queue = await SetUpAsync(batch, gpus: 2);
        _agent.IsAway = true;
        var job = await batch.SubmitAsync(queue);
        await batch.UntilAsync(job, "STARTING");

        _agent.IsAway = false;
        await batch.ConnectAsync(_agent);

        Assert.Equal("0,1", GpusOf(await Batch.LaunchOnAsync(_agent, queue)));
    }

    [Fact]
    public async Task Hosts_show_how_many_there_are_and_how_many_are_held_and_a_job_beyond_them_says_that_it_cannot_run()
    {
        await using var batch = await StartAsync(_agent);
        var queue = await SetUpAsync(batch, gpus: 1);
        _ = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await Batch.LaunchOnAsync(_agent, queue), _agent);

        var host = Assert.Single(await batch.ReadHostsAsync(queue));
        Assert.Equal((2, 1), (host.Gpus, host.UsedGpus));

        var large = await SetUpAsync(batch, gpus: 3);
        var job = await batch.SubmitAsync(large);
        await Batch.UntilAsync(async () => (await batch.StateAsync(job)).StartsWith("RUNNABLE: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", StringComparison.Ordinal));
    }

    private static string GpusOf(LaunchOrder order) => order.Environment.Last(variable => variable.Key == "CUDA_VISIBLE_DEVICES").Value;

    private async Task<Batch> StartAsync(params FakeAgent[] agents)
    {
        var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), agents[0]);
        foreach (var agent in agents.Skip(1))
        {
            await batch.ConnectAsync(agent);
        }

        return batch;
    }

    private static async Task<string> SetUpAsync(Batch batch, int gpus)
    {
        var queue = await batch.SetUpUnmanagedAsync();
        _ = await batch.Grains.GetGrain<IJobDefinitionsGrain>(Batch.Scope.Key).Register(
            new()
            {
                JobDefinitionName = queue,
                Type = "container",
                ContainerProperties = new()
                {
                    Image = "host",
                    Command = ["/bin/true"],
                    ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }, new() { Type = "GPU", Value = $"{gpus}" }],
                },
            },
            null,
            CancellationToken.None);
        return queue;
    }
}
