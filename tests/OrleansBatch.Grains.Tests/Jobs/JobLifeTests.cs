using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Jobs;

public sealed class JobLifeTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task A_job_is_launched_runs_and_succeeds()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 2);
        var job = await _batch.SubmitAsync(queue);

        var launch = await _batch.LaunchOfAsync(queue);
        Assert.Equal(new AttemptId(job, 1), launch.Attempt);
        Assert.Equal("STARTING", (await _batch.DescribeAsync(job)).Status);

        await _batch.StartedAsync(launch);
        Assert.Equal("RUNNING", (await _batch.DescribeAsync(job)).Status);

        await _batch.ExitedAsync(launch, 0);
        var ended = await _batch.DescribeAsync(job);
        Assert.Equal("SUCCEEDED", ended.Status);
        Assert.Equal(0, ended.Container!.ExitCode);
        Assert.Single(ended.Attempts);
        Assert.Equal(default, await _batch.InUseAsync(queue));
    }

    [Fact]
    public async Task A_waiting_job_that_is_cancelled_fails_at_once_and_is_never_launched()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(queue);
        var running = await _batch.LaunchOfAsync(queue);
        var cancelled = await _batch.SubmitAsync(queue);
        var next = await _batch.SubmitAsync(queue);

        await _batch.CancelAsync(cancelled, "changed my mind");

        var job = await _batch.DescribeAsync(cancelled);
        Assert.Equal(("FAILED", "changed my mind", true), (job.Status, job.StatusReason, job.IsCancelled));
        Assert.Empty(job.Attempts);
        await _batch.ExitedAsync(running, 0);
        await _batch.LaunchesNextAsync(queue, next);
    }

    [Fact]
    public async Task A_running_job_that_is_cancelled_goes_on_but_is_not_tried_again()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue, attempts: 5);
        var launch = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(launch);

        await _batch.CancelAsync(job);
        Assert.Equal("RUNNING", (await _batch.DescribeAsync(job)).Status);
        await _batch.ExitedAsync(launch, 1);

        var ended = await _batch.DescribeAsync(job);
        Assert.Equal(("FAILED", 1), (ended.Status, ended.Attempts.Count));
    }

    [Fact]
    public async Task A_running_job_that_is_terminated_is_stopped_and_fails_whatever_its_exit_code()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue, attempts: 5);
        var launch = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(launch);

        await _batch.TerminateAsync(job, "enough");
        Assert.Equal(launch.Attempt, (await _batch.StopOfAsync(job)).Attempt);
        Assert.Equal("RUNNING", (await _batch.DescribeAsync(job)).Status);
        await _batch.ExitedAsync(launch, 0);

        var ended = await _batch.DescribeAsync(job);
        Assert.Equal(("FAILED", "enough", true), (ended.Status, ended.StatusReason, ended.IsTerminated));
    }

    [Fact]
    public async Task A_failed_attempt_is_tried_again_before_the_jobs_that_wait()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var tried = await _batch.SubmitAsync(queue, attempts: 2);
        var first = await _batch.LaunchOfAsync(queue);
        var waiting = await _batch.SubmitAsync(queue);

        await _batch.ExitedAsync(first, 1);

        var second = await _batch.LaunchOfAsync(queue);
        Assert.Equal(new AttemptId(tried, 2), second.Attempt);
        await _batch.ExitedAsync(second, 0);
        await _batch.LaunchesNextAsync(queue, waiting);
        Assert.Equal(2, (await _batch.DescribeAsync(tried)).Attempts.Count);
    }

    [Fact]
    public async Task A_report_of_an_attempt_that_is_over_changes_nothing()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue, attempts: 2);
        var first = await _batch.LaunchOfAsync(queue);
        await _batch.ExitedAsync(first, 1);
        var second = await _batch.LaunchOfAsync(queue);

        await _batch.ExitedAsync(first, 0);
        await _batch.StartedAsync(first);

        Assert.Equal("STARTING", (await _batch.DescribeAsync(job)).Status);
        Assert.Equal(1_000, (await _batch.InUseAsync(queue)).VcpuMillis);
        await _batch.ExitedAsync(second, 0);
        await _batch.ExitedAsync(second, 7);
        Assert.Equal(0, (await _batch.DescribeAsync(job)).Container!.ExitCode);
        Assert.Equal(default, await _batch.InUseAsync(queue));
    }

    [Fact]
    public async Task A_submission_repeated_with_its_invocation_gets_the_first_answer_and_makes_one_job()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 4);
        var invocation = Guid.NewGuid().ToString();

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _batch.SubmitAsync(queue, invocation: invocation)));

        Assert.Single(ids.Distinct());
        await _batch.LaunchesNextAsync(queue, ids[0]);
        var other = await _batch.SubmitAsync(queue);
        await _batch.LaunchesNextAsync(queue, other);
    }

    [Fact]
    public async Task A_submission_repeated_after_its_queue_was_disabled_still_gets_the_first_answer()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var invocation = Guid.NewGuid().ToString();
        var first = await _batch.SubmitAsync(queue, invocation: invocation);

        _ = await _batch.Queues.Update(new() { JobQueue = queue, State = "DISABLED" }, CancellationToken.None);

        Assert.Equal(first, await _batch.SubmitAsync(queue, invocation: invocation));
        _ = await Assert.ThrowsAsync<Model.BatchClientException>(() => _batch.SubmitAsync(queue, invocation: Guid.NewGuid().ToString()));
    }

    [Fact]
    public async Task Commands_for_a_job_of_another_scope_do_nothing()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        _ = await _batch.LaunchOfAsync(queue);
        var elsewhere = _batch.Grains.GetGrain<GrainInterfaces.Jobs.IJobsGrain>("123456789012/eu-west-1");

        await elsewhere.Terminate(new() { JobId = job, Reason = "not mine" }, CancellationToken.None);

        Assert.False((await _batch.DescribeAsync(job)).IsTerminated);
        Assert.Empty((await elsewhere.Describe(new() { Jobs = [job] }, CancellationToken.None)).Jobs);
    }
}
