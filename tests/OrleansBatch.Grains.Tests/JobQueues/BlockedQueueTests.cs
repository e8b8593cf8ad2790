using OrleansBatch.Model.JobQueues;
using OrleansBatch.Testing;

namespace OrleansBatch.Grains.Tests.JobQueues;

/// <summary>What a queue says of a job that can never start, and what it does about it. A clock of its own.</summary>
public sealed class BlockedQueueTests : IAsyncLifetime
{
    private const string TooBig =
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement of the job.";

    private readonly TestFolder _folder = new("blocked");
    private Batch _batch = null!;

    public async ValueTask InitializeAsync() => _batch = await Batch.StartAsync(_folder["batch.db"]);

    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Scenario_28_a_head_that_was_blocked_for_too_long_is_cancelled_and_the_next_job_runs()
    {
        var queue = await SetUpAsync("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE");
        var big = await _batch.SubmitAsync(queue, attempts: 3, definition: $"{queue}-big");
        var next = await _batch.SubmitAsync(queue);
        await Batch.UntilAsync(async () => await _batch.StateAsync(big) == $"RUNNABLE: {TooBig}");

        _batch.Clock.Advance(TimeSpan.FromSeconds(599));
        await _batch.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal($"RUNNABLE: {TooBig}", await _batch.StateAsync(big));
        _batch.Clock.Advance(TimeSpan.FromSeconds(2));

        await _batch.LaunchesNextAsync(queue, next);
        var ended = await _batch.DescribeAsync(big);
        Assert.Equal(
            ("FAILED", "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", true),
            (ended.Status, ended.StatusReason, ended.IsCancelled));
        Assert.Empty(ended.Attempts);
    }

    [Fact]
    public async Task The_clock_of_a_blocked_job_runs_on_over_a_restart()
    {
        var queue = await SetUpAsync("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE");
        var big = await _batch.SubmitAsync(queue, definition: $"{queue}-big");
        await Batch.UntilAsync(async () => await _batch.StateAsync(big) == $"RUNNABLE: {TooBig}");
        await _batch.DisposeAsync();

        _batch = await Batch.StartAsync(_folder["batch.db"]);
        _batch.Clock.Advance(TimeSpan.FromSeconds(601));
        await _batch.Keeper.LookAsync(CancellationToken.None);

        await _batch.UntilAsync(big, "FAILED");
    }

    [Fact]
    public async Task A_job_that_is_blocked_for_another_reason_waits_on()
    {
        var queue = await SetUpAsync("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT");
        var big = await _batch.SubmitAsync(queue, definition: $"{queue}-big");
        await Batch.UntilAsync(async () => await _batch.StateAsync(big) == $"RUNNABLE: {TooBig}");

        _batch.Clock.Advance(TimeSpan.FromSeconds(6_000));
        await _batch.Keeper.LookAsync(CancellationToken.None);

        Assert.Equal($"RUNNABLE: {TooBig}", await _batch.StateAsync(big));
    }

    [Fact]
    public async Task Scenario_05_a_blocked_job_that_is_terminated_carries_the_callers_reason()
    {
        var queue = await SetUpAsync("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT");
        var big = await _batch.SubmitAsync(queue, definition: $"{queue}-big");
        await Batch.UntilAsync(async () => await _batch.StateAsync(big) == $"RUNNABLE: {TooBig}");

        await _batch.TerminateAsync(big, "too big");

        var ended = await _batch.DescribeAsync(big);
        Assert.Equal(("FAILED", "too big"), (ended.Status, ended.StatusReason));
        Assert.NotNull(ended.StoppedAt);
        Assert.Empty(ended.Attempts);
    }

    [Fact]
    public async Task A_queue_that_is_merely_busy_says_nothing()
    {
        var queue = await SetUpAsync("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT");
        await _batch.SubmitAsync(queue);
        _ = await _batch.LaunchOfAsync(queue);
        var waiting = await _batch.SubmitAsync(queue);
        await _batch.Keeper.LookAsync(CancellationToken.None);

        Assert.Equal("RUNNABLE", await _batch.StateAsync(waiting));
    }

    [Fact]
    public async Task Scenario_24_what_fits_of_a_queue_of_lower_priority_may_run_while_a_big_job_waits()
    {
        var (environment, high, low) = ("both", "high", "low");
        await _batch.CreateEnvironmentAsync(environment, 2);
        await CreateQueueAsync(high, 10, environment);
        await CreateQueueAsync(low, 1, environment);
        await _batch.RegisterAsync("small", 1);
        await _batch.RegisterAsync("large", 2);
        await _batch.SubmitAsync(low, definition: "small");
        var first = await _batch.LaunchOfAsync(low);
        var big = await _batch.SubmitAsync(high, definition: "large");
        await _batch.SubmitAsync(low, definition: "small");
        var second = await _batch.LaunchOfAsync(low);

        Assert.Equal("RUNNABLE", await _batch.StateAsync(big));
        await _batch.ExitedAsync(first, 0);
        await _batch.ExitedAsync(second, 0);
        await _batch.LaunchesNextAsync(high, big);
    }

    [Fact]
    public async Task Capacity_that_comes_free_goes_to_the_queue_of_the_highest_priority_first()
    {
        await _batch.CreateEnvironmentAsync("shared", 1);
        await _batch.RegisterAsync("one", 1);
        await CreateQueueAsync("first-made", 1, "shared");
        await CreateQueueAsync("important", 100, "shared");
        await CreateQueueAsync("also", 1, "shared");
        await _batch.SubmitAsync("also", definition: "one");
        var running = await _batch.LaunchOfAsync("also");
        await _batch.StartedAsync(running);
        List<string> expected = [];
        foreach (var queue in new[] { "also", "first-made", "important", "also", "important" })
        {
            var job = await _batch.SubmitAsync(queue, definition: "one");
            await Batch.UntilAsync(async () => (await _batch.Queues.Snapshot(new() { JobQueue = queue }, CancellationToken.None)).FrontOfQueue.Jobs.Any(front => front.JobArn.EndsWith(job, StringComparison.Ordinal)));
            expected.Add(job);
        }

        // All have looked, and wait.
        await _batch.Keeper.LookAsync(CancellationToken.None);
        List<string> started = [];
        foreach (var _ in expected)
        {
            await _batch.ExitedAsync(running, 0);
            running = await _batch.LaunchOfAnyAsync("also", "first-made", "important");
            started.Add(running.Attempt.JobId);
        }

        // By priority, then the queue whose head is oldest.
        Assert.Equal([expected[2], expected[4], expected[0], expected[1], expected[3]], started);
    }

    [Fact]
    public async Task Scenario_25_when_the_first_environment_is_full_the_second_takes_the_job()
    {
        await _batch.CreateEnvironmentAsync("first", 1);
        await _batch.CreateEnvironmentAsync("second", 1);
        await _batch.CreateQueueAsync("two", "first", "second");
        await _batch.RegisterAsync("one", 1);
        await _batch.SubmitAsync("two", definition: "one");
        await _batch.SubmitAsync("two", definition: "one");

        Assert.EndsWith("/first", (await _batch.LaunchOfAsync("two")).EnvironmentKey, StringComparison.Ordinal);
        Assert.EndsWith("/second", (await _batch.LaunchOfAsync("two")).EnvironmentKey, StringComparison.Ordinal);
    }

    private Task<JobQueueResponse> CreateQueueAsync(string name, int priority, string environment, params JobStateTimeLimitAction[] limits) => _batch.Queues.Create(
        new()
        {
            JobQueueName = name,
            Priority = priority,
            ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = environment }],
            JobStateTimeLimitActions = limits,
        },
        null,
        CancellationToken.None);

    private async Task<string> SetUpAsync(string reason)
    {
        var name = $"t-{Guid.NewGuid():N}";
        await _batch.CreateEnvironmentAsync(name, 1);
        await CreateQueueAsync(name, 1, name, new JobStateTimeLimitAction { Reason = reason, State = "RUNNABLE", MaxTimeSeconds = 600, Action = "CANCEL" });
        await _batch.RegisterAsync(name, 1);
        await _batch.RegisterAsync($"{name}-big", 2);
        return name;
    }
}
