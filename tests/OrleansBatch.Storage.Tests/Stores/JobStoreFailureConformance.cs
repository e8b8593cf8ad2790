using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Batches, faults and crashes: nobody is told what is not so.</summary>
public abstract class JobStoreFailureConformance : JobStoreConformance
{
    [Fact]
    public async Task Steps_of_one_batch_on_the_same_row_are_done_in_order()
    {
        await InsertAsync(AJob.New("a"));

        var results = await InOneBatchAsync(
            AJob.Write("a", 1, AJob.In(JobStatus.Starting)),
            AJob.Write("a", 1, AJob.In(JobStatus.Failed)),
            AJob.Write("a", 2, AJob.In(JobStatus.Running)));

        Assert.Equal([StepOutcome.Committed, StepOutcome.VersionConflict, StepOutcome.Committed], results.Select(result => result.Outcome));
        Assert.Equal((3, JobStatus.Running), ((await ReadAsync("a")).Version, (await ReadAsync("a")).State.Status));
    }

    [Fact]
    public async Task A_refused_step_fails_alone_in_its_batch()
    {
        await InsertAsync(AJob.New("a"));

        var results = await InOneBatchAsync(
            AJob.Step(AJob.New("b")),
            AJob.Step(AJob.New("c"), AJob.New("a")),
            AJob.Step(AJob.New("d")) with { Epoch = new("x", 1) },
            AJob.Step(AJob.New("e")) with { Invocation = new("call", "first", AJob.Noon) },
            AJob.Step(AJob.New("f")) with { Invocation = new("call", "second", AJob.Noon) },
            AJob.Step(AJob.New("g")));

        Assert.Equal(
            [StepOutcome.Committed, StepOutcome.VersionConflict, StepOutcome.StaleEpoch, StepOutcome.Committed, StepOutcome.AlreadyInvoked, StepOutcome.Committed],
            results.Select(result => result.Outcome));
        Assert.Equal("first", results[4].RecordedAnswer);
        Assert.Equal(["a", "b", "e", "g"], (await ListAsync(new JobFilter.InStatus(JobStatus.Runnable))).Order());
    }

    [Fact]
    public async Task An_epoch_taken_in_a_batch_makes_later_steps_of_that_batch_stale()
    {
        Assert.Equal(1, await Jobs.TakeEpochAsync("x", Token));
        var hold = await Store.OccupyAsync();
        var before = CommitAsync(AJob.Step(AJob.New("a")) with { Epoch = new("x", 1) });
        var taken = Jobs.TakeEpochAsync("x", Token);
        var after = CommitAsync(AJob.Step(AJob.New("b")) with { Epoch = new("x", 1) });
        await hold.DisposeAsync();

        Assert.Equal(StepOutcome.Committed, (await before).Outcome);
        Assert.Equal(2, await taken);
        Assert.Equal(StepOutcome.StaleEpoch, (await after).Outcome);
    }

    [Theory]
    [InlineData(StoreFault.InTheMiddle)]
    [InlineData(StoreFault.BeforeCommit)]
    [InlineData(StoreFault.ReplyLost)]
    public async Task A_batch_that_fails_once_is_answered_truly_and_done_once(StoreFault fault)
    {
        await InsertAsync(AJob.New("a"));
        await Jobs.TakeEpochAsync("x", Token);
        var hold = await Store.OccupyAsync();
        Store.FailOnce(fault);
        var write = WriteAsync("a", 1, AJob.In(JobStatus.Starting));
        var late = WriteAsync("a", 1, AJob.In(JobStatus.Failed));
        var insert = CommitAsync(AJob.Step(AJob.New("b"), AJob.New("c")) with { Invocation = new("call", "answer", AJob.Noon) });
        var epoch = Jobs.TakeEpochAsync("x", Token);
        await hold.DisposeAsync();

        Assert.Equal(StepOutcome.Committed, (await write).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await late).Outcome);
        Assert.Equal(StepOutcome.Committed, (await insert).Outcome);
        Assert.Equal(2, await epoch);

        Assert.Equal((2, JobStatus.Starting), ((await ReadAsync("a")).Version, (await ReadAsync("a")).State.Status));
        Assert.Equal([(await ReadAsync("b")).Sequence, (await ReadAsync("c")).Sequence], (await insert).Sequences);
        Assert.Equal("answer", await Jobs.ReadInvocationAsync("call", Token));
        Assert.Equal(3, await Jobs.TakeEpochAsync("x", Token));
    }

    [Theory]
    [InlineData(StoreFault.InTheMiddle)]
    [InlineData(StoreFault.BeforeCommit)]
    [InlineData(StoreFault.ReplyLost)]
    public async Task A_single_step_that_fails_once_is_answered_truly_and_done_once(StoreFault fault)
    {
        Store.FailOnce(fault);
        Assert.Equal(StepOutcome.Committed, (await InsertAsync(AJob.New("a"))).Outcome);
        Store.FailOnce(fault);
        Assert.Equal(StepOutcome.Committed, (await WriteAsync("a", 1, AJob.In(JobStatus.Failed))).Outcome);
        Assert.Equal(2, (await ReadAsync("a")).Version);
    }

    [Fact]
    public async Task A_store_that_cannot_write_says_so_and_has_done_nothing()
    {
        await InsertAsync(AJob.New("a"));
        Store.Break();

        await Assert.ThrowsAsync<JobStoreException>(() => InsertAsync(AJob.New("b")));
        await Assert.ThrowsAsync<JobStoreException>(() => WriteAsync("a", 1, AJob.In(JobStatus.Failed)));
        await Assert.ThrowsAsync<JobStoreException>(() => Jobs.TakeEpochAsync("x", Token));
        Assert.Equal(1, (await ReadAsync("a")).Version);
        Assert.Null(await Jobs.ReadAsync("b", Token));

        Store.Mend();
        Assert.Equal(StepOutcome.Committed, (await InsertAsync(AJob.New("b"))).Outcome);
        Assert.Equal(StepOutcome.Committed, (await WriteAsync("a", 1, AJob.In(JobStatus.Failed))).Outcome);
        Assert.Equal(1, await Jobs.TakeEpochAsync("x", Token));
    }

    [Fact]
    public async Task A_commit_that_cannot_be_read_back_is_said_to_be_unknown_and_the_step_can_be_repeated()
    {
        var step = AJob.Step(AJob.New("a")) with { Invocation = new("call", "answer", AJob.Noon) };
        Store.FailOnce(StoreFault.ReplyLostForGood);

        var failure = await Assert.ThrowsAsync<JobStoreException>(() => CommitAsync(step));

        Assert.Contains("unknown", failure.Message, StringComparison.Ordinal);
        Assert.Equal(StepOutcome.AlreadyInvoked, (await CommitAsync(step)).Outcome);
        Assert.Equal(1, (await ReadAsync("a")).Version);
    }

    [Fact]
    public async Task A_token_counts_until_the_write_begins_and_not_from_then_on()
    {
        using var source = new CancellationTokenSource();
        var hold = await Store.OccupyAsync();
        var queued = Jobs.CommitAsync(AJob.Step(AJob.New("a")), source.Token);
        await source.CancelAsync();
        await hold.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        Assert.Null(await Jobs.ReadAsync("a", Token));
    }

    [Fact]
    public async Task Closing_finishes_what_is_queued()
    {
        var hold = await Store.OccupyAsync();
        var queued = Enumerable.Range(0, 20).Select(number => InsertAsync(AJob.New($"{number}"))).ToList();
        var reopened = Store.ReopenAsync();
        await hold.DisposeAsync();
        await reopened;

        Assert.All(await Task.WhenAll(queued), result => Assert.Equal(StepOutcome.Committed, result.Outcome));
        Assert.Equal(20, (await Jobs.ReadOpenAsync(AJob.Queue, 0, 100, Token)).Count);
    }

    [Fact]
    public async Task A_crash_loses_nothing_that_was_answered()
    {
        await InsertAsync(AJob.New("a"), AJob.New("b"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Running));
        await CommitAsync(AJob.Step(AJob.New("c")) with { Invocation = new("call", "answer", AJob.Noon) });
        await Jobs.TakeEpochAsync("x", Token);
        var before = await Jobs.ReadManyAsync(AJob.Scope, ["a", "b", "c"], Token);

        await Store.CrashAsync();

        Same.As(before, await Jobs.ReadManyAsync(AJob.Scope, ["a", "b", "c"], Token));
        Assert.Equal("answer", await Jobs.ReadInvocationAsync("call", Token));
        Assert.Equal(StepOutcome.Committed, (await CommitAsync(AJob.Write("b", 1, AJob.WaitingAgain) with { Epoch = new("x", 1) })).Outcome);
    }

    [Fact]
    public async Task Many_callers_at_once_each_get_their_own_answer()
    {
        const int Callers = 64;
        await InsertAsync(AJob.New("shared"));

        var wins = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var inserted = await InsertAsync(AJob.New($"{caller}"));
            for (var version = 1; version <= 5; version++)
            {
                Assert.Equal(StepOutcome.Committed, (await WriteAsync($"{caller}", version, AJob.In(JobStatus.Starting))).Outcome);
                var read = await ReadAsync($"{caller}");
                Assert.Equal((version + 1, inserted.Sequences[0]), (read.Version, read.Sequence));
            }

            return (await WriteAsync("shared", 1, AJob.In(JobStatus.Failed))).Outcome;
        })));

        Assert.Single(wins, StepOutcome.Committed);
        Assert.Equal(Callers - 1, wins.Count(outcome => outcome == StepOutcome.VersionConflict));
        Assert.Equal(Callers, (await ListAsync(new JobFilter.InStatus(JobStatus.Starting), limit: 10)).Distinct().Count());
    }

    [Fact]
    public async Task A_read_is_never_older_than_what_another_read_has_shown()
    {
        await InsertAsync(AJob.New("a"));
        var writes = Task.Run(async () =>
        {
            for (var version = 1; version <= 200; version++)
            {
                await WriteAsync("a", version, AJob.In(version % 2 == 0 ? JobStatus.Starting : JobStatus.Running));
            }
        });

        long seen = 0;
        while (!writes.IsCompleted)
        {
            var fromMany = (await Jobs.ReadManyAsync(AJob.Scope, ["a"], Token))[0].Version;
            var fromOne = (await ReadAsync("a")).Version;
            Assert.True(seen <= fromMany && fromMany <= fromOne, $"{seen}, {fromMany}, {fromOne}");
            seen = fromOne;
        }

        await writes;
        Assert.Equal(201, (await ReadAsync("a")).Version);
    }

    private async Task<StepResult[]> InOneBatchAsync(params JobStep[] steps)
    {
        var hold = await Store.OccupyAsync();
        var answers = steps.Select(CommitAsync).ToList();
        await hold.DisposeAsync();
        return await Task.WhenAll(answers);
    }
}
