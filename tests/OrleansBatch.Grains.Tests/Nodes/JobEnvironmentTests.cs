using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>The operator's variables for the jobs of a queue or an environment.</summary>
public sealed class JobEnvironmentTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task Every_launch_carries_the_variables_of_environment_and_queue_below_the_jobs_own()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await SetAsync(queue, environment: new() { ["A"] = "environment", ["B"] = "environment" }, ofQueue: new() { ["B"] = "queue" });

        _ = await _batch.SubmitAsync(queue);
        var order = await _batch.LaunchOfAsync(queue);

        Assert.Equal([new("A", "environment"), new("B", "environment"), new("B", "queue")], order.Environment.Take(3));
        Assert.StartsWith("AWS_BATCH", order.Environment[3].Key);
    }

    [Fact]
    public async Task A_launch_that_is_repeated_carries_them_again()
    {
        // To settle a node launches again whatever has not started there, so this one is of this test alone.
        var folder = Directory.CreateTempSubdirectory("orleansbatch-variables-");
        await using (var batch = await Batch.StartAsync(Path.Combine(folder.FullName, "batch.db")))
        {
            var queue = await batch.SetUpAsync(maxvCpus: 1);
            await SetAsync(batch, queue, environment: new() { ["A"] = "1" }, ofQueue: new() { ["B"] = "2" });
            _ = await batch.SubmitAsync(queue);
            var first = await batch.LaunchOfAsync(queue);

            await batch.Node.Settle(CancellationToken.None);
            var second = await batch.LaunchOfAsync(queue);

            Assert.Equal(first.Attempt, second.Attempt);
            Assert.Equal(first.Environment, second.Environment);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Only_names_are_told_and_a_new_set_replaces_the_old()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await SetAsync(queue, environment: new() { ["A"] = "secret" }, ofQueue: []);

        var set = await _batch.Queues.SetJobEnvironment(new() { Name = queue, Variables = new Dictionary<string, string> { ["Z"] = "1", ["C"] = "2" } }, CancellationToken.None);
        var read = await _batch.Queues.JobEnvironment(queue, CancellationToken.None);
        var changed = await _batch.Queues.SetJobEnvironment(new() { Name = queue, Variables = new Dictionary<string, string>() }, CancellationToken.None);

        Assert.Equal(["C", "Z"], set.Names);
        Assert.Equal(["C", "Z"], read.Names);
        Assert.Empty(changed.Names);
        Assert.Equal(["A"], (await _batch.Environments.JobEnvironment(queue, CancellationToken.None)).Names);
    }

    [Fact]
    public async Task What_does_not_exist_has_none()
    {
        var request = new SetJobEnvironmentRequest { Name = "nowhere", Variables = new Dictionary<string, string>() };

        foreach (var call in (Func<Task>[])
        [
            () => _batch.Queues.SetJobEnvironment(request, CancellationToken.None),
            () => _batch.Queues.JobEnvironment("nowhere", CancellationToken.None),
            () => _batch.Environments.SetJobEnvironment(request, CancellationToken.None),
            () => _batch.Environments.JobEnvironment("nowhere", CancellationToken.None),
        ])
        {
            Assert.Contains("does not exist", (await Assert.ThrowsAsync<BatchClientException>(call)).Message);
        }
    }

    private Task SetAsync(string name, Dictionary<string, string> environment, Dictionary<string, string> ofQueue) => SetAsync(_batch, name, environment, ofQueue);

    private static async Task SetAsync(Batch batch, string name, Dictionary<string, string> environment, Dictionary<string, string> ofQueue)
    {
        await batch.Environments.SetJobEnvironment(new() { Name = name, Variables = environment }, CancellationToken.None);
        await batch.Queues.SetJobEnvironment(new() { Name = name, Variables = ofQueue }, CancellationToken.None);
    }
}
