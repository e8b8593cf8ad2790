using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>What a fair-share queue rebuilds itself from, and how its jobs are listed.</summary>
public abstract class ShareConformance : JobStoreConformance
{
    private const string Array = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    [Fact]
    public async Task Waiting_jobs_and_children_come_with_share_priority_and_consumables()
    {
        await InsertAsync(New("a", "A", 7), AJob.New("b"), New(Array, "B", 3, new() { Status = JobStatus.Pending, Unwritten = AJob.Waiting }, size: 3));
        await WriteAsync($"{Array}:1", 0, AJob.WaitingAgain);

        var jobs = await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token);

        Assert.Equal([($"{Array}:1", "B", 3), ("a", "A", 7), ("b", null, 0), (Array, "B", 3)], jobs.Select(job => (job.JobId, job.Share, job.Priority)));
        Assert.All(jobs.Where(job => job.Share is not null), job => Assert.Equal(new("licence", 2), Need(Assert.Single(job.Consumables!))));
        Assert.Null(jobs[2].Consumables);
    }

    [Fact]
    public async Task What_attempts_have_used_is_read_back_as_far_as_asked()
    {
        await InsertAsync(New("a", "A"), New("b", "B"));
        foreach (var (id, share, minute) in new[] { ("a", "A", 1), ("b", "B", 5) })
        {
            await WriteAsync(id, 1, AJob.In(JobStatus.Running));
            await CommitAsync(new() { Writes = [new(id, 2, AJob.In(JobStatus.Failed)) { Used = new(share, 2_000, AJob.Noon, AJob.Noon.AddMinutes(minute)) }] });
        }

        await Store.ReopenAsync();
        Assert.Equal(
            [new("A", 2_000, AJob.Noon, AJob.Noon.AddMinutes(1)), new("B", 2_000, AJob.Noon, AJob.Noon.AddMinutes(5))],
            await Jobs.ReadShareUseAsync(AJob.Queue, AJob.Noon, Token));
        Assert.Equal(["B"], (await Jobs.ReadShareUseAsync(AJob.Queue, AJob.Noon.AddMinutes(1), Token)).Select(use => use.Share));
        Assert.Empty(await Jobs.ReadShareUseAsync(new ScopedName(AJob.Scope, "other"), AJob.Noon, Token));
    }

    [Fact]
    public async Task A_step_that_is_refused_notes_no_use()
    {
        await InsertAsync(New("a", "A"));
        await CommitAsync(new() { Writes = [new("a", 9, AJob.In(JobStatus.Failed)) { Used = new("A", 1, AJob.Noon, AJob.Noon.AddMinutes(1)) }] });

        Assert.Empty(await Jobs.ReadShareUseAsync(AJob.Queue, DateTimeOffset.UnixEpoch, Token));
    }

    [Fact]
    public async Task Jobs_that_wait_for_others_are_found_with_their_shares()
    {
        await InsertAsync(New("a", "A", state: AJob.In(JobStatus.Pending)), New("b", "B"), AJob.New("c", AJob.In(JobStatus.Pending)), New("d", "D", state: AJob.In(JobStatus.Pending)));
        await WriteAsync("d", 1, AJob.In(JobStatus.Failed));

        Assert.Equal(["A"], (await Jobs.ReadPendingSharesAsync(AJob.Queue, Token)).Select(job => job.Share));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_share_is_listed_newest_first_in_a_status_or_in_any(int limit)
    {
        await InsertAsync(New("a", "A"), New("b", "B"), New("c", "A", state: AJob.In(JobStatus.Failed)), New("d", "A"));

        Assert.Equal(["d", "c", "a"], await ListAsync(new JobFilter.InShare("A", null), limit));
        Assert.Equal(["d", "a"], await ListAsync(new JobFilter.InShare("A", JobStatus.Runnable), limit));
        Assert.Empty(await ListAsync(new JobFilter.InShare("a", null), limit));
    }

    [Fact]
    public async Task A_job_that_holds_capacity_names_its_share()
    {
        await InsertAsync(New("a", "A", state: AJob.Placed(JobStatus.Running)));
        Assert.Equal("A", Assert.Single(await Jobs.ReadPlacedInEnvironmentAsync(new(AJob.Scope, "local"), Token)).Share);
    }

    private static (string Name, long Quantity) Need(Model.ConsumableResources.ConsumableNeed need) => (need.ResourceName, need.Quantity);

    private static NewJob New(string id, string share, int priority = 0, JobState? state = null, int? size = null)
    {
        var job = AJob.New(id, state);
        return job with
        {
            Spec = job.Spec with
            {
                ShareIdentifier = share,
                SchedulingPriority = priority,
                ArraySize = size,
                ConsumableResources = [new() { ResourceName = "licence", Quantity = 2 }],
            },
        };
    }
}
