using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests.Tags;

/// <summary>Tags of everything that carries them: seen at once, kept, never taking anything else along.</summary>
public sealed class TagTests(ClusterFixture fixture)
{
    private const string Ours = "arn:aws:batch:us-east-1:123456789012:";

    private readonly Batch _batch = fixture.Batch;

    [Theory]
    [InlineData("job-queue")]
    [InlineData("compute-environment")]
    [InlineData("job-definition")]
    [InlineData("job")]
    [InlineData("scheduling-policy")]
    [InlineData("consumable-resource")]
    public async Task Tags_are_set_changed_and_removed_and_every_look_shows_it(string kind)
    {
        var name = await _batch.SetUpAsync(maxvCpus: 1);
        await _batch.Grains.GetGrain<ISchedulingPoliciesGrain>(Batch.Scope.Key).Create(new() { Name = name }, null, CancellationToken.None);
        await _batch.Grains.GetGrain<IConsumableResourcesGrain>(Batch.Scope.Key).Create(new() { ConsumableResourceName = name }, null, CancellationToken.None);
        var arn = Ours + kind + "/" + kind switch { "job" => await _batch.SubmitAsync(name), "job-definition" => name + ":1", _ => name };

        await TagAsync(arn, ("team", "a"), ("Team", ""));
        await TagAsync(arn, ("team", "b"));
        await TagAsync(arn, ("team", "b"));
        Assert.Equal("Team= team=b", await TagsAsync(arn));
        Assert.Equal("Team= team=b", Show(await DescribedAsync(kind, arn, name)));

        await UntagAsync(arn, "Team", "unknown");
        await UntagAsync(arn, "Team");
        Assert.Equal("team=b", await TagsAsync(arn));
        Assert.Equal("team=b", Show(await DescribedAsync(kind, arn, name)));
    }

    [Fact]
    public async Task A_job_keeps_its_new_tags_through_its_life_and_can_be_tagged_after_its_end()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var id = await _batch.SubmitAsync(queue, attempts: 2);
        await TagAsync(Ours + "job/" + id, ("team", "a"));
        var order = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(order);
        await _batch.ExitedAsync(order, 1);
        order = await _batch.LaunchOfAsync(queue);
        await TagAsync(Ours + "job/" + id, ("more", "b"));
        await _batch.ExitedAsync(order, 0);

        Assert.Equal(("SUCCEEDED", "more=b team=a"), ((await _batch.DescribeAsync(id)).Status, Show((await _batch.DescribeAsync(id)).Tags)));
        await TagAsync(Ours + "job/" + id, ("late", "c"));
        await UntagAsync(Ours + "job/" + id, "team", "more");

        var job = await _batch.DescribeAsync(id);
        Assert.Equal(("SUCCEEDED", "late=c", 2), (job.Status, Show(job.Tags), job.Attempts.Count));
    }

    [Fact]
    public async Task Changes_that_come_at_once_are_all_kept()
    {
        var name = await _batch.SetUpAsync(maxvCpus: 1);
        string[] arns = [Ours + "job-queue/" + name, Ours + "compute-environment/" + name, Ours + "job-definition/" + name + ":1", Ours + "job/" + await _batch.SubmitAsync(name)];
        await Task.WhenAll(arns.SelectMany(arn => Enumerable.Range(0, 20).Select(i => TagAsync(arn, ($"k{i}", "v"))))
            .Append(_batch.Queues.Update(new() { JobQueue = name, Priority = 7 }, CancellationToken.None))
            .Append(_batch.Environments.Update(new() { ComputeEnvironment = name, ServiceRole = "r" }, CancellationToken.None)));

        foreach (var arn in arns)
        {
            Assert.Equal(20, (await _batch.Tags.List(new() { ResourceArn = arn }, CancellationToken.None)).Tags.Count);
        }

        Assert.Equal(7, (await _batch.Queues.Describe(new() { JobQueues = [name] }, CancellationToken.None)).JobQueues[0].Priority);
        Assert.Equal("r", (await _batch.Environments.Describe(new() { ComputeEnvironments = [name] }, CancellationToken.None)).ComputeEnvironments[0].ServiceRole);
    }

    [Theory]
    [InlineData("job-queue/none")]
    [InlineData("compute-environment/none")]
    [InlineData("scheduling-policy/none")]
    [InlineData("consumable-resource/none")]
    [InlineData("job-definition/none:1")]
    [InlineData("job/0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11")]
    public async Task What_does_not_exist_is_said_in_those_words(string path)
    {
        Func<Task>[] calls =
        [
            () => TagsAsync(Ours + path),
            () => TagAsync(Ours + path, ("a", "b")),
            () => UntagAsync(Ours + path, "a"),
        ];
        foreach (var call in calls)
        {
            Assert.Contains(Ours + path + " does not exist", (await Assert.ThrowsAsync<BatchClientException>(call)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_job_of_another_scope_is_no_job()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var id = await _batch.SubmitAsync(queue);
        var elsewhere = _batch.Grains.GetGrain<GrainInterfaces.Tags.ITagsGrain>("123456789012/eu-west-1");

        await Assert.ThrowsAsync<BatchClientException>(() => elsewhere.List(new() { ResourceArn = "arn:aws:batch:eu-west-1:123456789012:job/" + id }, CancellationToken.None));
        await Assert.ThrowsAsync<BatchClientException>(() => elsewhere.Tag(
            new() { ResourceArn = "arn:aws:batch:eu-west-1:123456789012:job/" + id, Tags = new Dictionary<string, string> { ["a"] = "b" } }, CancellationToken.None));
        Assert.Empty((await _batch.DescribeAsync(id)).Tags);
    }

    private Task TagAsync(string arn, params (string Key, string Value)[] tags) =>
        _batch.Tags.Tag(new() { ResourceArn = arn, Tags = tags.ToDictionary(tag => tag.Key, tag => tag.Value) }, CancellationToken.None);

    private Task UntagAsync(string arn, params string[] keys) => _batch.Tags.Untag(new() { ResourceArn = arn, TagKeys = keys }, CancellationToken.None);

    private async Task<string> TagsAsync(string arn) => Show((await _batch.Tags.List(new() { ResourceArn = arn }, CancellationToken.None)).Tags);

    private async Task<IReadOnlyDictionary<string, string>> DescribedAsync(string kind, string arn, string name) => kind switch
    {
        "job-queue" => (await _batch.Queues.Describe(new() { JobQueues = [arn] }, CancellationToken.None)).JobQueues.Single().Tags,
        "compute-environment" => (await _batch.Environments.Describe(new() { ComputeEnvironments = [arn] }, CancellationToken.None)).ComputeEnvironments.Single().Tags,
        "job" => (await _batch.DescribeAsync(arn)).Tags,
        "consumable-resource" => (await _batch.Grains.GetGrain<IConsumableResourcesGrain>(Batch.Scope.Key)
            .Describe(new() { ConsumableResource = arn }, CancellationToken.None)).Tags,
        "scheduling-policy" => (await _batch.Grains.GetGrain<ISchedulingPoliciesGrain>(Batch.Scope.Key)
            .Describe(new() { Arns = [arn] }, CancellationToken.None)).SchedulingPolicies.Single().Tags,
        _ => (await _batch.Grains.GetGrain<IJobDefinitionsGrain>(Batch.Scope.Key)
            .Describe(new() { JobDefinitionName = name }, CancellationToken.None)).JobDefinitions.Single().Tags!,
    };

    private static string Show(IReadOnlyDictionary<string, string> tags) =>
        string.Join(' ', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
}
