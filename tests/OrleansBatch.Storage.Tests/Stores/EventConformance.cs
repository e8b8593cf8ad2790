using CsCheck;
using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Events are written with the rows that they tell of, numbered by job without gaps, and read in the order of commits.</summary>
public abstract class EventConformance : JobStoreConformance
{
    private const string Parent = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    private static readonly EventFilter All = EventFilter.Read(null, null, null, AJob.Scope);

    private IEventStore Events => Store.Events;

    [Fact]
    public async Task A_jobs_events_are_numbered_in_the_order_in_which_they_were_written()
    {
        await InsertAsync(AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable)] }, AJob.New("b"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Starting), AJob.Change(JobStatus.Starting));
        await WriteAsync("b", 1, AJob.In(JobStatus.Failed), AJob.Change(JobStatus.Failed, "no"));
        await WriteAsync("a", 2, AJob.In(JobStatus.Succeeded), AJob.Change(JobStatus.Running), AJob.Change(JobStatus.Succeeded, "done", attempts: 1));

        Assert.Equal(["1 Runnable ", "2 Starting ", "3 Running ", "4 Succeeded done"], await OfAsync("a"));
        Assert.Equal(["1 Failed no"], await OfAsync("b"));
        Assert.Equal(["3 Running ", "4 Succeeded done"], await OfAsync("a", after: 2));
        Assert.Equal(["a1", "a2", "b1", "a3", "a4"], await AllAsync());
    }

    [Fact]
    public async Task An_event_is_read_with_all_that_was_written()
    {
        var change = new JobChange(JobChangeKind.QueueBlocked, AJob.Noon.AddSeconds(5), JobStatus.Runnable, "Größe \n\"", 3, IsCancelled: true, IsTerminated: true);
        await InsertAsync(AJob.New("a") with { Changes = [change] });

        var recorded = Assert.Single(await Events.ReadOfJobAsync(AJob.Scope, "a", 0, 10, Token) ?? []);

        Assert.Equal(change, recorded.Change);
        Same.As(recorded, await Events.FindAsync(recorded.Position, Token));
        Assert.Null(await Events.FindAsync(new(9, EventPosition.Whole), Token));
    }

    [Fact]
    public async Task A_job_of_another_scope_has_no_events()
    {
        var other = new Scope(AJob.Scope.Account, "eu-west-1");
        await InsertAsync(AJob.New("a", scope: other) with { Changes = [AJob.Change(JobStatus.Runnable)] });

        Assert.Null(await Events.ReadOfJobAsync(AJob.Scope, "a", 0, 10, Token));
        Assert.Null(await Events.ReadOfJobAsync(AJob.Scope, "unknown", 0, 10, Token));
        Assert.Empty(await AllAsync());
    }

    [Fact]
    public async Task A_refused_step_makes_no_events_and_the_next_has_the_next_number()
    {
        await InsertAsync(AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable)] });
        await WriteAsync("a", 7, AJob.In(JobStatus.Starting), AJob.Change(JobStatus.Starting));
        Store.FailOnce(StoreFault.BeforeCommit);
        await WriteAsync("a", 1, AJob.In(JobStatus.Failed), AJob.Change(JobStatus.Failed));

        Assert.Equal(["1 Runnable ", "2 Failed "], await OfAsync("a"));
    }

    [Fact]
    public async Task Numbers_and_positions_go_on_after_a_crash()
    {
        await InsertAsync(AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable)] });
        await Store.CrashAsync();
        Assert.Equal(1, (await Events.NewestAsync(Token)).Id);
        await WriteAsync("a", 1, AJob.In(JobStatus.Starting), AJob.Change(JobStatus.Starting));
        await Store.ReopenAsync();
        await WriteAsync("a", 2, AJob.In(JobStatus.Failed), AJob.Change(JobStatus.Failed));

        Assert.Equal(["1 Runnable ", "2 Starting ", "3 Failed "], await OfAsync("a"));
        Assert.Equal(3, (await Events.NewestAsync(Token)).Id);
    }

    [Fact]
    public async Task A_filter_passes_over_what_is_not_wanted_and_the_cursor_with_it()
    {
        await InsertAsync(
            AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable), AJob.Change(JobStatus.Failed)] },
            AJob.New("b", queue: "other") with { Changes = [AJob.Change(JobStatus.Failed)] },
            AJob.New("c") with { Changes = [AJob.Change(JobStatus.Runnable)] });

        var page = await Events.ReadAsync(EventFilter.Read(null, ["FAILED"], ["default"], AJob.Scope), EventPosition.Start, 10, Token);

        Assert.Equal(["a2"], page.Events.Select(Name));
        Assert.Equal((4, false), (page.Next.Id, page.HasMore));
    }

    [Fact]
    public async Task Who_waits_is_told_of_a_commit_with_events()
    {
        await InsertAsync(AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable)] });
        var newest = await Events.NewestAsync(Token);
        await Events.WaitAsync(EventPosition.Start, Token);

        var waiting = Events.WaitAsync(newest, Token);
        await WriteAsync("a", 1, AJob.In(JobStatus.Starting));
        Assert.False(waiting.IsCompleted);
        await WriteAsync("a", 2, AJob.In(JobStatus.Failed), AJob.Change(JobStatus.Failed));

        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task What_children_without_rows_share_is_an_event_of_each()
    {
        await InsertArrayAsync(Parent, 3);
        await WriteAsync($"{Parent}:1", 0, AJob.In(JobStatus.Starting), AJob.Change(JobStatus.Starting));
        await MoveUnwrittenAsync(Parent, 1, JobStatus.Failed);

        Assert.Equal(["1 Pending "], await OfAsync(Parent));
        Assert.Equal(["1 Runnable ", "2 Failed "], await OfAsync($"{Parent}:0"));
        Assert.Equal(["1 Runnable ", "2 Starting "], await OfAsync($"{Parent}:1"));
        foreach (var limit in new[] { 1, 2, 3, 100 })
        {
            Assert.Equal(["p1", "0.1", "1.1", "2.1", "1.2", "0.2", "2.2"], await AllAsync(limit));
        }
    }

    [Fact]
    public async Task A_shared_event_is_found_by_the_childs_position()
    {
        await InsertArrayAsync(Parent, 3);

        foreach (var recorded in (await Events.ReadAsync(All, EventPosition.Start, 10, Token)).Events)
        {
            Same.As(recorded, await Events.FindAsync(recorded.Position, Token));
        }
    }

    [Fact]
    public Task Whatever_happens_to_an_array_each_childs_numbers_have_no_gaps_and_all_readers_see_the_same() => Gen.Select(
            Gen.Int[0, 3], Gen.Int[1, 3], Gen.Enum<JobStatus>(), Gen.Int[0, 5])
        .List[1, 20]
        .SampleAsync(
            async steps =>
            {
                var parent = Guid.NewGuid().ToString();
                var before = await Events.NewestAsync(Token);
                await InsertArrayAsync(parent, 4);
                var expected = Enumerable.Range(0, 4).Select(_ => new List<JobStatus> { JobStatus.Runnable }).ToArray();
                var versions = new long[4];
                var parentVersion = 1L;
                foreach (var (index, count, status, kind) in steps)
                {
                    JobChange[] changes = [.. Enumerable.Repeat(AJob.Change(status), count)];
                    if (kind == 0)
                    {
                        await MoveUnwrittenAsync(parent, parentVersion++, status, changes);
                        foreach (var child in Enumerable.Range(0, 4).Where(child => versions[child] == 0))
                        {
                            expected[child].AddRange(changes.Select(change => change.Status));
                        }
                    }
                    else if (kind == 1)
                    {
                        // Those with rows have it from a sweep.
                        var array = await ReadAsync(parent);
                        await CommitAsync(new()
                        {
                            Writes = [new(parent, parentVersion++, array.State)],
                            Sweep = new(parent, [.. Enum.GetValues<JobStatus>()], child => AJob.Move(child with { Fence = child.Fence + 1 }, changes)),
                        });
                        foreach (var child in Enumerable.Range(0, 4).Where(child => versions[child] > 0))
                        {
                            versions[child]++;
                            expected[child].AddRange(changes.Select(change => change.Status));
                        }
                    }
                    else
                    {
                        await WriteAsync($"{parent}:{index}", versions[index]++, AJob.In(status), changes);
                        expected[index].AddRange(changes.Select(change => change.Status));
                    }

                    if (kind == 5)
                    {
                        Store.FailOnce(StoreFault.BeforeCommit);
                    }
                }

                var all = (await ReadAllAsync(limit: 3, before)).ToLookup(recorded => recorded.Job.JobId);
                for (var child = 0; child < 4; child++)
                {
                    var own = await Events.ReadOfJobAsync(AJob.Scope, $"{parent}:{child}", 0, 1_000, Token) ?? [];
                    Assert.Equal(expected[child], own.Select(recorded => recorded.Change.Status));
                    Assert.Equal(Enumerable.Range(1, own.Count), own.Select(recorded => recorded.Number));
                    Assert.Equal(own.Select(recorded => (recorded.Position, recorded.Number)), all[$"{parent}:{child}"].Select(recorded => (recorded.Position, recorded.Number)));
                }
            },
            iter: 40,
            threads: 1);

    private static string Name(RecordedEvent recorded) => recorded.Job switch
    {
        { Child: { } child } => $"{child.Index}.{recorded.Number}",
        { JobId: Parent } => $"p{recorded.Number}",
        var job => $"{job.JobId}{recorded.Number}",
    };

    private async Task<List<string>> OfAsync(string jobId, int after = 0) =>
        [.. (await Events.ReadOfJobAsync(AJob.Scope, jobId, after, 100, Token))!.Select(recorded => $"{recorded.Number} {recorded.Change.Status} {recorded.Change.StatusReason}")];

    private async Task<List<string>> AllAsync(int limit = 2) => [.. (await ReadAllAsync(limit)).Select(Name)];

    private async Task<List<RecordedEvent>> ReadAllAsync(int limit, EventPosition? after = null)
    {
        List<RecordedEvent> events = [];
        var page = new EventPage([], after ?? EventPosition.Start, HasMore: true);
        while (page.HasMore)
        {
            page = await Events.ReadAsync(All, page.Next, limit, Token);
            Assert.True(page.Events.Count <= limit);
            events.AddRange(page.Events);
        }

        return events;
    }

    private Task<StepResult> WriteAsync(string jobId, long version, JobState state, params JobChange[] changes) =>
        CommitAsync(new() { Writes = [new(jobId, version, state) { Changes = [.. changes] }] });

    private Task<StepResult> InsertArrayAsync(string parent, int size)
    {
        var job = AJob.New(parent, new() { Status = JobStatus.Pending, Unwritten = AJob.Waiting });
        return InsertAsync(job with
        {
            Spec = job.Spec with { ArraySize = size },
            Changes = [AJob.Change(JobStatus.Pending)],
            UnwrittenChanges = [AJob.Change(JobStatus.Runnable)],
        });
    }

    private Task<StepResult> MoveUnwrittenAsync(string parent, long version, JobStatus status, params JobChange[] changes) => CommitAsync(new()
    {
        Writes =
        [
            new(parent, version, new() { Status = JobStatus.Pending, Unwritten = AJob.In(status) })
            {
                UnwrittenChanges = changes.Length == 0 ? [AJob.Change(status)] : [.. changes],
            },
        ],
    });
}
