using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>What queues, environments, nodes and the keeper rebuild themselves from.</summary>
public abstract class UnfinishedWorkConformance : JobStoreConformance
{
    private static readonly ScopedName Local = new(AJob.Scope, "local");

    [Fact]
    public async Task Runnable_jobs_come_in_their_order_those_tried_before_first()
    {
        await InsertAsync(
            AJob.New("a", createdAfterMilliseconds: 9),
            AJob.New("b", AJob.In(JobStatus.Running)),
            AJob.New("c", AJob.Waiting with { StatusReason = "MISCONFIGURATION" }),
            AJob.New("d", AJob.In(JobStatus.Pending)),
            AJob.New("e", AJob.WaitingAgain),
            AJob.New("f"));
        await WriteAsync("b", 1, AJob.WaitingAgain);
        await WriteAsync("f", 1, AJob.In(JobStatus.Starting));

        var jobs = await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token);

        Assert.Equal(["b", "e", "a", "c"], jobs.Select(job => job.JobId));
        Assert.Equal([true, true, false, false], jobs.Select(job => job.TriedBefore));
        Assert.Equal([false, false, false, true], jobs.Select(job => job.HasStatusReason));
        var first = await ReadAsync("b");
        Assert.Equal((first.Sequence, first.Spec.Needs), (jobs[0].Sequence, jobs[0].Needs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Runnable_jobs_are_read_on_after_the_given_one(int limit)
    {
        await InsertAsync([.. Enumerable.Range(0, 9).Select(number => AJob.New($"{number}", number % 3 == 1 ? AJob.WaitingAgain : null))]);
        List<string> read = [];
        RunnableJob? after = null;
        while (await Jobs.ReadRunnableAsync(AJob.Queue, after, limit, Token) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= limit);
            read.AddRange(page.Select(job => job.JobId));
            after = page[^1];
        }

        Assert.Equal(["1", "4", "7", "0", "2", "3", "5", "6", "8"], read);
    }

    [Fact]
    public async Task A_reason_that_comes_and_goes_while_a_job_waits_is_seen()
    {
        await InsertAsync(AJob.New("a"));
        await WriteAsync("a", 1, AJob.Waiting with { StatusReason = "MISCONFIGURATION" });
        Assert.True(Assert.Single(await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token)).HasStatusReason);
        await WriteAsync("a", 2, AJob.Waiting);
        Assert.False(Assert.Single(await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token)).HasStatusReason);
    }

    [Fact]
    public async Task Open_jobs_are_those_that_have_not_ended_by_sequence()
    {
        await InsertAsync([.. Enum.GetValues<JobStatus>().Reverse().Select(status => AJob.New($"{status}", AJob.In(status)))]);

        var jobs = await Jobs.ReadOpenAsync(AJob.Queue, 0, 10, Token);

        Assert.Equal(["Running", "Starting", "Runnable", "Pending", "Submitted"], jobs.Select(job => job.JobId));
        Assert.Equal(jobs.Select(job => job.JobId), jobs.Select(job => $"{job.Status}"));
        Assert.Equal(["Starting", "Runnable"], (await Jobs.ReadOpenAsync(AJob.Queue, jobs[0].Sequence, 2, Token)).Select(job => job.JobId));
        Assert.Empty(await Jobs.ReadOpenAsync(AJob.Queue, jobs[^1].Sequence, 10, Token));
    }

    [Fact]
    public async Task A_job_that_ended_is_open_no_more()
    {
        await InsertAsync(AJob.New("a"), AJob.New("b"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Succeeded));
        Assert.Equal(["b"], (await Jobs.ReadOpenAsync(AJob.Queue, 0, 10, Token)).Select(job => job.JobId));
    }

    [Fact]
    public async Task Placed_jobs_are_found_by_environment_and_by_node_as_long_as_they_are_placed()
    {
        await InsertAsync(
            AJob.New("a", AJob.Placed(JobStatus.Starting, "local", "i-1")),
            AJob.New("b", AJob.Placed(JobStatus.Running, "local", "i-2")),
            AJob.New("c", AJob.Placed(JobStatus.Running, "other", "i-1")),
            AJob.New("d", AJob.Placed(JobStatus.Starting, "local", "i-1"), scope: new("210987654321", "us-east-1")),
            AJob.New("e"));

        Assert.Equal(["a", "b"], Ids(await Jobs.ReadPlacedInEnvironmentAsync(Local, Token)));
        Assert.Equal(["a", "c", "d"], Ids(await Jobs.ReadPlacedOnNodeAsync("i-1", Token)));

        await WriteAsync("a", 1, AJob.Placed(JobStatus.Running, "local", "i-1"));
        await WriteAsync("b", 1, AJob.In(JobStatus.Failed));
        await WriteAsync("c", 1, AJob.WaitingAgain);
        await WriteAsync("e", 1, AJob.Placed(JobStatus.Starting, "local", "i-3"));

        Assert.Equal(["a", "e"], Ids(await Jobs.ReadPlacedInEnvironmentAsync(Local, Token)));
        Assert.Equal(["a", "d"], Ids(await Jobs.ReadPlacedOnNodeAsync("i-1", Token)));
        Assert.Empty(await Jobs.ReadPlacedOnNodeAsync("i-2", Token));
    }

    [Fact]
    public async Task A_retry_may_be_placed_elsewhere()
    {
        await InsertAsync(AJob.New("a", AJob.Placed(JobStatus.Starting, "local", "i-1")));
        await WriteAsync("a", 1, AJob.Placed(JobStatus.Starting, "local", "i-2"));
        Assert.Empty(await Jobs.ReadPlacedOnNodeAsync("i-1", Token));
        Assert.Equal(["a"], Ids(await Jobs.ReadPlacedOnNodeAsync("i-2", Token)));
    }

    [Fact]
    public async Task A_placed_job_says_what_it_holds_and_for_whom()
    {
        var job = AJob.New("a", AJob.Placed(JobStatus.Running), queue: "fast");
        await InsertAsync(job);

        var placed = Assert.Single(await Jobs.ReadPlacedInEnvironmentAsync(Local, Token));

        Same.As(new PlacedJob("a", new(AJob.Scope, "fast"), job.Spec.Needs, job.State), placed);
        Same.As(placed, Assert.Single(await Jobs.ReadPlacedOnNodeAsync("i-0123456789abcdef0", Token)));
    }

    [Fact]
    public async Task Unfinished_work_names_every_queue_environment_and_node_once()
    {
        Scope other = new("210987654321", "eu-west-1");
        await InsertAsync(
            AJob.New("a", queue: "one"),
            AJob.New("b", queue: "one"),
            AJob.New("c", scope: other, queue: "one"),
            AJob.New("d", AJob.In(JobStatus.Pending), queue: "pending"),
            AJob.New("e", AJob.Placed(JobStatus.Starting, "local", "i-1"), queue: "placed"),
            AJob.New("f", AJob.Placed(JobStatus.Running, "local", "i-2"), queue: "placed"),
            AJob.New("g", AJob.Placed(JobStatus.Running, "local", "i-2"), scope: other, queue: "placed"),
            AJob.New("h", AJob.In(JobStatus.Failed), queue: "ended"));

        var work = await Jobs.ReadUnfinishedWorkAsync(Token);

        Assert.Equal(["123456789012/us-east-1/one", "210987654321/eu-west-1/one"], work.Queues.Select(queue => queue.Key).Order());
        Assert.Equal(["123456789012/us-east-1/local", "210987654321/eu-west-1/local"], work.Environments.Select(name => name.Key).Order());
        Assert.Equal(["i-1", "i-2"], work.Nodes.Order());
    }

    [Fact]
    public async Task No_unfinished_work_is_found_where_there_is_none()
    {
        Assert.Empty((await Jobs.ReadUnfinishedWorkAsync(Token)).Queues);
        await InsertAsync(AJob.New("a"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Starting));
        await WriteAsync("a", 2, AJob.In(JobStatus.Succeeded));

        var work = await Jobs.ReadUnfinishedWorkAsync(Token);

        Assert.Empty(work.Queues);
        Assert.Empty(work.Environments);
        Assert.Empty(work.Nodes);
        Assert.Empty(await Jobs.ReadRunnableAsync(new(AJob.Scope, "never used"), null, 10, Token));
        Assert.Empty(await Jobs.ReadOpenAsync(new(AJob.Scope, "never used"), 0, 10, Token));
    }

    private static IEnumerable<string> Ids(IEnumerable<PlacedJob> jobs) => jobs.Select(job => job.JobId).Order();
}
