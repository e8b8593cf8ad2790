using System.Collections.Immutable;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Steps: whole or not at all, guarded, answered truly.</summary>
public abstract class JobStepConformance : JobStoreConformance
{
    [Fact]
    public async Task An_inserted_job_is_read_as_it_was_given_with_version_1_and_its_sequence()
    {
        var job = AJob.New("a", AJob.In(JobStatus.Running));

        var result = await InsertAsync(job);

        Assert.Equal(StepOutcome.Committed, result.Outcome);
        Same.As(
            new JobRecord
            {
                JobId = "a",
                Scope = AJob.Scope,
                Sequence = Assert.Single(result.Sequences),
                Version = 1,
                CreatedAt = job.CreatedAt,
                Spec = job.Spec,
                State = job.State,
            },
            await ReadAsync("a"));
    }

    [Fact]
    public async Task A_job_reads_the_same_after_the_store_was_opened_again()
    {
        await InsertAsync(AJob.New("a", AJob.In(JobStatus.Starting)));
        var before = await ReadAsync("a");

        await Store.ReopenAsync();

        Same.As(before, await ReadAsync("a"));
    }

    [Theory]
    [InlineData(JobStatus.Submitted)]
    [InlineData(JobStatus.Pending)]
    [InlineData(JobStatus.Runnable)]
    [InlineData(JobStatus.Starting)]
    [InlineData(JobStatus.Running)]
    [InlineData(JobStatus.Succeeded)]
    [InlineData(JobStatus.Failed)]
    public async Task A_write_replaces_the_state_and_grows_the_version(JobStatus status)
    {
        await InsertAsync(AJob.New("a"));
        var before = await ReadAsync("a");

        Assert.Equal(StepOutcome.Committed, (await WriteAsync("a", 1, AJob.In(status))).Outcome);

        Same.As(before with { Version = 2, State = AJob.In(status) }, await ReadAsync("a"));
    }

    [Fact]
    public async Task Every_member_of_a_state_is_kept()
    {
        var state = AJob.In(JobStatus.Running) with
        {
            StatusReason = "reason",
            IsCancelled = true,
            IsTerminated = true,
            StopReason = "stop",
            Tags = new Dictionary<string, string> { ["Team"] = "", ["größe"] = "12" },
            StoppedAt = AJob.Noon.AddMilliseconds(7),
            Attempts = [.. AJob.In(JobStatus.Failed).Attempts, AJob.WaitingAgain.Attempts[0] with { Reason = "OutOfMemoryError", ExitCode = null }],
        };
        await InsertAsync(AJob.New("a", state));
        await Store.ReopenAsync();
        Same.As(state, (await ReadAsync("a")).State);
    }

    [Fact]
    public async Task Sequences_grow_in_the_order_of_inserts_and_are_never_used_again()
    {
        var first = await InsertAsync(AJob.New("a"), AJob.New("b"));
        await Store.ReopenAsync();
        var second = await InsertAsync(AJob.New("c"));

        ImmutableArray<long> sequences = [.. first.Sequences, .. second.Sequences];
        Assert.Equal(3, sequences.Distinct().Count());
        Assert.Equal(sequences.Order(), sequences);
    }

    [Fact]
    public async Task A_write_of_another_version_changes_nothing()
    {
        await InsertAsync(AJob.New("a"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Starting));

        Assert.Equal(StepOutcome.VersionConflict, (await WriteAsync("a", 1, AJob.In(JobStatus.Failed))).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await WriteAsync("a", 3, AJob.In(JobStatus.Failed))).Outcome);

        Assert.Equal((2, JobStatus.Starting), ((await ReadAsync("a")).Version, (await ReadAsync("a")).State.Status));
    }

    [Fact]
    public async Task A_write_of_a_job_that_does_not_exist_is_a_conflict() =>
        Assert.Equal(StepOutcome.VersionConflict, (await WriteAsync("none", 1, AJob.Waiting)).Outcome);

    [Fact]
    public async Task An_insert_of_a_taken_id_is_a_conflict_in_any_scope()
    {
        await InsertAsync(AJob.New("a", name: "first"));

        Assert.Equal(StepOutcome.VersionConflict, (await InsertAsync(AJob.New("a", name: "second"))).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await InsertAsync(AJob.New("a", scope: new("210987654321", "eu-west-1")))).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await InsertAsync(AJob.New("b"), AJob.New("b"))).Outcome);

        Assert.Equal("first", (await ReadAsync("a")).Spec.JobName);
        Assert.Null(await Jobs.ReadAsync("b", Token));
    }

    [Fact]
    public async Task A_step_of_several_rows_is_not_done_when_one_of_them_cannot_be()
    {
        await InsertAsync(AJob.New("a"), AJob.New("b"));
        var step = new JobStep
        {
            Inserts = [AJob.New("c")],
            Writes = [new("a", 1, AJob.In(JobStatus.Failed)), new("b", 7, AJob.In(JobStatus.Failed))],
            Invocation = new("call", "answer", AJob.Noon),
        };

        Assert.Equal(StepOutcome.VersionConflict, (await CommitAsync(step)).Outcome);

        Assert.Equal((1, 1), ((await ReadAsync("a")).Version, (await ReadAsync("b")).Version));
        Assert.Null(await Jobs.ReadAsync("c", Token));
        Assert.Null(await Jobs.ReadInvocationAsync("call", Token));
    }

    [Fact]
    public async Task A_step_of_several_rows_is_done_whole()
    {
        await InsertAsync(AJob.New("a"), AJob.New("b"));
        var step = new JobStep
        {
            Inserts = [AJob.New("c")],
            Writes = [new("a", 1, AJob.In(JobStatus.Failed)), new("b", 1, AJob.In(JobStatus.Starting))],
            Invocation = new("call", "answer", AJob.Noon),
        };

        Assert.Equal(StepOutcome.Committed, (await CommitAsync(step)).Outcome);

        Assert.Equal(JobStatus.Failed, (await ReadAsync("a")).State.Status);
        Assert.Equal(JobStatus.Starting, (await ReadAsync("b")).State.Status);
        Assert.Equal(1, (await ReadAsync("c")).Version);
        Assert.Equal("answer", await Jobs.ReadInvocationAsync("call", Token));
    }

    [Fact]
    public async Task An_empty_step_is_done() => Assert.Equal(StepOutcome.Committed, (await CommitAsync(new())).Outcome);

    [Fact]
    public async Task The_same_invocation_again_does_nothing_and_gives_the_first_answer()
    {
        var step = AJob.Step(AJob.New("a")) with { Invocation = new("call", "first", AJob.Noon) };
        await CommitAsync(step);

        var again = await CommitAsync(AJob.Step(AJob.New("b")) with { Invocation = new("call", "second", AJob.Noon) });
        var repeated = await CommitAsync(step);

        Assert.Equal((StepOutcome.AlreadyInvoked, "first"), (again.Outcome, again.RecordedAnswer));
        Assert.Equal((StepOutcome.AlreadyInvoked, "first"), (repeated.Outcome, repeated.RecordedAnswer));
        Assert.Null(await Jobs.ReadAsync("b", Token));
    }

    [Fact]
    public async Task A_refused_step_records_no_invocation()
    {
        await CommitAsync(AJob.Write("none", 1, AJob.Waiting) with { Invocation = new("call", "answer", AJob.Noon) });
        Assert.Null(await Jobs.ReadInvocationAsync("call", Token));
    }

    [Fact]
    public async Task An_invocation_is_kept_ten_minutes_from_its_time_whatever_comes_after()
    {
        await CommitAsync(new() { Invocation = new("call", "answer", Store.Clock.GetUtcNow()) });

        Store.Clock.Advance(TimeSpan.FromMinutes(10));
        for (var call = 0; call < 5; call++)
        {
            await CommitAsync(new() { Invocation = new($"later {call}", "answer", Store.Clock.GetUtcNow()) });
        }

        Assert.Equal("answer", await Jobs.ReadInvocationAsync("call", Token));
    }

    [Fact]
    public async Task Old_invocations_go_in_passing()
    {
        for (var call = 0; call < 6; call++)
        {
            await CommitAsync(new() { Invocation = new($"call {call}", "answer", Store.Clock.GetUtcNow()) });
        }

        Store.Clock.Advance(TimeSpan.FromMinutes(11));
        for (var call = 0; call < 6; call++)
        {
            await CommitAsync(new() { Invocation = new($"later {call}", "answer", Store.Clock.GetUtcNow()) });
        }

        Assert.Null(await Jobs.ReadInvocationAsync("call 0", Token));
        Assert.Null(await Jobs.ReadInvocationAsync("call 5", Token));
        Assert.Equal("answer", await Jobs.ReadInvocationAsync("later 0", Token));
    }

    [Fact]
    public async Task Epochs_begin_with_1_and_grow_by_one_for_each_key_by_itself_over_restarts()
    {
        Assert.Equal(1, await Jobs.TakeEpochAsync("x", Token));
        Assert.Equal(2, await Jobs.TakeEpochAsync("x", Token));
        Assert.Equal(1, await Jobs.TakeEpochAsync("y", Token));
        await Store.ReopenAsync();
        Assert.Equal(3, await Jobs.TakeEpochAsync("x", Token));
    }

    [Fact]
    public async Task Only_a_step_of_the_newest_epoch_is_done()
    {
        await InsertAsync(AJob.New("a"));
        var first = await Jobs.TakeEpochAsync("x", Token);
        var second = await Jobs.TakeEpochAsync("x", Token);
        var step = AJob.Write("a", 1, AJob.In(JobStatus.Starting));

        Assert.Equal(StepOutcome.StaleEpoch, (await CommitAsync(step with { Epoch = new("x", first) })).Outcome);
        Assert.Equal(StepOutcome.StaleEpoch, (await CommitAsync(step with { Epoch = new("x", second + 1) })).Outcome);
        Assert.Equal(StepOutcome.StaleEpoch, (await CommitAsync(step with { Epoch = new("never taken", 1) })).Outcome);
        Assert.Equal(1, (await ReadAsync("a")).Version);

        Assert.Equal(StepOutcome.Committed, (await CommitAsync(step with { Epoch = new("x", second) })).Outcome);
    }

    [Fact]
    public async Task Jobs_are_read_only_in_their_scope_and_only_those_that_exist()
    {
        Scope other = new("210987654321", "us-east-1");
        await InsertAsync(AJob.New("a"), AJob.New("b"), AJob.New("c", scope: other), AJob.New("d", scope: new("123456789012", "eu-west-1")));
        string[] ids = ["c", "b", "none", "a", "d", "a"];

        Assert.Equal(["a", "b"], (await Jobs.ReadManyAsync(AJob.Scope, ids, Token)).Select(job => job.JobId).Order());
        Assert.Equal(["c"], (await Jobs.ReadManyAsync(other, ids, Token)).Select(job => job.JobId));
        Assert.Empty(await Jobs.ReadManyAsync(new("999999999999", "us-east-1"), ids, Token));
        Assert.Empty(await Jobs.ReadManyAsync(AJob.Scope, [], Token));
        Same.As(await ReadAsync("a"), (await Jobs.ReadManyAsync(AJob.Scope, ["a"], Token))[0]);
    }

    [Fact]
    public async Task What_does_not_exist_reads_as_null()
    {
        Assert.Null(await Jobs.ReadAsync("none", Token));
        Assert.Null(await Jobs.ReadInvocationAsync("none", Token));
    }

    [Fact]
    public async Task A_write_that_was_cancelled_before_it_began_is_not_done()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Jobs.CommitAsync(AJob.Step(AJob.New("a")), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Jobs.TakeEpochAsync("x", cancelled.Token));

        Assert.Null(await Jobs.ReadAsync("a", Token));
        Assert.Equal(1, await Jobs.TakeEpochAsync("x", Token));
    }
}
