using CsCheck;
using OrleansBatch.Core.Listings;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Consumable resources: an attempt takes all that it needs in the step that starts it, or does not start.</summary>
public abstract class ConsumableConformance : JobStoreConformance
{
    private static readonly JobState Starting = AJob.In(JobStatus.Starting);

    private static readonly JobState[] States =
        [Starting, Starting, Starting, AJob.In(JobStatus.Running), AJob.WaitingAgain, AJob.WaitingAgain, AJob.In(JobStatus.Succeeded), AJob.In(JobStatus.Failed)];

    private static readonly Gen<Act> Acts = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, States.Length - 1], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[3, 6], Gen.Int[0, 9], (job, state, one, two, limit, stale) =>
            new Act(job, States[state], one, two, limit, stale == 0));

    [Fact]
    public async Task An_attempt_takes_with_its_start_and_gives_back_with_its_end()
    {
        await InsertAsync(Needing("a", ("lic", 2)));

        Assert.Equal(StepOutcome.Committed, await StartAsync("a", 1, ("lic", 2, 5)));
        Assert.Equal(2, await TakenAsync("lic"));
        await WriteAsync("a", 2, AJob.In(JobStatus.Running));
        Assert.Equal(2, await TakenAsync("lic"));
        await WriteAsync("a", 3, AJob.WaitingAgain);
        Assert.Equal(0, await TakenAsync("lic"));
        Assert.Equal(StepOutcome.Committed, await StartAsync("a", 4, ("lic", 2, 5)));
        await WriteAsync("a", 5, AJob.In(JobStatus.Failed));
        Assert.Equal(0, await TakenAsync("lic"));
    }

    [Fact]
    public async Task What_is_not_replenishable_is_spent_for_ever()
    {
        await InsertAsync(Needing("a", ("once", 3)));
        await CommitAsync(Start("a", 1, new ConsumableClaim(Key("once"), 3, 5, IsReplenishable: false)));
        await WriteAsync("a", 2, AJob.WaitingAgain);

        Assert.Equal(3, await TakenAsync("once"));
        Assert.Equal(StepOutcome.Exhausted, await StartAsync("a", 3, ("once", 3, 5)));
        Assert.Equal(StepOutcome.Committed, await StartAsync("a", 3, ("once", 3, 6)));
    }

    [Fact]
    public async Task All_of_it_is_taken_or_nothing_of_the_step_is_done()
    {
        await InsertAsync(Needing("a", ("x", 1), ("y", 1)), Needing("b", ("x", 1), ("y", 1)));
        await StartAsync("a", 1, ("x", 1, 2), ("y", 1, 1));

        Assert.Equal(StepOutcome.Exhausted, await StartAsync("b", 1, ("x", 1, 2), ("y", 1, 1)));

        Assert.Equal((1, 1), (await TakenAsync("x"), await TakenAsync("y")));
        Assert.Equal((1, JobStatus.Runnable), ((await ReadAsync("b")).Version, (await ReadAsync("b")).State.Status));
        await WriteAsync("a", 2, AJob.In(JobStatus.Succeeded));
        Assert.Equal(StepOutcome.Committed, await StartAsync("b", 1, ("x", 1, 2), ("y", 1, 1)));
    }

    [Fact]
    public async Task Claims_of_one_step_count_together_and_steps_of_one_batch_too()
    {
        await InsertAsync(Needing("a", ("x", 2)), Needing("b", ("x", 2)), Needing("c", ("x", 2)));
        Assert.Equal(
            StepOutcome.Exhausted,
            (await CommitAsync(new() { Writes = [.. Start("a", 1, Claim("x", 2, 3)).Writes, .. Start("b", 1, Claim("x", 2, 3)).Writes] })).Outcome);

        var hold = await Store.OccupyAsync();
        var steps = new[] { "a", "b", "c" }.Select(id => StartAsync(id, 1, ("x", 2, 5))).ToList();
        await hold.DisposeAsync();

        Assert.Equal([StepOutcome.Committed, StepOutcome.Committed, StepOutcome.Exhausted], await Task.WhenAll(steps));
        Assert.Equal(4, await TakenAsync("x"));
    }

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue, StepOutcome.Exhausted)]
    [InlineData(long.MaxValue - 1, long.MaxValue, StepOutcome.Committed)]
    [InlineData(0, 0, StepOutcome.Committed)]
    [InlineData(-5, 0, StepOutcome.Committed)]
    public async Task No_quantity_wraps_round_and_nothing_is_always_there(long quantity, long limit, StepOutcome outcome)
    {
        await InsertAsync(Needing("a", ("x", 1)), Needing("b", ("x", quantity)));
        await StartAsync("a", 1, ("x", 1, 1));

        Assert.Equal(outcome, await StartAsync("b", 1, ("x", quantity, limit)));
    }

    [Fact]
    public async Task The_same_end_again_gives_nothing_back()
    {
        await InsertAsync(Needing("a", ("x", 1)), Needing("b", ("x", 1)));
        await StartAsync("a", 1, ("x", 1, 2));
        await StartAsync("b", 1, ("x", 1, 2));

        Assert.Equal(StepOutcome.Committed, (await WriteAsync("a", 2, AJob.In(JobStatus.Failed))).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await WriteAsync("a", 2, AJob.In(JobStatus.Failed))).Outcome);
        await WriteAsync("a", 3, AJob.In(JobStatus.Failed));

        Assert.Equal(1, await TakenAsync("x"));
    }

    [Fact]
    public async Task A_start_that_is_refused_for_its_epoch_or_its_version_takes_nothing()
    {
        await InsertAsync(Needing("a", ("x", 1)));
        await Jobs.TakeEpochAsync("e", Token);

        Assert.Equal(StepOutcome.StaleEpoch, (await CommitAsync(Start("a", 1, Claim("x", 1, 1)) with { Epoch = new("e", 0) })).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, await StartAsync("a", 2, ("x", 1, 1)));

        Assert.Equal(0, await TakenAsync("x"));
    }

    [Fact]
    public async Task Each_child_of_an_array_takes_its_own()
    {
        await InsertAsync(NeedingArray("p", 3, ("x", 1)));

        Assert.Equal(StepOutcome.Committed, await StartAsync("p:0", 0, ("x", 1, 2)));
        Assert.Equal(StepOutcome.Committed, await StartAsync("p:2", 0, ("x", 1, 2)));
        Assert.Equal(StepOutcome.Exhausted, await StartAsync("p:1", 0, ("x", 1, 2)));
        Assert.Equal(0, (await ReadAsync("p:1")).Version);
        // Also when it is the array's step that ends it.
        await CommitAsync(new() { Writes = [new("p", 1, (await ReadAsync("p")).State)], Sweep = new("p", [JobStatus.Starting], _ => AJob.Move(AJob.In(JobStatus.Failed))) });

        Assert.Equal(0, await TakenAsync("x"));
        Assert.Equal(StepOutcome.Committed, await StartAsync("p:1", 0, ("x", 1, 2)));
        Assert.Equal(1, await TakenAsync("x"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_taken_outlives_the_program(bool crashes)
    {
        await InsertAsync(Needing("a", ("x", 2)), NeedingArray("p", 2, ("x", 1)));
        await StartAsync("a", 1, ("x", 2, 3));
        await StartAsync("p:1", 0, ("x", 1, 3));
        await (crashes ? Store.CrashAsync() : Store.ReopenAsync());

        Assert.Equal(3, await TakenAsync("x"));
        Assert.Equal(StepOutcome.Exhausted, await StartAsync("p:0", 0, ("x", 1, 3)));
        await WriteAsync("a", 2, AJob.In(JobStatus.Failed));
        await WriteAsync("p:1", 1, AJob.In(JobStatus.Failed));
        Assert.Equal(0, await TakenAsync("x"));
    }

    [Theory]
    [InlineData(StoreFault.InTheMiddle)]
    [InlineData(StoreFault.BeforeCommit)]
    [InlineData(StoreFault.ReplyLost)]
    public async Task A_commit_that_fails_once_takes_once_and_gives_back_once(StoreFault fault)
    {
        await InsertAsync(Needing("a", ("x", 2)));
        Store.FailOnce(fault);
        Assert.Equal(StepOutcome.Committed, await StartAsync("a", 1, ("x", 2, 3)));
        Assert.Equal(2, await TakenAsync("x"));
        Store.FailOnce(fault);
        await WriteAsync("a", 2, AJob.WaitingAgain);

        Assert.Equal(0, await TakenAsync("x"));
    }

    [Fact]
    public async Task A_job_that_needs_none_takes_none()
    {
        await InsertAsync(AJob.New("a"));

        await StartAsync("a", 1, ("x", 1, 1));

        Assert.Equal(0, await TakenAsync("x"));
    }

    [Fact]
    public async Task A_resource_is_needed_until_the_last_job_that_names_it_has_ended()
    {
        await InsertAsync(Needing("a", ("x", 1)), NeedingArray("p", 2, ("x", 0)), Needing("over", ("y", 1)) with { State = AJob.In(JobStatus.Failed) });
        Assert.False(await IsNeededAsync("y"));
        await WriteAsync("a", 1, AJob.In(JobStatus.Failed));
        Assert.True(await IsNeededAsync("x"));
        await WriteAsync("p:0", 0, AJob.In(JobStatus.Failed));
        Assert.True(await IsNeededAsync("x"));
        await Store.ReopenAsync();
        await WriteAsync("p", 1, new() { Status = JobStatus.Failed, Unwritten = AJob.In(JobStatus.Failed) });

        Assert.False(await IsNeededAsync("x"));
        Assert.False(await Store.Consumables.IsNeededAsync(new(new("210987654321", "us-east-1"), "x"), Token));
    }

    [Fact]
    public async Task A_waiting_job_is_read_with_what_it_needs()
    {
        await InsertAsync(AJob.New("plain"), Needing("a", ("x", 1), ("y", 2)), NeedingArray("p", 2, ("x", 3)));
        await WriteAsync("p:1", 0, AJob.WaitingAgain);

        var runnable = await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token);

        Assert.Equal(
            ["p:1: x 3", "plain: ", "a: x 1 y 2", "p: x 3"],
            runnable.Select(job => $"{job.JobId}: {string.Join(' ', (job.Consumables ?? []).Select(need => $"{need.ResourceName} {need.Quantity}"))}"));
        Assert.Null(runnable[1].Consumables);
    }

    [Fact]
    public async Task Jobs_of_a_resource_are_listed_newest_first_by_status_and_name()
    {
        await InsertAsync(Named("a", "Alpha"), Named("b", "beta"), AJob.New("none"), Named("c", "ALP"));
        await InsertAsync(Named("d", "alpha") with { Scope = new("210987654321", "us-east-1") });
        await WriteAsync("b", 1, AJob.In(JobStatus.Succeeded));

        Assert.Equal(["c", "b", "a"], await ListAsync(limit: 2));
        Assert.Equal(["c", "b", "a"], await ListAsync(limit: 1));
        Assert.Equal(["b"], await ListAsync(JobStatus.Succeeded));
        Assert.Equal(["c", "a"], await ListAsync(name: "aLp*", limit: 1));
        Assert.Equal(["a"], await ListAsync(JobStatus.Runnable, "ALPHA"));
        Assert.Equal([], await ListAsync(JobStatus.Failed));
        var page = await Store.Consumables.ListJobsAsync(new(new(AJob.Scope, "x"), null, null, null, 1), Token);
        Same.As(await ReadAsync("c"), Assert.Single(page.Jobs));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1:2")]
    [InlineData("99999999999999999999")]
    public async Task A_cursor_that_is_none_is_refused(string cursor) =>
        await Assert.ThrowsAsync<FormatException>(() => Store.Consumables.ListJobsAsync(new(new(AJob.Scope, "x"), null, null, cursor, 1), Token));

    [Fact]
    public async Task Whatever_is_written_no_more_is_taken_than_there_is_and_it_is_what_placed_jobs_hold() =>
        await Acts.Array[1, 40].SampleAsync(RunAsync, iter: 60, threads: 1);

    /// <summary>Two single jobs and the four children of an array; everything of a sample has names of its own.</summary>
    private async Task RunAsync(Act[] acts)
    {
        var sample = Guid.NewGuid().ToString("N");
        var (one, two) = ($"{sample}1", $"{sample}2");
        string[] ids = [$"{sample}-a", $"{sample}-b", .. Enumerable.Range(0, 4).Select(index => $"{sample}-p:{index}")];
        await InsertAsync(Needing(ids[0], (one, 1)), Needing(ids[1], (two, 1)), NeedingArray($"{sample}-p", 4, (one, 1), (two, 1)));
        var held = new (long One, long Two)[ids.Length];
        var spent = 0L;
        var versions = ids.Select(id => id.Contains(':', StringComparison.Ordinal) ? 0L : 1L).ToArray();
        var places = new bool[ids.Length];
        foreach (var act in acts)
        {
            var (one0, two0) = (held.Sum(job => job.One), spent);
            var isStart = act.State.Status == JobStatus.Starting && !places[act.Job];
            var expected = act.IsStale ? StepOutcome.VersionConflict
                : isStart && !Fits() ? StepOutcome.Exhausted
                : StepOutcome.Committed;
            var step = Step(act, ids[act.Job], versions[act.Job], isStart, one, two);

            Assert.Equal(expected, (await CommitAsync(step)).Outcome);

            if (expected == StepOutcome.Committed)
            {
                versions[act.Job]++;
                var isPlaced = act.State.Status.IsPlaced();
                if (isStart)
                {
                    held[act.Job] = (act.One, act.Two);
                    spent += act.Two;
                }

                held[act.Job] = isPlaced ? held[act.Job] : default;
                places[act.Job] = isPlaced;
            }

            Assert.Equal(held.Sum(job => job.One), await TakenAsync(one));
            Assert.Equal(spent, await TakenAsync(two));

            bool Fits() => (act.One == 0 || one0 + act.One <= act.Limit) && (act.Two == 0 || two0 + act.Two <= act.Limit);
        }
    }

    private static JobStep Step(Act act, string jobId, long version, bool isStart, string one, string two) => new()
    {
        Writes =
        [
            new(jobId, act.IsStale ? version + 1 : version, act.State)
            {
                Claims = isStart ? [Claim(one, act.One, act.Limit), Claim(two, act.Two, act.Limit) with { IsReplenishable = false }] : [],
            },
        ],
    };

    private sealed record Act(int Job, JobState State, long One, long Two, long Limit, bool IsStale);

    private static string Key(string resource) => $"{AJob.Scope.Key}/{resource}@1";

    private static ConsumableClaim Claim(string resource, long quantity, long limit) => new(Key(resource), quantity, limit, IsReplenishable: true);

    private static JobStep Start(string jobId, long version, params ReadOnlySpan<ConsumableClaim> claims) =>
        new() { Writes = [new(jobId, version, Starting) { Claims = [.. claims] }] };

    private async Task<StepOutcome> StartAsync(string jobId, long version, params (string Resource, long Quantity, long Limit)[] claims) =>
        (await CommitAsync(Start(jobId, version, [.. claims.Select(claim => Claim(claim.Resource, claim.Quantity, claim.Limit))]))).Outcome;

    private static NewJob Needing(string jobId, params (string Resource, long Quantity)[] needs) => With(AJob.New(jobId), needs);

    private static NewJob Named(string jobId, string name) => With(AJob.New(jobId, name: name), ("x", 1));

    private static NewJob NeedingArray(string jobId, int size, params (string Resource, long Quantity)[] needs)
    {
        var job = With(AJob.New(jobId, new() { Status = JobStatus.Pending, Unwritten = AJob.Waiting }), needs);
        return job with { Spec = job.Spec with { ArraySize = size } };
    }

    private static NewJob With(NewJob job, params (string Resource, long Quantity)[] needs) => job with
    {
        Spec = job.Spec with { ConsumableResources = [.. needs.Select(need => new ConsumableNeed { ResourceName = need.Resource, Quantity = need.Quantity })] },
    };

    private Task<long> TakenAsync(string resource) => Store.Consumables.TakenAsync(Key(resource), Token);

    private Task<bool> IsNeededAsync(string resource) => Store.Consumables.IsNeededAsync(new(AJob.Scope, resource), Token);

    private async Task<List<string>> ListAsync(JobStatus? status = null, string? name = null, int limit = 100)
    {
        List<string> ids = [];
        string? next = null;
        do
        {
            var page = await Store.Consumables.ListJobsAsync(
                new(new(AJob.Scope, "x"), status, name is null ? null : NamePattern.Of(name), next, limit), Token);
            ids.AddRange(page.Jobs.Select(job => job.JobId));
            next = page.Next;
        }
        while (next is not null);
        return ids;
    }
}
