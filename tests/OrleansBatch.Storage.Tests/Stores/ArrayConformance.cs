using CsCheck;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Arrays: children have rows from the first time that they differ, and their counts move with them.</summary>
public abstract class ArrayConformance : JobStoreConformance
{
    private const string Parent = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    private static readonly JobState WaitingArray = new() { Status = JobStatus.Pending, Unwritten = AJob.Waiting };

    [Fact]
    public async Task A_child_without_a_row_is_as_its_parents_row_says()
    {
        var parent = await InsertArrayAsync(3);

        var child = await ReadAsync($"{Parent}:2");

        Same.As(
            parent with { JobId = $"{Parent}:2", Version = 0, State = AJob.Waiting, Child = new() { ParentId = Parent, Index = 2, ParentVersion = 1 }, Children = null },
            child);
        Same.As([child], await Jobs.ReadManyAsync(AJob.Scope, [$"{Parent}:2"], Token));
    }

    [Theory]
    [InlineData($"{Parent}:3")]
    [InlineData($"{Parent}:02")]
    [InlineData($"{Parent}:-1")]
    [InlineData($"{Parent}:")]
    [InlineData("single:0")]
    [InlineData("unknown:0")]
    public async Task There_is_no_child_beyond_the_array(string id)
    {
        await InsertArrayAsync(3);
        await InsertAsync(AJob.New("single"));

        Assert.Null(await Jobs.ReadAsync(id, Token));
        Assert.Empty(await Jobs.ReadManyAsync(AJob.Scope, [id], Token));
        Assert.Equal(StepOutcome.VersionConflict, (await WriteAsync(id, 0, AJob.In(JobStatus.Failed))).Outcome);
    }

    [Fact]
    public async Task A_childs_first_write_gives_it_a_row()
    {
        await InsertArrayAsync(3);

        Assert.Equal(StepOutcome.Committed, (await WriteChildAsync(1, 0, AJob.In(JobStatus.Starting), parentVersion: 1)).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await WriteChildAsync(1, 0, AJob.In(JobStatus.Failed))).Outcome);
        Assert.Equal(StepOutcome.Committed, (await WriteChildAsync(1, 1, AJob.In(JobStatus.Running))).Outcome);
        await Store.ReopenAsync();

        var child = await ReadAsync($"{Parent}:1");
        Assert.Equal((2, 1), (child.Version, child.Child!.Index));
        Same.As(AJob.In(JobStatus.Running), child.State);
    }

    [Fact]
    public async Task A_child_that_was_read_before_its_parent_changed_does_not_start()
    {
        await InsertArrayAsync(3);
        await WriteAsync(Parent, 1, WaitingArray with { IsCancelled = true, Unwritten = AJob.In(JobStatus.Failed) });

        Assert.Equal(StepOutcome.VersionConflict, (await WriteChildAsync(0, 0, AJob.In(JobStatus.Starting), parentVersion: 1)).Outcome);
        Assert.Equal(JobStatus.Failed, (await ReadAsync($"{Parent}:0")).State.Status);
    }

    [Fact]
    public async Task Counts_times_and_the_end_follow_the_children()
    {
        await InsertArrayAsync(3);
        await AssertCountsAsync(runnable: 3);
        await WriteChildAsync(0, 0, AJob.In(JobStatus.Running));
        await WriteChildAsync(2, 0, AJob.In(JobStatus.Starting));
        await AssertCountsAsync(runnable: 1, starting: 1, running: 1);

        Assert.Empty((await WriteChildAsync(0, 1, AJob.In(JobStatus.Succeeded))).FullArrays);
        Assert.Empty((await WriteChildAsync(2, 1, AJob.In(JobStatus.Failed))).FullArrays);
        Assert.Empty(await FullArraysAsync());
        Assert.Equal([Parent], (await WriteChildAsync(1, 0, AJob.In(JobStatus.Succeeded))).FullArrays);
        Assert.Equal([Parent], await FullArraysAsync());
        await Store.ReopenAsync();
        await AssertCountsAsync(succeeded: 2, failed: 1);
        var children = (await Jobs.ReadManyAsync(AJob.Scope, [Parent], Token))[0].Children!;
        Assert.Equal((AJob.Noon.AddSeconds(1), AJob.Noon.AddSeconds(2)), (children.FirstStartedAt, children.LastStoppedAt));

        await WriteAsync(Parent, 1, WaitingArray with { Status = JobStatus.Failed });
        Assert.Empty(await FullArraysAsync());
    }

    [Fact]
    public async Task What_ends_the_unwritten_children_ends_them_all_in_one_write()
    {
        await InsertArrayAsync(10_000);
        await WriteChildAsync(7, 0, AJob.In(JobStatus.Running));

        var result = await WriteAsync(Parent, 1, WaitingArray with { Unwritten = AJob.In(JobStatus.Failed) });

        Assert.Empty(result.FullArrays);
        await AssertCountsAsync(running: 1, failed: 9_999);
        Assert.Equal([Parent], (await WriteChildAsync(7, 1, AJob.In(JobStatus.Succeeded))).FullArrays);
    }

    [Fact]
    public async Task An_array_without_rows_is_full_at_once_when_they_all_end()
    {
        await InsertArrayAsync(5);
        Assert.Equal([Parent], (await WriteAsync(Parent, 1, WaitingArray with { Unwritten = AJob.In(JobStatus.Failed) })).FullArrays);
        Assert.Equal([Parent], await FullArraysAsync());
    }

    [Fact]
    public async Task A_sweep_changes_the_children_with_rows_in_the_step_of_their_parent()
    {
        await InsertArrayAsync(6);
        await WriteChildAsync(0, 0, AJob.In(JobStatus.Running));
        await WriteChildAsync(1, 0, AJob.WaitingAgain);
        await WriteChildAsync(2, 0, AJob.In(JobStatus.Succeeded));
        await WriteChildAsync(3, 0, AJob.In(JobStatus.Starting));

        var result = await CommitAsync(new()
        {
            Writes = [new(Parent, 1, WaitingArray with { IsTerminated = true, Unwritten = AJob.In(JobStatus.Failed) })],
            Sweep = new(
                Parent,
                [JobStatus.Runnable, JobStatus.Running],
                child => AJob.Move(child.Status == JobStatus.Runnable ? AJob.In(JobStatus.Failed) : child with { StopReason = "enough" })),
        });

        Assert.Equal([(0, JobStatus.Running), (1, JobStatus.Runnable)], result.Swept.Select(child => (child.Index, child.Before)).Order());
        await AssertCountsAsync(starting: 1, running: 1, succeeded: 1, failed: 3);
        Assert.Equal("enough", (await ReadAsync($"{Parent}:0")).State.StopReason);
        Assert.Equal(StepOutcome.VersionConflict, (await WriteChildAsync(0, 1, AJob.In(JobStatus.Succeeded))).Outcome);
        Assert.Equal(StepOutcome.Committed, (await WriteChildAsync(0, 2, AJob.In(JobStatus.Failed))).Outcome);
    }

    [Fact]
    public async Task A_sweep_is_not_done_when_its_parent_has_changed()
    {
        await InsertArrayAsync(2);
        await WriteChildAsync(0, 0, AJob.WaitingAgain);

        var result = await CommitAsync(new()
        {
            Writes = [new(Parent, 9, WaitingArray)],
            Sweep = new(Parent, [JobStatus.Runnable], _ => AJob.Move(AJob.In(JobStatus.Failed))),
        });

        Assert.Equal(StepOutcome.VersionConflict, result.Outcome);
        Assert.Equal(1, (await ReadAsync($"{Parent}:0")).Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Children_in_a_status_are_listed_by_index_with_rows_or_without(int limit)
    {
        await InsertArrayAsync(7);
        await WriteChildAsync(1, 0, AJob.In(JobStatus.Failed));
        await WriteChildAsync(3, 0, AJob.WaitingAgain);
        await WriteChildAsync(6, 0, AJob.In(JobStatus.Failed));

        Assert.Equal([0, 2, 3, 4, 5], await ListChildrenAsync(JobStatus.Runnable, limit));
        Assert.Equal([1, 6], await ListChildrenAsync(JobStatus.Failed, limit));
        Assert.Empty(await ListChildrenAsync(JobStatus.Running, limit));
        Assert.Null(await Jobs.ListChildrenAsync(new(AJob.Scope, "unknown", AreNodes: false, JobStatus.Running, -1, limit), Token));
        Assert.Null(await Jobs.ListChildrenAsync(new(AJob.Scope with { Region = "eu-west-1" }, Parent, AreNodes: false, JobStatus.Running, -1, limit), Token));
    }

    [Fact]
    public async Task Listings_of_a_queue_show_the_array_and_not_its_children()
    {
        await InsertArrayAsync(3);
        await WriteChildAsync(0, 0, AJob.In(JobStatus.Running));

        Assert.Empty(await ListAsync(new JobFilter.InStatus(JobStatus.Running)));
        var page = await Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = new JobFilter.InStatus(JobStatus.Pending), Limit = 10 }, Token);
        Assert.Equal(2, Assert.Single(page.Jobs).Children!.Of(JobStatus.Runnable));
        Assert.Equal([Parent], (await Jobs.ReadOpenAsync(AJob.Queue, 0, 10, Token)).Select(job => job.JobId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task An_array_waits_as_one_entry_and_its_children_with_rows_as_themselves(int limit)
    {
        await InsertAsync(AJob.New("a"));
        await InsertArrayAsync(5);
        await InsertAsync(AJob.New("b"));
        await WriteChildAsync(4, 0, AJob.WaitingAgain);
        await WriteChildAsync(2, 0, AJob.Waiting with { StatusReason = "MISCONFIGURATION" });
        await WriteChildAsync(0, 0, AJob.In(JobStatus.Starting));
        List<RunnableJob> read = [];
        while (await Jobs.ReadRunnableAsync(AJob.Queue, read.LastOrDefault(), limit, Token) is { Count: > 0 } page)
        {
            read.AddRange(page);
        }

        Assert.Equal([$"{Parent}:4", "a", Parent, $"{Parent}:2", "b"], read.Select(job => job.JobId));
        Assert.Equal([0, 0, 5, 0, 0], read.Select(job => job.ArraySize));
        Assert.Equal([4, -1, -1, 2, -1], read.Select(job => job.Index));
        Assert.Equal([false, false, false, true, false], read.Select(job => job.HasStatusReason));
        Assert.Equal([JobStatus.Starting, null, JobStatus.Runnable, null, JobStatus.Runnable], (await Jobs.ReadArrayAsync(Parent, Token))!.Rows);
    }

    [Fact]
    public async Task Placed_children_are_found_by_environment_and_by_node()
    {
        await InsertArrayAsync(3);
        await WriteChildAsync(1, 0, AJob.Placed(JobStatus.Running, "two", "i-2"));

        Assert.Equal([$"{Parent}:1"], (await Jobs.ReadPlacedInEnvironmentAsync(new(AJob.Scope, "two"), Token)).Select(job => job.JobId));
        Assert.Equal([$"{Parent}:1"], (await Jobs.ReadPlacedOnNodeAsync("i-2", Token)).Select(job => job.JobId));
        var work = await Jobs.ReadUnfinishedWorkAsync(Token);
        Assert.Equal([AJob.Queue], work.Queues);
        Assert.Equal(["i-2"], work.Nodes);
    }

    [Fact]
    public async Task Whatever_is_written_the_counts_are_those_of_the_children() =>
        await Writes.Array[1, 30].SampleAsync(
            async writes =>
            {
                var parent = Guid.NewGuid().ToString();
                await InsertAsync(New(parent, 4));
                var versions = new long[4];
                var parentVersion = 1L;
                foreach (var (index, state, toAll) in writes)
                {
                    if (toAll is not null)
                    {
                        await CommitAsync(new()
                        {
                            Writes = [new(parent, parentVersion++, WaitingArray with { Unwritten = toAll })],
                            Sweep = new(parent, [JobStatus.Runnable], _ => AJob.Move(state)),
                        });
                        versions = await Task.WhenAll(Enumerable.Range(0, 4).Select(async child => (await ReadAsync($"{parent}:{child}")).Version));
                    }
                    else if ((await WriteAsync($"{parent}:{index}", versions[index], state)).Outcome == StepOutcome.Committed)
                    {
                        versions[index]++;
                    }

                    var counts = (await Jobs.ReadManyAsync(AJob.Scope, [parent], Token))[0].Children!;
                    var children = await Jobs.ReadManyAsync(AJob.Scope, [.. Enumerable.Range(0, 4).Select(child => $"{parent}:{child}")], Token);
                    Assert.Equal(4, counts.Total);
                    Assert.All(Enum.GetValues<JobStatus>(), status => Assert.Equal(children.Count(child => child.State.Status == status), counts.Of(status)));
                }
            },
            iter: 60,
            threads: 1);

    private static readonly JobState[] States = [AJob.Waiting, AJob.WaitingAgain, AJob.In(JobStatus.Starting), AJob.In(JobStatus.Running), AJob.In(JobStatus.Succeeded), AJob.In(JobStatus.Failed)];

    private static readonly Gen<JobState> AnyState = Gen.Int[0, States.Length - 1].Select(index => States[index]);

    private static readonly Gen<(int Index, JobState State, JobState? ToAll)> Writes = Gen.Select(
        Gen.Int[0, 3],
        AnyState,
        Gen.Frequency((5, Gen.Const((JobState?)null)), (1, Gen.Int[0, 2].Select(index => (JobState?)AJob.In(new[] { JobStatus.Pending, JobStatus.Runnable, JobStatus.Failed }[index])))));

    private static NewJob New(string id, int size)
    {
        var job = AJob.New(id, WaitingArray);
        return job with { Spec = job.Spec with { ArraySize = size } };
    }

    private async Task<JobRecord> InsertArrayAsync(int size)
    {
        await InsertAsync(New(Parent, size));
        return await ReadAsync(Parent);
    }

    private Task<StepResult> WriteChildAsync(int index, long version, JobState state, long? parentVersion = null) =>
        CommitAsync(new() { Writes = [new($"{Parent}:{index}", version, state, ParentVersion: parentVersion)] });

    private async Task<IReadOnlyList<string>> FullArraysAsync() => (await Jobs.ReadUnfinishedWorkAsync(Token)).FullArrays;

    private async Task AssertCountsAsync(int runnable = 0, int starting = 0, int running = 0, int succeeded = 0, int failed = 0)
    {
        var children = (await Jobs.ReadManyAsync(AJob.Scope, [Parent], Token))[0].Children!;
        Assert.Equal([0, 0, runnable, starting, running, succeeded, failed], children.ByStatus);
    }

    private async Task<List<int>> ListChildrenAsync(JobStatus status, int limit)
    {
        List<int> found = [];
        ChildPage page;
        do
        {
            page = (await Jobs.ListChildrenAsync(new(AJob.Scope, Parent, AreNodes: false, status, found.LastOrDefault(-1), limit), Token))!;
            found.AddRange(page.Jobs.Select(job => job.Child!.Index));
        }
        while (!page.IsLast);
        return found;
    }
}
