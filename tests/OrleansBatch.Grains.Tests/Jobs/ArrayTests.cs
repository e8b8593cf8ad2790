using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Testing;

namespace OrleansBatch.Grains.Tests.Jobs;

public sealed class ArrayTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task Children_start_in_the_order_of_their_indices_and_know_their_index_and_size()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 3);
        for (var index = 0; index < 3; index++)
        {
            var launch = await _batch.LaunchOfAsync(queue);
            Assert.Equal($"{array}:{index}", launch.Attempt.JobId);
            var environment = launch.Environment.ToDictionary();
            Assert.Equal(
                ($"{array}:{index}", $"{index}", "3", "1"),
                (environment["AWS_BATCH_JOB_ID"], environment["AWS_BATCH_JOB_ARRAY_INDEX"], environment["AWS_BATCH_JOB_ARRAY_SIZE"], environment["AWS_BATCH_JOB_ATTEMPT"]));
            await _batch.ExitedAsync(launch, 0);
        }

        await _batch.UntilAsync(array, "SUCCEEDED");
        var parent = await _batch.DescribeAsync(array);
        Assert.Equal((null, 3), (parent.StatusReason, parent.ArrayProperties!.Size));
        Assert.NotNull(parent.StartedAt);
        Assert.NotNull(parent.StoppedAt);
        Assert.Empty(parent.Attempts);
        Assert.Null(parent.Container!.ExitCode);
    }

    [Fact]
    public async Task Children_are_described_and_listed_before_they_exist()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 5);
        var running = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(running);

        Assert.Equal([$"{array}:0"], await _batch.ChildrenAsync(array, "RUNNING"));
        Assert.Equal([$"{array}:1", $"{array}:2", $"{array}:3", $"{array}:4"], await _batch.ChildrenAsync(array, "RUNNABLE"));
        var child = await _batch.DescribeAsync($"{array}:4");
        Assert.Equal(("RUNNABLE", "job", 4), (child.Status, child.JobName, child.ArrayProperties!.Index));
        Assert.Empty((await _batch.Jobs.Describe(new() { Jobs = [$"{array}:5", $"{array}:00"] }, CancellationToken.None)).Jobs);
        Assert.Equal([array], (await _batch.Jobs.List(new() { JobQueue = queue, JobStatus = "PENDING" }, CancellationToken.None)).JobSummaryList.Select(job => job.JobId));
        Assert.Empty((await _batch.Jobs.List(new() { JobQueue = queue }, CancellationToken.None)).JobSummaryList);
    }

    [Fact]
    public async Task Scenario_08_one_failed_child_does_not_stop_the_others_and_fails_the_array_at_the_end()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 4);

        await _batch.RunAsync(queue, 0, 0, 1);
        Assert.Equal("PENDING", await _batch.StateAsync(array));
        await _batch.RunAsync(queue, 0);

        await _batch.UntilAsync(array, "FAILED");
        Assert.Equal("FAILED: Array Child Job failed", await _batch.StateAsync(array));
        Assert.Equal("SUCCEEDED 3 FAILED 1", await _batch.SummaryAsync(array));
    }

    [Fact]
    public async Task A_child_that_is_tried_again_goes_before_the_others()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, attempts: 2, size: 3);

        await _batch.RunAsync(queue, 1);

        var again = await _batch.LaunchOfAsync(queue);
        Assert.Equal(new($"{array}:0", 2), again.Attempt);
        Assert.Equal("RUNNABLE 2 STARTING 1", await _batch.SummaryAsync(array));
    }

    [Fact]
    public async Task Scenario_11_terminating_one_child_leaves_its_siblings_alone()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 3);
        var array = await _batch.SubmitAsync(queue, size: 3);
        var launches = new[] { await _batch.LaunchOfAsync(queue), await _batch.LaunchOfAsync(queue), await _batch.LaunchOfAsync(queue) };
        foreach (var launch in launches)
        {
            await _batch.StartedAsync(launch);
        }

        await _batch.TerminateAsync($"{array}:1", "not this one");
        await _batch.StopOfAsync($"{array}:1");
        foreach (var launch in launches)
        {
            await _batch.ExitedAsync(launch, launch.Attempt.JobId.EndsWith(":1", StringComparison.Ordinal) ? 143 : 0);
        }

        await _batch.UntilAsync(array, "FAILED");
        Assert.Equal("FAILED: not this one", await _batch.StateAsync($"{array}:1"));
        Assert.Equal("SUCCEEDED 2 FAILED 1", await _batch.SummaryAsync(array));
        Assert.Equal("FAILED: Array Child Job failed", await _batch.StateAsync(array));
    }

    [Fact]
    public async Task Scenario_12_terminating_an_array_ends_what_waits_at_once_and_stops_what_runs()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 3);
        await _batch.RunAsync(queue, 0);
        var running = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(running);

        await _batch.TerminateAsync(array, "no more");

        Assert.Equal("RUNNING 1 SUCCEEDED 1 FAILED 1", await _batch.SummaryAsync(array));
        Assert.Equal("FAILED: no more", await _batch.StateAsync($"{array}:2"));
        Assert.Equal("PENDING", await _batch.StateAsync(array));
        await _batch.StopOfAsync($"{array}:1");
        await _batch.ExitedAsync(running, 0);
        await _batch.UntilAsync(array, "FAILED");
        Assert.Equal("FAILED: no more", await _batch.StateAsync(array));
        Assert.Equal("FAILED: no more", await _batch.StateAsync($"{array}:1"));
        Assert.Equal("SUCCEEDED 1 FAILED 2", await _batch.SummaryAsync(array));
    }

    [Fact]
    public async Task Scenario_33_cancelling_an_array_lets_what_runs_finish_and_starts_nothing_more()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 2);
        var array = await _batch.SubmitAsync(queue, attempts: 5, size: 100);
        var (one, two) = (await _batch.LaunchOfAsync(queue), await _batch.LaunchOfAsync(queue));
        await _batch.StartedAsync(one);
        var next = await _batch.SubmitAsync(queue);

        await _batch.CancelAsync(array, "changed my mind");

        Assert.Equal("STARTING 1 RUNNING 1 FAILED 98", await _batch.SummaryAsync(array));
        Assert.Equal("FAILED: changed my mind", await _batch.StateAsync($"{array}:99"));
        Assert.Equal("PENDING", await _batch.StateAsync(array));
        await _batch.ExitedAsync(one, 0);
        await _batch.LaunchesNextAsync(queue, next);
        await _batch.ExitedAsync(two, 1);
        await _batch.UntilAsync(array, "FAILED");
        Assert.Equal("FAILED: changed my mind", await _batch.StateAsync(array));
        Assert.Equal("SUCCEEDED 1 FAILED 99", await _batch.SummaryAsync(array));
        Assert.Single((await _batch.DescribeAsync(two.Attempt.JobId)).Attempts);
    }

    [Fact]
    public async Task An_array_that_is_cancelled_when_all_its_children_had_started_succeeds_with_them()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 2);
        var array = await _batch.SubmitAsync(queue, size: 2);
        var (one, two) = (await _batch.LaunchOfAsync(queue), await _batch.LaunchOfAsync(queue));

        await _batch.CancelAsync(array);
        await _batch.ExitedAsync(one, 0);
        await _batch.ExitedAsync(two, 0);

        await _batch.UntilAsync(array, "SUCCEEDED");
        Assert.True((await _batch.DescribeAsync(array)).IsCancelled);
    }

    [Fact]
    public async Task A_child_that_waits_for_its_second_attempt_ends_with_its_array()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, attempts: 3, size: 2);
        var first = await _batch.LaunchOfAsync(queue);
        var other = await _batch.SubmitAsync(queue);
        await _batch.CancelAsync(other);
        await _batch.ExitedAsync(first, 1);
        var again = await _batch.LaunchOfAsync(queue);
        await _batch.ExitedAsync(again, 1);

        await _batch.TerminateAsync(array, "enough");

        Assert.Equal(2, await FailedOrRunningAsync(array));
        Assert.Equal("FAILED: enough", await _batch.StateAsync($"{array}:1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scenario_34_an_array_that_waits_for_a_job_ends_at_once_with_all_its_children(bool isCancel)
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var a = await _batch.SubmitAsync(queue);
        var array = await _batch.SubmitAsync(queue, size: 10_000, dependsOn: new JobDependency { JobId = a });
        Assert.Equal("PENDING 10000", await _batch.SummaryAsync(array));

        await (isCancel ? _batch.CancelAsync(array, "why") : _batch.TerminateAsync(array, "why"));

        Assert.Equal(("FAILED: why", "FAILED 10000"), (await _batch.StateAsync(array), await _batch.SummaryAsync(array)));
        Assert.Equal("FAILED: why", await _batch.StateAsync($"{array}:9999"));
        Assert.Equal(1000, (await _batch.ChildrenAsync(array, "FAILED")).Count());
    }

    [Fact]
    public async Task A_child_that_is_cancelled_before_it_exists_is_never_started()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 3);
        var first = await _batch.LaunchOfAsync(queue);

        await _batch.CancelAsync($"{array}:1", "not this one");

        Assert.Equal("FAILED: not this one", await _batch.StateAsync($"{array}:1"));
        Assert.Equal("RUNNABLE 1 STARTING 1 FAILED 1", await _batch.SummaryAsync(array));
        await _batch.ExitedAsync(first, 0);
        await _batch.LaunchesNextAsync(queue, $"{array}:2");
    }

    [Fact]
    public async Task After_a_restart_the_children_that_have_not_started_start_in_their_order()
    {
        using var folder = new TestFolder("arrays");
        var path = folder["batch.db"];
        string queue, array;
        await using (var first = await Batch.StartAsync(path))
        {
            queue = await first.SetUpAsync(maxvCpus: 1);
            array = await first.SubmitAsync(queue, size: 4);
            await first.RunAsync(queue, 0);
            await first.CancelAsync($"{array}:2");
            await first.ExitedAsync(await first.LaunchOfAsync(queue), 0);
            Assert.Equal($"{array}:3", (await first.LaunchOfAsync(queue)).Attempt.JobId);
        }

        await using var second = await Batch.StartAsync(path);
        await second.Keeper.LookAsync(CancellationToken.None);
        var launch = await second.LaunchOfAsync(queue);
        Assert.Equal(new($"{array}:3", 1), launch.Attempt);
        await second.ExitedAsync(launch, 0);
        await second.UntilAsync(array, "FAILED");
        Assert.Equal("SUCCEEDED 3 FAILED 1", await second.SummaryAsync(array));
    }

    [Fact]
    public async Task Deleting_a_queue_ends_its_arrays()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 3);
        var running = await _batch.LaunchOfAsync(queue);
        await _batch.Queues.Update(new() { JobQueue = queue, State = "DISABLED" }, CancellationToken.None);
        await _batch.Queues.Delete(new() { JobQueue = queue }, CancellationToken.None);

        await _batch.StopOfAsync($"{array}:0");
        await Batch.UntilAsync(async () => await _batch.SummaryAsync(array) == "STARTING 1 FAILED 2");
        await _batch.ExitedAsync(running, 143);

        await _batch.UntilAsync(array, "FAILED");
        Assert.Equal("FAILED: JobQueue deleted", await _batch.StateAsync(array));
        await Batch.UntilAsync(async () => (await _batch.Queues.Describe(new() { JobQueues = [queue] }, CancellationToken.None)).JobQueues.Count == 0);
    }

    [Fact]
    public async Task Tags_belong_to_the_array_and_not_to_its_children()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 2);
        var arn = (await _batch.DescribeAsync(array)).JobArn;
        await _batch.Tags.Tag(new() { ResourceArn = arn, Tags = new Dictionary<string, string> { ["a"] = "b" } }, CancellationToken.None);

        Assert.Equal("b", (await _batch.DescribeAsync(array)).Tags["a"]);
        Assert.Empty((await _batch.DescribeAsync($"{array}:0")).Tags);
        await Assert.ThrowsAsync<BatchClientException>(() => _batch.Tags.Tag(new() { ResourceArn = $"{arn}:0", Tags = new Dictionary<string, string> { ["a"] = "b" } }, CancellationToken.None));
        await _batch.LaunchesNextAsync(queue, $"{array}:0");
    }

    [Fact]
    public async Task Scenario_35_many_jobs_are_terminated_each_for_itself()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var done = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);
        var running = await _batch.SubmitAsync(queue);
        var launch = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(launch);
        var pending = await _batch.SubmitAsync(queue, dependsOn: new JobDependency { JobId = running });
        var runnable = await _batch.SubmitAsync(queue);
        string[] unknown = [.. Enumerable.Range(0, 45).Select(_ => Guid.NewGuid().ToString())];

        var answer = await _batch.Jobs.TerminateMany(new() { Jobs = [running, pending, runnable, done, .. unknown, "no id"], Reason = "end of day" }, CancellationToken.None);

        Assert.Equal([running, pending, runnable, done, .. unknown], answer.Successful);
        Assert.Equal(("no id", "ValidationException"), (Assert.Single(answer.Errors).Job, answer.Errors[0].Code));
        Assert.Equal("FAILED: end of day", await _batch.StateAsync(pending));
        Assert.Equal("FAILED: end of day", await _batch.StateAsync(runnable));
        Assert.StartsWith("SUCCEEDED", await _batch.StateAsync(done), StringComparison.Ordinal);
        await _batch.StopOfAsync(running);
        await _batch.ExitedAsync(launch, 0);
        Assert.Equal("FAILED: end of day", await _batch.StateAsync(running));
    }

    private async Task<int> FailedOrRunningAsync(string array) =>
        (await _batch.ChildrenAsync(array, "FAILED")).Count() + (await _batch.ChildrenAsync(array, "STARTING")).Count();
}
