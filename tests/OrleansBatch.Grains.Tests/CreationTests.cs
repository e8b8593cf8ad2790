using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests;

/// <summary>Creations that an SDK sends again: nothing is done twice.</summary>
public sealed class CreationTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task The_same_creation_again_gets_the_first_answer_and_another_one_is_refused()
    {
        var (name, call) = (Name(), Name());
        var environment = await _batch.CreateEnvironmentAsync(name, 1, invocation: call);
        var queue = await _batch.CreateQueueAsync(name, call, [name]);

        Assert.Equal(environment, await _batch.CreateEnvironmentAsync(name, 1, invocation: call));
        Assert.Equal(queue, await _batch.CreateQueueAsync(name, call, [name]));
        foreach (var other in new[] { Name(), null })
        {
            Assert.Contains("Object already exists", (await Assert.ThrowsAsync<BatchClientException>(() => _batch.CreateEnvironmentAsync(name, 1, invocation: other))).Message, StringComparison.Ordinal);
            Assert.Contains("Object already exists", (await Assert.ThrowsAsync<BatchClientException>(() => _batch.CreateQueueAsync(name, other, [name]))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Creations_sent_at_once_are_one()
    {
        var (name, call) = (Name(), Name());
        Assert.Single((await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _batch.CreateEnvironmentAsync(name, 1, invocation: call)))).Distinct());
        Assert.Single((await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _batch.CreateQueueAsync(name, call, [name])))).Distinct());
        var registered = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _batch.RegisterAsync(name, invocation: call)));
        Assert.Equal(1, Assert.Single(registered.Distinct()).Revision);
    }

    [Fact]
    public async Task A_registration_sent_again_makes_no_revision_and_a_new_one_does()
    {
        var (name, call) = (Name(), Name());
        Assert.Equal(1, (await _batch.RegisterAsync(name, invocation: call)).Revision);
        Assert.Equal(2, (await _batch.RegisterAsync(name, invocation: Name())).Revision);
        Assert.Equal(1, (await _batch.RegisterAsync(name, invocation: call)).Revision);
        Assert.Equal(3, (await _batch.RegisterAsync(name)).Revision);
    }

    [Fact]
    public async Task What_was_created_and_changed_since_still_answers_the_first_call()
    {
        var (name, call) = (Name(), Name());
        await _batch.CreateEnvironmentAsync(name, 1, invocation: call);
        await _batch.CreateQueueAsync(name, call, [name]);
        await _batch.Queues.Update(new() { JobQueue = name, State = "DISABLED" }, CancellationToken.None);
        await _batch.Environments.Update(new() { ComputeEnvironment = name, State = "DISABLED" }, CancellationToken.None);

        await _batch.CreateEnvironmentAsync(name, 1, invocation: call);
        await _batch.CreateQueueAsync(name, call, [name]);

        Assert.Equal("DISABLED", (await _batch.Queues.Describe(new() { JobQueues = [name] }, CancellationToken.None)).JobQueues.Single().State);
    }

    [Fact]
    public async Task What_was_created_and_deleted_is_not_created_by_a_late_repetition_but_by_a_new_call()
    {
        var (name, call) = (Name(), Name());
        await _batch.CreateEnvironmentAsync(name, 1, invocation: call);
        await _batch.CreateQueueAsync(name, call, [name]);
        await DeleteAsync(name);

        Assert.Equal(name, (await _batch.CreateQueueAsync(name, call, [name])).JobQueueName);
        Assert.Equal(name, (await _batch.CreateEnvironmentAsync(name, 1, invocation: call)).ComputeEnvironmentName);
        Assert.Empty((await _batch.Queues.Describe(new() { JobQueues = [name] }, CancellationToken.None)).JobQueues);
        Assert.Empty((await _batch.Environments.Describe(new() { ComputeEnvironments = [name] }, CancellationToken.None)).ComputeEnvironments);

        await _batch.CreateEnvironmentAsync(name, 2, invocation: Name());
        await _batch.CreateQueueAsync(name, Name(), [name]);
        await _batch.RegisterAsync(name);
        var job = await _batch.SubmitAsync(name);
        await _batch.LaunchesNextAsync(name, job);
    }

    [Fact]
    public async Task A_refused_creation_is_not_recorded()
    {
        var (name, call) = (Name(), Name());
        await Assert.ThrowsAsync<BatchClientException>(() => _batch.CreateQueueAsync(name, call, [name]));
        await _batch.CreateEnvironmentAsync(name, 1);

        Assert.Equal(name, (await _batch.CreateQueueAsync(name, call, [name])).JobQueueName);
        Assert.Single((await _batch.Queues.Describe(new() { JobQueues = [name] }, CancellationToken.None)).JobQueues);
    }

    [Fact]
    public async Task The_record_outlives_the_program_and_goes_after_ten_minutes_also_for_what_was_deleted()
    {
        var folder = Directory.CreateTempSubdirectory("orleansbatch-creations-");
        var database = Path.Combine(folder.FullName, "batch.db");
        await using (var first = await Batch.StartAsync(database))
        {
            await first.CreateEnvironmentAsync("kept", 1, invocation: "call");
            await first.CreateEnvironmentAsync("gone", 1, invocation: "call");
            await first.RegisterAsync("kept", invocation: "call");
            await first.Environments.Update(new() { ComputeEnvironment = "gone", State = "DISABLED" }, CancellationToken.None);
            await first.Environments.Delete(new() { ComputeEnvironment = "gone" }, CancellationToken.None);
        }

        await using (var second = await Batch.StartAsync(database))
        {
            await second.CreateEnvironmentAsync("kept", 1, invocation: "call");
            await second.CreateEnvironmentAsync("gone", 1, invocation: "call");
            Assert.Equal(1, (await second.RegisterAsync("kept", invocation: "call")).Revision);
            Assert.Equal(["kept"], await NamesAsync(second));

            second.Clock.Advance(TimeSpan.FromMinutes(11));
            Assert.Equal("gone", (await second.CreateEnvironmentAsync("gone", 1, invocation: "other")).ComputeEnvironmentName);
            await Assert.ThrowsAsync<BatchClientException>(() => second.CreateEnvironmentAsync("gone", 1, invocation: "call"));
            Assert.Equal(["gone", "kept"], await NamesAsync(second));
        }

        folder.Delete(recursive: true);
    }

    private static async Task<string[]> NamesAsync(Batch batch) =>
        [.. (await batch.Environments.Describe(new(), CancellationToken.None)).ComputeEnvironments.Select(environment => environment.ComputeEnvironmentName)];

    private async Task DeleteAsync(string name)
    {
        await _batch.Queues.Update(new() { JobQueue = name, State = "DISABLED" }, CancellationToken.None);
        await _batch.Queues.Delete(new() { JobQueue = name }, CancellationToken.None);
        await Batch.UntilAsync(async () => (await _batch.Queues.Describe(new() { JobQueues = [name] }, CancellationToken.None)).JobQueues.Count == 0);
        await _batch.Environments.Update(new() { ComputeEnvironment = name, State = "DISABLED" }, CancellationToken.None);
        await _batch.Environments.Delete(new() { ComputeEnvironment = name }, CancellationToken.None);
    }

    private static string Name() => $"c-{Guid.NewGuid():N}";
}
