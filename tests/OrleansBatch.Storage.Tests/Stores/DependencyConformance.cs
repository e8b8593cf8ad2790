using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Who waits for whom: whichever is stored later, the wait or the end, owes the look, until it was taken.</summary>
public abstract class DependencyConformance : JobStoreConformance
{
    private const string One = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";
    private const string Two = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d22";

    private static readonly JobState Waiting = AJob.In(JobStatus.Pending);

    [Theory]
    [InlineData(JobStatus.Succeeded)]
    [InlineData(JobStatus.Failed)]
    public async Task The_end_of_a_job_owes_a_look_to_those_who_wait_for_it(JobStatus end)
    {
        await InsertAsync(AJob.New("a"), AJob.New("x"));
        await InsertAsync(Waits("b", ("a", WaitKind.Whole), ("x", WaitKind.Whole)), Waits("c", ("a", WaitKind.Whole)), Waits("d", ("x", WaitKind.Whole)));
        Assert.Empty((await WriteAsync("a", 1, AJob.In(JobStatus.Starting))).Owed);
        Assert.Empty((await WriteAsync("a", 2, AJob.WaitingAgain)).Owed);

        Assert.Equal(["b", "c"], (await WriteAsync("a", 3, AJob.In(end))).Owed.Order());

        await Store.ReopenAsync();
        Assert.Equal(["b", "c"], (await Jobs.ReadUnfinishedWorkAsync(Token)).Dependents.Order());
        Assert.Equal([-1], await LooksAsync("b", 10));
        Assert.Empty(await LooksAsync("d", 10));
    }

    [Fact]
    public async Task A_look_is_owed_until_a_step_takes_it()
    {
        await InsertAsync(AJob.New("a"), AJob.New("x"));
        await InsertAsync(Waits("b", ("a", WaitKind.Whole), ("x", WaitKind.Whole)));
        await WriteAsync("a", 1, AJob.In(JobStatus.Succeeded));

        await CommitAsync(new() { Looked = await TakeAsync("b", -1) });
        Assert.Empty((await Jobs.ReadUnfinishedWorkAsync(Token)).Dependents);

        Assert.Equal(["b"], (await WriteAsync("x", 1, AJob.In(JobStatus.Succeeded))).Owed);
        await CommitAsync(new() { Writes = [new("b", 1, AJob.Waiting)], Looked = await TakeAsync("b", -1) });
        Assert.Empty((await Jobs.ReadUnfinishedWorkAsync(Token)).Dependents);
    }

    [Fact]
    public async Task A_step_that_is_refused_takes_no_look()
    {
        await InsertAsync(AJob.New("a"));
        await InsertAsync(Waits("b", ("a", WaitKind.Whole)));
        await WriteAsync("a", 1, AJob.In(JobStatus.Succeeded));

        Assert.Equal(StepOutcome.VersionConflict, (await CommitAsync(new() { Writes = [new("b", 7, AJob.Waiting)], Looked = await TakeAsync("b", -1) })).Outcome);
        Assert.Equal([-1], await LooksAsync("b", 10));
    }

    [Fact]
    public async Task What_has_ended_before_the_wait_is_stored_owes_the_look_at_once()
    {
        await InsertAsync(AJob.New("a"), AJob.New("x"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Failed));

        Assert.Equal(["b"], (await InsertAsync(Waits("b", ("a", WaitKind.Whole), ("x", WaitKind.Whole)))).Owed);
        Assert.Equal([-1], await LooksAsync("b", 10));
        Assert.Empty((await InsertAsync(Waits("c", ("x", WaitKind.Whole)))).Owed);
    }

    [Fact]
    public async Task A_wait_for_a_job_that_is_gone_owes_the_look_at_once() =>
        Assert.Equal(["b"], (await InsertAsync(Waits("b", ("never was", WaitKind.Whole)))).Owed);

    [Fact]
    public async Task A_wait_for_one_child_is_told_of_that_child()
    {
        await InsertArrayAsync(One);
        await InsertAsync(Waits("b", ($"{One}:1", WaitKind.Whole)), Waits("c", (One, WaitKind.Whole)));

        Assert.Empty((await WriteAsync($"{One}:0", 0, AJob.In(JobStatus.Succeeded))).Owed);
        Assert.Equal(["b"], (await WriteAsync($"{One}:1", 0, AJob.In(JobStatus.Succeeded))).Owed);
        Assert.Equal(["c"], (await WriteAsync(One, 1, AJob.In(JobStatus.Failed) with { Unwritten = AJob.Waiting })).Owed);
    }

    [Fact]
    public async Task Each_child_is_told_of_its_own()
    {
        await InsertArrayAsync(One);
        Assert.Equal([Two], (await InsertAsync(Array(Two, (One, WaitKind.EachToEach)))).Owed);
        await CommitAsync(new() { Looked = await TakeAsync(Two, -1) });

        Assert.Equal([Two], (await WriteAsync($"{One}:2", 0, AJob.In(JobStatus.Succeeded))).Owed);
        await WriteAsync($"{One}:0", 0, AJob.In(JobStatus.Failed));

        Assert.Equal([0, 2], await LooksAsync(Two, 10));
        Assert.Equal([0], await LooksAsync(Two, 1));
        await CommitAsync(new() { Writes = [new($"{Two}:0", 0, AJob.Waiting, ParentVersion: 1)], Looked = await TakeAsync(Two, 0) });
        Assert.Equal([2], await LooksAsync(Two, 10));
    }

    [Fact]
    public async Task The_end_of_all_children_without_rows_tells_every_child()
    {
        await InsertArrayAsync(One);
        await InsertAsync(Array(Two, (One, WaitKind.EachToEach)));
        await CommitAsync(new() { Looked = await TakeAsync(Two, -1) });

        Assert.Equal([Two], (await WriteAsync(One, 1, new() { Status = JobStatus.Pending, Unwritten = AJob.In(JobStatus.Failed) })).Owed);
        Assert.Equal([-1], await LooksAsync(Two, 10));
    }

    [Fact]
    public async Task In_a_sequence_the_next_child_is_told()
    {
        Assert.Equal([One], (await InsertAsync(Array(One, ("", WaitKind.Sequence)))).Owed);
        await CommitAsync(new() { Looked = await TakeAsync(One, -1) });

        Assert.Equal([One], (await WriteAsync($"{One}:0", 0, AJob.In(JobStatus.Succeeded))).Owed);
        Assert.Equal([1], await LooksAsync(One, 10));
    }

    [Fact]
    public async Task When_a_sequence_has_ended_nobody_waits_in_it_any_more()
    {
        await InsertAsync(Array(One, ("", WaitKind.Sequence)));
        await WriteAsync(One, 1, AJob.In(JobStatus.Failed) with { Unwritten = AJob.In(JobStatus.Failed) });
        await CommitAsync(new() { Looked = await TakeAsync(One, -1) });

        Assert.Empty((await WriteAsync($"{One}:0", 0, AJob.In(JobStatus.Failed))).Owed);
        await InsertAsync(AJob.New("a"));
        await InsertAsync(Waits("b", ("a", WaitKind.Whole)));
        Assert.Equal(["b"], (await WriteAsync("a", 1, AJob.In(JobStatus.Failed))).Owed);
    }

    [Fact]
    public async Task A_look_that_became_due_again_while_it_was_taken_stays_due()
    {
        await InsertAsync(AJob.New("a"), AJob.New("x"));
        await InsertAsync(Waits("b", ("a", WaitKind.Whole), ("x", WaitKind.Whole)));
        await WriteAsync("a", 1, AJob.In(JobStatus.Succeeded));
        var read = await Jobs.ReadOwedLooksAsync("b", 10, Token);
        await WriteAsync("x", 1, AJob.In(JobStatus.Succeeded));

        await CommitAsync(new() { Looked = new("b", read) });

        Assert.Equal([-1], await LooksAsync("b", 10));
    }

    private async Task<IEnumerable<int>> LooksAsync(string jobId, int limit) => (await Jobs.ReadOwedLooksAsync(jobId, limit, Token)).Select(look => look.Child);

    private async Task<OwedLooks> TakeAsync(string jobId, int child) =>
        new(jobId, [.. (await Jobs.ReadOwedLooksAsync(jobId, 10, Token)).Where(look => look.Child == child)]);

    private static NewJob Waits(string id, params (string Id, WaitKind Kind)[] waits) =>
        AJob.New(id, Waiting) with { Waits = [.. waits.Select(wait => new Wait(wait.Id, wait.Kind))] };

    private static NewJob Array(string id, params (string Id, WaitKind Kind)[] waits)
    {
        var job = Waits(id, waits);
        return job with { Spec = job.Spec with { ArraySize = 3 }, State = new() { Status = JobStatus.Pending, Unwritten = Waiting } };
    }

    private Task<StepResult> InsertArrayAsync(string id)
    {
        var job = AJob.New(id, new() { Status = JobStatus.Pending, Unwritten = AJob.Waiting });
        return InsertAsync(job with { Spec = job.Spec with { ArraySize = 3 } });
    }
}
