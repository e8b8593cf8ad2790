using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests.JobQueues;

public sealed class JobQueueTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task Jobs_are_launched_in_the_order_of_their_submission()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        List<string> jobs = [];
        for (var i = 0; i < 5; i++)
        {
            jobs.Add(await _batch.SubmitAsync(queue));
        }

        foreach (var job in jobs)
        {
            var launch = await _batch.LaunchOfAsync(queue);
            Assert.Equal(job, launch.Attempt.JobId);
            await _batch.ExitedAsync(launch, 0);
        }
    }

    [Fact]
    public async Task Scenario_18_a_listing_of_a_queue_shows_what_runs_and_an_arrays_parent_only_where_PENDING_is_asked_for()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var running = await _batch.SubmitAsync(queue);
        await _batch.StartedAsync(await _batch.LaunchOfAsync(queue));
        _ = await _batch.SubmitAsync(queue);
        var array = await _batch.SubmitAsync(queue, size: 2);

        Assert.Equal([running], await ListAsync(queue, null));
        Assert.Equal([array], await ListAsync(queue, "PENDING"));
    }

    [Fact]
    public async Task A_head_that_does_not_fit_blocks_those_behind_it()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 2);
        await _batch.RegisterAsync($"{queue}-big", vcpus: 2);
        _ = await _batch.SubmitAsync(queue);
        var running = await _batch.LaunchOfAsync(queue);
        var big = await _batch.SubmitAsync(queue, definition: $"{queue}-big");
        var small = await _batch.SubmitAsync(queue);

        Assert.Equal("RUNNABLE", (await _batch.DescribeAsync(small)).Status);
        await _batch.ExitedAsync(running, 0);

        var next = await _batch.LaunchOfAsync(queue);
        Assert.Equal(big, next.Attempt.JobId);
        await _batch.ExitedAsync(next, 0);
        await _batch.LaunchesNextAsync(queue, small);
    }

    [Fact]
    public async Task A_job_goes_to_the_first_environment_that_has_room()
    {
        var (first, second, queue) = ($"a-{Guid.NewGuid():N}", $"b-{Guid.NewGuid():N}", $"q-{Guid.NewGuid():N}");
        await _batch.CreateEnvironmentAsync(first, 1);
        await _batch.CreateEnvironmentAsync(second, 1);
        await _batch.CreateQueueAsync(queue, first, second);
        await _batch.RegisterAsync(queue);

        _ = await _batch.SubmitAsync(queue);
        var one = await _batch.LaunchOfAsync(queue);
        _ = await _batch.SubmitAsync(queue);
        var two = await _batch.LaunchOfAsync(queue);

        Assert.EndsWith(first, one.EnvironmentKey, StringComparison.Ordinal);
        Assert.EndsWith(second, two.EnvironmentKey, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_queues_on_one_environment_never_hold_more_than_it_has()
    {
        var environment = $"e-{Guid.NewGuid():N}";
        var queues = new[] { $"q-{Guid.NewGuid():N}", $"q-{Guid.NewGuid():N}" };
        await _batch.CreateEnvironmentAsync(environment, 2);
        foreach (var queue in queues)
        {
            await _batch.CreateQueueAsync(queue, environment);
        }

        await _batch.RegisterAsync(environment);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _batch.SubmitAsync(queues[i % 2], definition: environment)));

        for (var ended = 0; ended < 8; ended++)
        {
            var launch = await _batch.LaunchOfAnyAsync(queues);
            Assert.InRange((await _batch.InUseAsync(environment)).VcpuMillis, 1, 2_000);
            await _batch.ExitedAsync(launch, 0);
        }
    }

    [Fact]
    public async Task A_head_that_can_never_fit_says_so_until_it_can()
    {
        var queue = $"q-{Guid.NewGuid():N}";
        await _batch.CreateEnvironmentAsync(queue, 1, instanceTypes: ["machine.1", "machine.4"]);
        await _batch.CreateQueueAsync(queue, queue);
        await _batch.RegisterAsync(queue, vcpus: 4);
        var job = await _batch.SubmitAsync(queue);
        await UntilAsync(job, described => described.StatusReason is not null);
        Assert.StartsWith("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", (await _batch.DescribeAsync(job)).StatusReason, StringComparison.Ordinal);

        _ = await _batch.Environments.Update(new() { ComputeEnvironment = queue, ComputeResources = new() { MaxvCpus = 4 } }, CancellationToken.None);

        await _batch.LaunchesNextAsync(queue, job);
        Assert.Null((await _batch.DescribeAsync(job)).StatusReason);
    }

    [Fact]
    public async Task A_merely_busy_environment_is_no_reason()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(queue);
        _ = await _batch.LaunchOfAsync(queue);
        var waiting = await _batch.SubmitAsync(queue);

        Assert.Null((await _batch.DescribeAsync(waiting)).StatusReason);
    }

    [Fact]
    public async Task A_deleted_queue_ends_its_jobs_and_is_gone_with_the_last()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var running = await _batch.SubmitAsync(queue, attempts: 3);
        var launch = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(launch);
        var waiting = await _batch.SubmitAsync(queue);
        _ = await Assert.ThrowsAsync<BatchClientException>(() => _batch.Queues.Delete(new() { JobQueue = queue }, CancellationToken.None));
        _ = await _batch.Queues.Update(new() { JobQueue = queue, State = "DISABLED" }, CancellationToken.None);

        await _batch.Queues.Delete(new() { JobQueue = queue }, CancellationToken.None);
        _ = await _batch.StopOfAsync(running);
        await UntilAsync(waiting, job => job.Status == "FAILED");
        await _batch.ExitedAsync(launch, 143);

        Assert.Equal("JobQueue deleted", (await _batch.DescribeAsync(waiting)).StatusReason);
        Assert.Equal(("FAILED", "JobQueue deleted"), await StatusOfAsync(running));
        await Batch.UntilAsync(async () =>
            (await _batch.Queues.Describe(new() { JobQueues = [queue] }, CancellationToken.None)).JobQueues.Count == 0);

        _ = await _batch.Environments.Update(new() { ComputeEnvironment = queue, State = "DISABLED" }, CancellationToken.None);
        await _batch.Environments.Delete(new() { ComputeEnvironment = queue }, CancellationToken.None);
        Assert.Empty((await _batch.Environments.Describe(new() { ComputeEnvironments = [queue] }, CancellationToken.None)).ComputeEnvironments);
    }

    [Fact]
    public async Task Scenario_23_an_environment_that_a_disabled_queue_uses_is_not_deleted()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.Queues.Update(new() { JobQueue = queue, State = "DISABLED" }, CancellationToken.None);
        _ = await _batch.Environments.Update(new() { ComputeEnvironment = queue, State = "DISABLED" }, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<BatchClientException>(() =>
            _batch.Environments.Delete(new() { ComputeEnvironment = queue }, CancellationToken.None));

        Assert.Contains("found existing JobQueue relationship", refused.Message, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string>> ListAsync(string queue, string? status) =>
        (await _batch.Jobs.List(new() { JobQueue = queue, JobStatus = status }, CancellationToken.None)).JobSummaryList.Select(job => job.JobId!);

    private async Task<(string, string?)> StatusOfAsync(string job)
    {
        var described = await _batch.DescribeAsync(job);
        return (described.Status, described.StatusReason);
    }

    private Task UntilAsync(string job, Func<Model.Jobs.JobDetail, bool> wanted) =>
        Batch.UntilAsync(async () => wanted(await _batch.DescribeAsync(job)));
}
