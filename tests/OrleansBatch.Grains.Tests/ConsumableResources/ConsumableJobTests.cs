using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Grains.Tests.ConsumableResources;

/// <summary>Jobs that need consumable resources.</summary>
public sealed class ConsumableJobTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    private IConsumableResourcesGrain Resources => _batch.Grains.GetGrain<IConsumableResourcesGrain>(Batch.Scope.Key);

    [Fact]
    public async Task A_job_that_finds_nothing_left_waits_until_another_gives_it_back()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 4);
        var licence = await CreateAsync(1);
        var first = await SubmitAsync(queue, licence, 1);
        var launch = await _batch.LaunchOfAsync(queue);
        Assert.Equal(first, launch.Attempt.JobId);
        var second = await SubmitAsync(queue, licence, 1);

        Assert.Equal((1, 1, 0), await SeenAsync(licence));
        Assert.Equal("RUNNABLE", await _batch.StateAsync(second));
        await _batch.ExitedAsync(launch, 0);

        await _batch.LaunchesNextAsync(queue, second);
        Assert.Equal((1, 1, 0), await SeenAsync(licence));
    }

    [Fact]
    public async Task What_one_queue_gives_back_another_gets()
    {
        var (queue, other) = (await _batch.SetUpAsync(maxvCpus: 1), await _batch.SetUpAsync(maxvCpus: 1));
        var licence = await CreateAsync(2);
        await SubmitAsync(queue, licence, 2);
        var launch = await _batch.LaunchOfAsync(queue);
        var waiting = await SubmitAsync(other, licence, 1);
        await Batch.UntilAsync(async () => (await _batch.Queues.Snapshot(new() { JobQueue = other }, CancellationToken.None)).FrontOfQueue.Jobs.Count == 1);

        await _batch.ExitedAsync(launch, 1);

        await _batch.LaunchesNextAsync(other, waiting);
    }

    [Fact]
    public async Task A_job_gets_all_that_it_needs_or_nothing()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 4);
        var (plenty, none) = (await CreateAsync(9), await CreateAsync(0));
        var job = await SubmitAsync(queue, (plenty, 1), (none, 1));
        await Batch.UntilAsync(async () => (await _batch.Queues.Snapshot(new() { JobQueue = queue }, CancellationToken.None)).FrontOfQueue.Jobs.Count == 1);

        Assert.Equal("RUNNABLE", await _batch.StateAsync(job));
        // No host is launched for a job that could not start on it.
        Assert.Empty(await _batch.Hosts.ReadLiveAsync(new(Batch.Scope, queue), CancellationToken.None));
        Assert.Equal((9, 0, 9), await SeenAsync(plenty));
        await Resources.Update(new() { ConsumableResource = none, Operation = "ADD", Quantity = 1 }, CancellationToken.None);
        await _batch.LaunchesNextAsync(queue, job);
    }

    [Fact]
    public async Task Each_child_of_an_array_takes_its_own_and_a_failed_attempt_gives_back()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 4);
        var licence = await CreateAsync(2);
        var array = await SubmitAsync(queue, 3, 2, (licence, 1));
        var first = await _batch.LaunchOfAsync(queue);
        _ = await _batch.LaunchOfAsync(queue);
        Assert.Equal((2, 2, 0), await SeenAsync(licence));

        await _batch.ExitedAsync(first, 1);

        Assert.Equal(new($"{array}:0", 2), (await _batch.LaunchOfAsync(queue)).Attempt);
        Assert.Equal("RUNNABLE 1 STARTING 2", await _batch.SummaryAsync(array));
        Assert.Equal((2, 2, 0), await SeenAsync(licence));
    }

    [Fact]
    public async Task What_is_not_given_back_is_gone_for_ever_whatever_the_outcome()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var fuel = await CreateAsync(3, "NON_REPLENISHABLE");
        await SubmitAsync(queue, fuel, 2);
        await _batch.RunAsync(queue, 1);
        var second = await SubmitAsync(queue, fuel, 2);
        await Batch.UntilAsync(async () => (await _batch.Queues.Snapshot(new() { JobQueue = queue }, CancellationToken.None)).FrontOfQueue.Jobs.Count == 1);

        Assert.Equal((1, 0, 1), await SeenAsync(fuel));
        Assert.Equal("RUNNABLE", await _batch.StateAsync(second));
        Assert.Equal(2, (await Resources.Update(new() { ConsumableResource = fuel, Operation = "ADD", Quantity = 1 }, CancellationToken.None)).TotalQuantity);
        await _batch.LaunchesNextAsync(queue, second);
        Assert.Equal((0, 0, 0), await SeenAsync(fuel));
    }

    [Fact]
    public async Task A_resource_that_an_open_job_needs_is_not_deleted_and_one_that_does_not_exist_is_refused()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var licence = await CreateAsync(0);
        var job = await SubmitAsync(queue, licence, 1);
        await Assert.ThrowsAsync<BatchClientException>(() => Resources.Delete(new() { ConsumableResource = licence }, CancellationToken.None));

        await _batch.CancelAsync(job);
        await Resources.Delete(new() { ConsumableResource = licence }, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<BatchClientException>(() => SubmitAsync(queue, licence, 1));
        Assert.Contains("does not exist", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_are_listed_by_the_resource_that_they_need()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var licence = await CreateAsync(1);
        var one = await SubmitAsync(queue, licence, 1);
        _ = await _batch.LaunchOfAsync(queue);
        var array = await SubmitAsync(queue, 3, 1, (licence, 2));
        await _batch.SubmitAsync(queue);

        var page = await Resources.ListJobs(new() { ConsumableResource = licence, MaxResults = 1 }, CancellationToken.None);
        var job = Assert.Single(page.Jobs);
        Assert.Equal((array, "PENDING", 2), (job.JobArn[^36..], job.JobStatus, job.Quantity));
        var next = await Resources.ListJobs(new() { ConsumableResource = licence, MaxResults = 1, NextToken = page.NextToken }, CancellationToken.None);
        Assert.Equal(one, Assert.Single(next.Jobs).JobArn[^36..]);
        Assert.Null(next.NextToken);
    }

    private async Task<string> CreateAsync(long total, string? type = null)
    {
        var name = $"r-{Guid.NewGuid():N}";
        await Resources.Create(new() { ConsumableResourceName = name, TotalQuantity = total, ResourceType = type }, null, CancellationToken.None);
        return name;
    }

    private async Task<(long Total, long InUse, long Available)> SeenAsync(string name)
    {
        var seen = await Resources.Describe(new() { ConsumableResource = name }, CancellationToken.None);
        return (seen.TotalQuantity, seen.InUseQuantity, seen.AvailableQuantity);
    }

    private Task<string> SubmitAsync(string queue, string resource, long quantity) => SubmitAsync(queue, (resource, quantity));

    private Task<string> SubmitAsync(string queue, params (string Name, long Quantity)[] needs) => SubmitAsync(queue, null, 1, needs);

    private async Task<string> SubmitAsync(string queue, int? size, int attempts, params (string Name, long Quantity)[] needs) => (await _batch.Jobs.Submit(
        new()
        {
            JobName = "job",
            JobQueue = queue,
            JobDefinition = queue,
            RetryStrategy = new() { Attempts = attempts },
            ArrayProperties = size is null ? null : new() { Size = size },
            ConsumableResourcePropertiesOverride = new()
            {
                ConsumableResourceList = [.. needs.Select(need => new ConsumableResourceRequirement { ConsumableResource = need.Name, Quantity = need.Quantity })],
            },
        },
        null,
        CancellationToken.None)).JobId;
}
