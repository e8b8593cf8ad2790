using OrleansBatch.Model.Jobs;
using OrleansBatch.Testing;

namespace OrleansBatch.Grains.Tests.Jobs;

public sealed class DependencyTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task A_job_starts_when_all_that_it_waits_for_succeeded_also_in_another_queue()
    {
        var (queue, other) = (await _batch.SetUpAsync(maxvCpus: 2), await _batch.SetUpAsync(maxvCpus: 2));
        var (a, b) = (await _batch.SubmitAsync(queue), await _batch.SubmitAsync(queue));
        var dependent = await _batch.SubmitAsync(other, dependsOn: [On(a), On(b)]);
        Assert.Equal("PENDING", await _batch.StateAsync(dependent));

        await _batch.RunAsync(queue, 0);
        Assert.Equal("PENDING", await _batch.StateAsync(dependent));
        await _batch.RunAsync(queue, 0);

        await _batch.LaunchesNextAsync(other, dependent);
    }

    [Fact]
    public async Task What_has_succeeded_before_is_not_waited_for()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var a = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);

        var dependent = await _batch.SubmitAsync(queue, dependsOn: On(a));

        Assert.NotEqual("PENDING", await _batch.StateAsync(dependent));
        await _batch.LaunchesNextAsync(queue, dependent);
    }

    [Fact]
    public async Task What_has_failed_before_fails_its_dependent_at_once()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var a = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 1);

        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync(await _batch.SubmitAsync(queue, dependsOn: On(a))));
        var array = await _batch.SubmitAsync(queue, size: 3, dependsOn: On(a));
        Assert.Equal(("FAILED: Dependent Job failed", "FAILED 3"), (await _batch.StateAsync(array), await _batch.SummaryAsync(array)));
    }

    [Fact]
    public async Task Who_waits_for_one_child_hears_of_it_when_the_whole_array_ends_before_that_child_began()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var running = await _batch.SubmitAsync(queue);
        await _batch.StartedAsync(await _batch.LaunchOfAsync(queue));
        var array = await _batch.SubmitAsync(queue, size: 5, dependsOn: On(running));
        var dependent = await _batch.SubmitAsync(queue, dependsOn: On($"{array}:3"));

        await _batch.CancelAsync(array);

        await Batch.UntilAsync(async () => await _batch.StateAsync(dependent) == "FAILED: Dependent Job failed");
    }

    [Fact]
    public async Task A_child_whose_own_dependency_failed_fails_at_once_while_the_whole_array_still_waits()
    {
        var (queue, busy) = (await _batch.SetUpAsync(maxvCpus: 3), await _batch.SetUpAsync(maxvCpus: 1));
        var slow = await _batch.SubmitAsync(busy);
        await _batch.StartedAsync(await _batch.LaunchOfAsync(busy));
        var each = await _batch.SubmitAsync(busy, size: 2);
        var array = await _batch.SubmitAsync(queue, size: 2, dependsOn: [On(slow), new() { JobId = each, Type = "N_TO_N" }]);

        await _batch.CancelAsync($"{each}:1");

        await Batch.UntilAsync(async () => await _batch.StateAsync($"{array}:1") == "FAILED: Dependent Job failed");
        Assert.Equal("PENDING", await _batch.StateAsync($"{array}:0"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scenario_06_a_pending_job_is_ended_at_once_and_its_dependency_goes_on(bool isCancel)
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var a = await _batch.SubmitAsync(queue);
        var running = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(running);
        var b = await _batch.SubmitAsync(queue, dependsOn: On(a));
        var c = await _batch.SubmitAsync(queue, dependsOn: On(b));

        await (isCancel ? _batch.CancelAsync(b, "why") : _batch.TerminateAsync(b, "why"));

        var ended = await _batch.DescribeAsync(b);
        Assert.Equal(("FAILED", "why", isCancel, !isCancel), (ended.Status, ended.StatusReason, ended.IsCancelled, ended.IsTerminated));
        Assert.Empty(ended.Attempts);
        Assert.Equal("RUNNING", await _batch.StateAsync(a));
        await _batch.UntilAsync(c, "FAILED");
        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync(c));
        await _batch.ExitedAsync(running, 0);
        Assert.StartsWith("SUCCEEDED", await _batch.StateAsync(a), StringComparison.Ordinal);
        Assert.Equal(ended with { Attempts = [] }, await _batch.DescribeAsync(b) with { Attempts = [], DependsOn = ended.DependsOn, Container = ended.Container, Parameters = ended.Parameters, Tags = ended.Tags, PlatformCapabilities = ended.PlatformCapabilities, RetryStrategy = ended.RetryStrategy, OrleansBatch = ended.OrleansBatch });
    }

    [Fact]
    public async Task Scenario_07_a_failure_goes_down_the_whole_chain()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var a = await _batch.SubmitAsync(queue);
        var b = await _batch.SubmitAsync(queue, dependsOn: On(a));
        var c = await _batch.SubmitAsync(queue, dependsOn: On(b));

        await _batch.RunAsync(queue, 1);

        await _batch.UntilAsync(c, "FAILED");
        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync(b));
        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync(c));
    }

    [Fact]
    public async Task A_dependent_job_keeps_the_place_of_its_submission()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var a = await _batch.SubmitAsync(queue);
        var launch = await _batch.LaunchOfAsync(queue);
        var dependent = await _batch.SubmitAsync(queue, dependsOn: On(a));
        var later = await _batch.SubmitAsync(queue);
        await _batch.SubmitAsync(queue, dependsOn: On(later));

        await _batch.TerminateAsync(later);
        later = await _batch.SubmitAsync(queue);
        await _batch.ExitedAsync(launch, 0);

        // Whichever of the two the free place met first, the other is next.
        var next = await _batch.LaunchOfAsync(queue);
        await _batch.ExitedAsync(next, 0);
        var last = await _batch.LaunchOfAsync(queue);
        Assert.Equal(new[] { dependent, later }.Order(), new[] { next.Attempt.JobId, last.Attempt.JobId }.Order());
    }

    [Fact]
    public async Task Scenario_09_a_failed_child_of_a_sequence_fails_those_after_it()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 4);
        var array = await _batch.SubmitAsync(queue, size: 3, dependsOn: new JobDependency { Type = "SEQUENTIAL" });

        await _batch.RunAsync(queue, 1);

        await _batch.UntilAsync(array, "FAILED");
        Assert.Equal("FAILED: Array Child Job failed", await _batch.StateAsync(array));
        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync($"{array}:1"));
        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync($"{array}:2"));
    }

    [Fact]
    public async Task The_children_of_a_sequence_run_one_after_another()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 4);
        var array = await _batch.SubmitAsync(queue, size: 3, dependsOn: new JobDependency { Type = "SEQUENTIAL" });
        for (var index = 0; index < 3; index++)
        {
            var launch = await _batch.LaunchOfAsync(queue);
            Assert.Equal($"{array}:{index}", launch.Attempt.JobId);
            Assert.Equal(index == 2 ? "STARTING 1 SUCCEEDED 2" : $"PENDING {2 - index} STARTING 1{(index == 0 ? "" : $" SUCCEEDED {index}")}", await _batch.SummaryAsync(array));
            await _batch.ExitedAsync(launch, 0);
        }

        await _batch.UntilAsync(array, "SUCCEEDED");
    }

    [Fact]
    public async Task Scenario_10_a_child_that_fails_fails_only_the_child_of_its_index()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var first = await _batch.SubmitAsync(queue, size: 3);
        var other = await _batch.SetUpAsync(maxvCpus: 3);
        var second = await _batch.SubmitAsync(other, size: 3, dependsOn: new JobDependency { JobId = first, Type = "N_TO_N" });

        await _batch.RunAsync(queue, 0, 1);
        await _batch.UntilAsync($"{second}:1", "FAILED");
        await _batch.LaunchesNextAsync(other, $"{second}:0");
        Assert.Equal("PENDING", await _batch.StateAsync($"{second}:2"));
        await _batch.RunAsync(queue, 0);
        await _batch.LaunchesNextAsync(other, $"{second}:2");

        Assert.Equal("FAILED: Dependent Job failed", await _batch.StateAsync($"{second}:1"));
        Assert.Equal([new() { JobId = $"{first}:1", Type = "N_TO_N" }], (await _batch.DescribeAsync($"{second}:1")).DependsOn);
    }

    [Fact]
    public async Task Children_of_an_array_that_is_cancelled_fail_their_like_in_the_other()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var first = await _batch.SubmitAsync(queue, size: 3);
        var running = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(running);
        var second = await _batch.SubmitAsync(queue, size: 3, dependsOn: new JobDependency { JobId = first, Type = "N_TO_N" });

        await _batch.CancelAsync(first);

        await Batch.UntilAsync(async () => await _batch.SummaryAsync(second) == "PENDING 1 FAILED 2");
        await _batch.ExitedAsync(running, 0);
        await _batch.LaunchesNextAsync(queue, $"{second}:0");
    }

    [Fact]
    public async Task A_job_may_wait_for_one_child_of_an_array_and_for_a_whole_array()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 2);
        var other = await _batch.SetUpAsync(maxvCpus: 2);
        var ofOne = await _batch.SubmitAsync(other, dependsOn: On($"{array}:0"));
        var ofAll = await _batch.SubmitAsync(other, dependsOn: On(array));

        await _batch.RunAsync(queue, 0);
        await _batch.LaunchesNextAsync(other, ofOne);
        await _batch.RunAsync(queue, 0);
        await _batch.LaunchesNextAsync(other, ofAll);
    }

    [Fact]
    public async Task A_look_that_was_never_taken_is_found_by_the_keeper()
    {
        using var folder = new TestFolder("looks");
        var path = folder["batch.db"];
        string queue, a, dependent, array;
        await using (var first = await Batch.StartAsync(path))
        {
            queue = await first.SetUpAsync(maxvCpus: 1);
            a = await first.SubmitAsync(queue);
            dependent = await first.SubmitAsync(queue, dependsOn: On(a));
            array = await first.SubmitAsync(queue, size: 3, dependsOn: On(a));
        }

        // The end is stored, and whoever stored it dies before it tells anyone.
        await using (var database = Storage.Sqlite.SqliteDatabase.Open(path, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Storage.Sqlite.SqliteDatabase>.Instance))
        {
            var store = new Storage.Sqlite.SqliteJobStore(database);
            var job = (await store.ReadAsync(a, CancellationToken.None))!;
            var failed = job.State with { Status = JobStatus.Failed, Placement = null, StoppedAt = DateTimeOffset.UnixEpoch };
            await store.CommitAsync(new() { Writes = [new(a, job.Version, failed)] }, CancellationToken.None);
        }

        await using var second = await Batch.StartAsync(path);
        Assert.Equal("PENDING", await second.StateAsync(dependent));
        await second.Keeper.LookAsync(CancellationToken.None);

        Assert.Equal("FAILED: Dependent Job failed", await second.StateAsync(dependent));
        Assert.Equal("FAILED: Dependent Job failed", await second.StateAsync(array));
        Assert.Equal("FAILED 3", await second.SummaryAsync(array));
    }

    private static JobDependency On(string jobId) => new() { JobId = jobId };
}
