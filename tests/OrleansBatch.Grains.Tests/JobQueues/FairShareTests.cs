using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Testing;

namespace OrleansBatch.Grains.Tests.JobQueues;

/// <summary>Queues with a scheduling policy. Each test has a scheduler and a clock of its own.</summary>
public sealed class FairShareTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new("shares");
    private Batch _batch = null!;
    private string _queue = "";

    public async ValueTask InitializeAsync() => _batch = await Batch.StartAsync(_folder["batch.db"]);

    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Scenario_26_a_share_of_an_eighth_of_the_weight_gets_eight_times_as_much()
    {
        await SetUpAsync(4, new() { ShareDecaySeconds = 7_200, ShareDistribution = [new() { ShareIdentifier = "A", WeightFactor = 1 }, new() { ShareIdentifier = "B", WeightFactor = 0.125f }] });
        await SubmitAsync("A", size: 300);
        await SubmitAsync("B", size: 300);

        var started = new List<string>();
        for (var step = 0; step < 70; step++)
        {
            started.AddRange(await RunFourAsync());
        }

        // One start in nine would be A's, once its first ones are made up for.
        Assert.InRange(started.Skip(64).Count(share => share == "A"), 20, 28);
    }

    [Fact]
    public async Task Scenario_27_half_of_the_capacity_is_kept_while_one_share_is_active()
    {
        await SetUpAsync(4, new() { ComputeReservation = 50 });
        await SubmitManyAsync("A", 4);
        await _batch.StartedAsync(await _batch.LaunchOfAsync(_queue));
        await _batch.StartedAsync(await _batch.LaunchOfAsync(_queue));

        await _batch.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal(2_000, (await _batch.InUseAsync(_queue)).VcpuMillis);

        // With two shares a quarter is kept.
        var b = await SubmitAsync("B");
        var launch = await _batch.LaunchOfAsync(_queue);
        Assert.Equal(b, launch.Attempt.JobId);
        await _batch.StartedAsync(launch);
        await SubmitManyAsync("B", 1);
        await _batch.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal(3_000, (await _batch.InUseAsync(_queue)).VcpuMillis);
        Assert.Null((await _batch.DescribeAsync((await _batch.Jobs.List(new() { JobQueue = _queue, JobStatus = "RUNNABLE" }, CancellationToken.None)).JobSummaryList[0].JobId)).StatusReason);
    }

    [Fact]
    public async Task Inside_a_share_the_highest_priority_goes_first_and_never_before_another_share()
    {
        await SetUpAsync(1, new());
        await SubmitAsync("A");
        var first = await _batch.LaunchOfAsync(_queue);
        var low = await SubmitAsync("A", priority: 1);
        var high = await SubmitAsync("A", priority: 9);
        var other = await SubmitAsync("B");
        _batch.Clock.Advance(TimeSpan.FromSeconds(60));

        await _batch.ExitedAsync(first, 0);
        foreach (var next in new[] { other, high, low })
        {
            var launch = await _batch.LaunchOfAsync(_queue);
            Assert.Equal(next, launch.Attempt.JobId);
            _batch.Clock.Advance(TimeSpan.FromSeconds(next == other ? 120 : 10));
            await _batch.ExitedAsync(launch, 0);
        }
    }

    [Fact]
    public async Task After_a_restart_a_share_still_counts_what_it_has_used()
    {
        await SetUpAsync(1, new());
        await SubmitAsync("A");
        var first = await _batch.LaunchOfAsync(_queue);
        var a = await SubmitAsync("A");
        var b = await SubmitAsync("B");
        _batch.Clock.Advance(TimeSpan.FromSeconds(60));
        await _batch.StartedAsync(first);
        _batch.Clock.Advance(TimeSpan.FromSeconds(60));
        await _batch.ExitedAsync(first, 0);
        var second = await _batch.LaunchOfAsync(_queue);
        Assert.Equal(b, second.Attempt.JobId);
        await _batch.ExitedAsync(second, 0);
        await _batch.LaunchesNextAsync(_queue, a);
        await SubmitManyAsync("A", 1);
        var fresh = await SubmitAsync("C");
        var now = _batch.Clock.GetUtcNow();
        await _batch.DisposeAsync();

        _batch = await Batch.StartAsync(_folder["batch.db"]);
        _batch.Clock.Advance(now - _batch.Clock.GetUtcNow());
        await _batch.Keeper.LookAsync(CancellationToken.None);
        var again = await _batch.LaunchOfAsync(_queue);
        Assert.Equal(a, again.Attempt.JobId);
        await _batch.ExitedAsync(again, 0);
        await _batch.LaunchesNextAsync(_queue, fresh);
    }

    [Fact]
    public async Task Children_of_an_array_count_singly()
    {
        await SetUpAsync(1, new());
        var array = await SubmitAsync("A", size: 3);
        var first = await _batch.LaunchOfAsync(_queue);
        var b = await SubmitAsync("B");
        _batch.Clock.Advance(TimeSpan.FromSeconds(30));

        await _batch.ExitedAsync(first, 0);
        var second = await _batch.LaunchOfAsync(_queue);
        Assert.Equal(b, second.Attempt.JobId);
        _batch.Clock.Advance(TimeSpan.FromSeconds(300));
        await _batch.ExitedAsync(second, 0);
        await _batch.RunAsync(_queue, 0, 0);
        await _batch.UntilAsync(array, "SUCCEEDED");
    }

    [Fact]
    public async Task A_share_waits_its_turn_and_is_listed_by_its_identifier_with_a_status_or_without()
    {
        await SetUpAsync(1, new());
        var running = await SubmitAsync("A");
        _ = await _batch.LaunchOfAsync(_queue);
        var waiting = await SubmitAsync("A");
        await SubmitAsync("B");

        Assert.Equal([waiting, running], await ListAsync("A", null));
        Assert.Equal([waiting], await ListAsync("A", "RUNNABLE"));
        Assert.Equal("A", (await _batch.DescribeAsync(waiting)).ShareIdentifier);
    }

    [Fact]
    public async Task The_501st_active_share_is_refused()
    {
        await SetUpAsync(1, new());
        for (var share = 0; share < 500; share++)
        {
            await SubmitAsync($"s{share}");
        }

        await Batch.UntilAsync(async () => await _batch.Jobs.List(new() { JobQueue = _queue, JobStatus = "RUNNABLE" }, CancellationToken.None) is { JobSummaryList.Count: 499 });
        // What was submitted comes into the line a moment later.
        await Batch.UntilAsync(async () => await Record.ExceptionAsync(() => SubmitAsync("one more")) is BatchClientException refused && refused.Message.Contains("500", StringComparison.Ordinal));
        await SubmitAsync("s7");
    }

    [Fact]
    public async Task A_snapshot_shows_the_front_in_order_and_what_shares_hold()
    {
        await SetUpAsync(2, new());
        var one = await SubmitAsync("A");
        _ = await _batch.LaunchOfAsync(_queue);
        var two = await SubmitAsync("A");
        _ = await _batch.LaunchOfAsync(_queue);
        var a = await SubmitAsync("A");
        var b = await SubmitAsync("B");
        await Batch.UntilAsync(async () => (await SnapshotAsync()).FrontOfQueue.Jobs.Count == 2);
        var first = await SnapshotAsync();
        _batch.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = await SnapshotAsync();

        Assert.Equal([b, a], second.FrontOfQueue.Jobs.Select(job => job.JobArn[^36..]));
        Assert.Equal(first.FrontOfQueue.Jobs, second.FrontOfQueue.Jobs);
        Assert.Equal(first.FrontOfQueue.LastUpdatedAt + 5_000, second.FrontOfQueue.LastUpdatedAt);
        Assert.Equal(2, Assert.Single(second.QueueUtilization.TotalCapacityUsage).Quantity);
        Assert.Equal(2, second.QueueUtilization.FairshareUtilization!.ActiveShareCount);
        var top = Assert.Single(second.QueueUtilization.FairshareUtilization.TopCapacityUtilization);
        Assert.Equal(("A", 2), (top.ShareIdentifier, top.CapacityUsage[0].Quantity));
        Assert.NotEqual(one, two);
    }

    private async Task SetUpAsync(int maxvCpus, FairsharePolicy policy)
    {
        _queue = $"t-{Guid.NewGuid():N}";
        var arn = (await _batch.Grains.GetGrain<ISchedulingPoliciesGrain>(Batch.Scope.Key).Create(new() { Name = _queue, FairsharePolicy = policy }, null, CancellationToken.None)).Arn;
        await _batch.CreateEnvironmentAsync(_queue, maxvCpus);
        await _batch.Queues.Create(
            new() { JobQueueName = _queue, Priority = 1, SchedulingPolicyArn = arn, ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = _queue }] },
            null,
            CancellationToken.None);
        await _batch.RegisterAsync(_queue);
    }

    private async Task<string> SubmitAsync(string share, int? priority = null, int? size = null) => (await _batch.Jobs.Submit(
        new()
        {
            JobName = share.Replace(' ', '-'),
            JobQueue = _queue,
            JobDefinition = _queue,
            ShareIdentifier = share.Replace(' ', '-'),
            SchedulingPriorityOverride = priority,
            ArrayProperties = size is null ? null : new() { Size = size },
        },
        null,
        CancellationToken.None)).JobId;

    private async Task SubmitManyAsync(string share, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await SubmitAsync(share);
        }
    }

    /// <summary>Lets the four that run go on for a minute, and ends them. The shares that they were of.</summary>
    private async Task<IEnumerable<string>> RunFourAsync()
    {
        List<LaunchOrder> launches = [];
        for (var i = 0; i < 4; i++)
        {
            launches.Add(await _batch.LaunchOfAsync(_queue));
            await _batch.StartedAsync(launches[^1]);
        }

        _batch.Clock.Advance(TimeSpan.FromSeconds(60));
        var jobs = await _batch.Jobs.Describe(new() { Jobs = [.. launches.Select(launch => launch.Attempt.JobId)] }, CancellationToken.None);
        foreach (var launch in launches)
        {
            await _batch.ExitedAsync(launch, 0);
        }

        return jobs.Jobs.Select(job => job.ShareIdentifier!);
    }

    private async Task<IEnumerable<string>> ListAsync(string share, string? status) => (await _batch.Jobs.List(
        new() { JobQueue = _queue, JobStatus = status, Filters = [new() { Name = "SHARE_IDENTIFIER", Values = [share] }] },
        CancellationToken.None)).JobSummaryList.Select(job => job.JobId);

    private Task<Model.JobQueues.GetJobQueueSnapshotResponse> SnapshotAsync() => _batch.Queues.Snapshot(new() { JobQueue = _queue }, CancellationToken.None);
}
