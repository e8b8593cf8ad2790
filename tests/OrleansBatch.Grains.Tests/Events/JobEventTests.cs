using OrleansBatch.Model;
using OrleansBatch.Model.Events;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Events;

/// <summary>Every change of a job is recorded in order, and read as the job was then.</summary>
public sealed class JobEventTests(ClusterFixture fixture)
{
    private const string Done = "Essential container in task exited";

    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task A_job_that_runs_has_an_event_for_each_status_but_the_submission()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);

        await _batch.RunAsync(queue, 0);

        Assert.Equal(["1 RUNNABLE", "2 STARTING", "3 RUNNING", $"4 SUCCEEDED: {Done}"], await _batch.EventsAsync(job));
    }

    [Fact]
    public async Task A_retry_is_a_change_to_RUNNABLE_and_each_event_shows_the_attempts_of_its_time()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue, attempts: 2);
        await _batch.RunAsync(queue, 1, 0);

        var events = (await _batch.Events.List(new() { JobId = job }, CancellationToken.None)).Events;

        Assert.Equal(
            ["RUNNABLE", "STARTING", "RUNNING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"],
            events.Select(each => each.Detail.Status));
        Assert.Equal([0, 0, 0, 1, 1, 1, 2], events.Select(each => each.Detail.Attempts.Count));
        Assert.Equal([false, false, true, true, true, true, true], events.Select(each => each.Detail.StartedAt is not null));
        Assert.Equal([false, false, false, false, false, false, true], events.Select(each => each.Detail.StoppedAt is not null));
        Assert.Equal([false, true, true, true, true, true, true], events.Select(each => each.Detail.Container!.TaskArn is not null));
        Assert.NotEqual(events[1].Detail.Container!.TaskArn, events[4].Detail.Container!.TaskArn);
        Assert.Equal([events[0].Detail.JobArn], events[0].Resources);
        Assert.Equal(7, events.Select(each => each.Id).Distinct().Count());
        Assert.Equal(events.Select(each => each.Id), (await _batch.Events.List(new() { JobId = job }, CancellationToken.None)).Events.Select(each => each.Id));
    }

    [Fact]
    public async Task A_job_that_waits_for_another_is_PENDING_first_and_fails_with_it()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var first = await _batch.SubmitAsync(queue);
        var met = await _batch.SubmitAsync(queue, dependsOn: new Model.Jobs.JobDependency { JobId = first });
        await _batch.RunAsync(queue, 0);
        var launch = await _batch.LaunchOfAsync(queue);
        var failing = await _batch.SubmitAsync(queue, dependsOn: new Model.Jobs.JobDependency { JobId = met });
        await _batch.ExitedAsync(launch, 1);
        await _batch.UntilAsync(failing, "FAILED");

        Assert.Equal(["1 PENDING", "2 RUNNABLE", "3 STARTING", "4 RUNNING", $"5 FAILED: {Done}"], await _batch.EventsAsync(met));
        Assert.Equal(["1 PENDING", "2 FAILED: Dependent Job failed"], await _batch.EventsAsync(failing));
    }

    [Fact]
    public async Task A_report_that_comes_twice_makes_its_events_once()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        var launch = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(launch);
        await _batch.StartedAsync(launch);
        await _batch.ExitedAsync(launch, 3);
        await _batch.ExitedAsync(launch, 3);

        Assert.Equal(["1 RUNNABLE", "2 STARTING", "3 RUNNING", $"4 FAILED: {Done}"], await _batch.EventsAsync(job));
    }

    [Fact]
    public async Task Each_child_of_an_array_has_its_events_whether_it_has_a_row_or_not()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var array = await _batch.SubmitAsync(queue, size: 4);
        await _batch.RunAsync(queue, 0);
        var running = await _batch.LaunchOfAsync(queue);
        await _batch.StartedAsync(running);

        await _batch.TerminateAsync(array, "enough");
        await _batch.ReportAsync(running, AttemptOutcome.Exited, 143);
        await _batch.UntilAsync(array, "FAILED");

        Assert.Equal(["1 PENDING", "2 FAILED: enough"], await _batch.EventsAsync(array));
        Assert.Equal(["1 RUNNABLE", "2 STARTING", "3 RUNNING", $"4 SUCCEEDED: {Done}"], await _batch.EventsAsync($"{array}:0"));
        Assert.Equal(["1 RUNNABLE", "2 STARTING", "3 RUNNING", "4 FAILED: enough"], await _batch.EventsAsync($"{array}:1"));
        Assert.Equal(["1 RUNNABLE", "2 FAILED: enough"], await _batch.EventsAsync($"{array}:2"));
        Assert.Equal(["1 RUNNABLE", "2 FAILED: enough"], await _batch.EventsAsync($"{array}:3"));

        var all = await ReadAllAsync(new() { JobQueues = [queue], MaxResults = 3 });
        foreach (var child in Enumerable.Range(0, 4))
        {
            var own = all.Where(each => each.Detail.JobId == $"{array}:{child}").ToList();
            Assert.Equal(Enumerable.Range(1, own.Count), own.Select(each => each.Detail.OrleansBatch!.SequenceNumber!.Value));
            Assert.Equal(child, own[0].Detail.ArrayProperties!.Index);
        }

        Assert.Equal(2 + 4 + 4 + 2 + 2, all.Count);
        Assert.Equal(array, all[^1].Detail.JobId);
        Assert.Null(all[^1].Detail.ArrayProperties!.StatusSummary);
    }

    [Fact]
    public async Task A_cancel_of_a_waiting_array_is_an_event_of_every_child()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(queue);
        var running = await _batch.LaunchOfAsync(queue);
        var array = await _batch.SubmitAsync(queue, size: 500);

        await _batch.CancelAsync(array, "no");
        await _batch.UntilAsync(array, "FAILED");

        var failed = await ReadAllAsync(new() { JobQueues = [queue], Statuses = ["FAILED"] });
        Assert.Equal(501, failed.Count);
        Assert.All(failed, each => Assert.Equal(("no", true), (each.Detail.StatusReason, each.Detail.IsCancelled)));
        Assert.Equal(501, failed.Select(each => each.Id).Distinct().Count());
        await _batch.ExitedAsync(running, 0);
    }

    [Fact]
    public async Task A_head_that_blocks_its_queue_is_an_event_of_its_own()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await _batch.RegisterAsync($"{queue}-big", vcpus: 2);
        var big = await _batch.SubmitAsync(queue, definition: $"{queue}-big");
        await Batch.UntilAsync(async () => (await _batch.DescribeAsync(big)).StatusReason is not null);

        var blocked = (await _batch.Events.List(new() { JobId = big }, CancellationToken.None)).Events[^1];

        Assert.Equal(("Batch Job Queue Blocked", "RUNNABLE"), (blocked.DetailType, blocked.Detail.Status));
        Assert.StartsWith("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", blocked.Detail.StatusReason, StringComparison.Ordinal);
        Assert.Equal([blocked.Detail.JobArn, blocked.Detail.JobQueue], blocked.Resources);
        Assert.Equal(2, blocked.Detail.OrleansBatch!.SequenceNumber);
        Assert.Equal(blocked.Id, Assert.Single(await ReadAllAsync(new() { DetailTypes = ["Batch Job Queue Blocked"], JobQueues = [queue] })).Id);
        await _batch.CancelAsync(big);
    }

    [Fact]
    public async Task Who_waits_for_events_gets_them_when_they_are_recorded()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var waiting = _batch.Events.List(new() { After = "now", JobQueues = [queue], WaitSeconds = 20 }, CancellationToken.None);
        var job = await _batch.SubmitAsync(queue);

        Assert.Equal(job, (await waiting).Events[0].Detail.JobId);
        var next = _batch.Events.List(new() { JobId = job, After = "2", WaitSeconds = 20 }, CancellationToken.None);
        await _batch.RunAsync(queue, 0);
        Assert.Equal("RUNNING", (await next).Events[0].Detail.Status);
    }

    [Fact]
    public async Task Who_waits_in_vain_gets_an_empty_page_to_go_on_with()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);

        var waiting = _batch.Events.List(new() { JobId = job, After = "4", WaitSeconds = 20 }, CancellationToken.None);
        await Batch.UntilAsync(() =>
        {
            _batch.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(waiting.IsCompleted);
        });

        var page = await waiting;
        Assert.Empty(page.Events);
        Assert.Equal(("4", false), (page.NextCursor, page.HasMore));
    }

    [Theory]
    [InlineData(null, "x", null, null, null, "after")]
    [InlineData(null, "1.2147483647", null, null, null, "after")]
    [InlineData(null, null, 0, null, null, "maxResults")]
    [InlineData(null, null, 1_001, null, null, "maxResults")]
    [InlineData(null, null, null, 21, null, "waitSeconds")]
    [InlineData(null, null, null, null, "DONE", "statuses")]
    [InlineData("0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11", null, null, null, null, "does not exist")]
    [InlineData("0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11", null, null, null, "FAILED", "statuses")]
    [InlineData("nothing", null, null, null, null, "does not exist")]
    public async Task A_request_that_breaks_a_rule_is_refused(string? job, string? after, int? results, int? wait, string? status, string word)
    {
        var refused = await Assert.ThrowsAsync<BatchClientException>(() => _batch.Events.List(
            new() { JobId = job, After = after, MaxResults = results, WaitSeconds = wait, Statuses = status is null ? null : [status] },
            CancellationToken.None));

        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
    }

    private async Task<List<BatchEvent>> ReadAllAsync(ListEventsRequest request)
    {
        List<BatchEvent> events = [];
        var page = new ListEventsResponse { Events = [], NextCursor = "0", HasMore = true };
        while (page.HasMore)
        {
            page = await _batch.Events.List(request with { After = page.NextCursor }, CancellationToken.None);
            events.AddRange(page.Events);
        }

        return events;
    }
}
