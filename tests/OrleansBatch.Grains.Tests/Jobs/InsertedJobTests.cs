using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Tests.Jobs;

/// <summary>A silo that remembers a job as it was inserted, while another has written it since.</summary>
public sealed class InsertedJobTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-inserted-").FullName;
    private readonly HookedStore.Holds _holds = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_job_that_has_ended_elsewhere_takes_no_place()
    {
        await using var batch = await StartAsync();
        var job = await InsertedAsync(batch, state => Ended(state, "ended elsewhere"));

        var answer = await Job(batch, job).Place(Order(job), CancellationToken.None);

        Assert.Null(answer.Order);
        Assert.False(answer.IsStillRunnable);
        Assert.Equal("FAILED: ended elsewhere", await batch.StateAsync(job.JobId));
    }

    [Fact]
    public async Task A_job_that_was_changed_elsewhere_begins_as_it_is_now()
    {
        await using var batch = await StartAsync();
        var job = await InsertedAsync(batch, state => state with { Tags = new Dictionary<string, string> { ["set"] = "elsewhere" } });

        var answer = await Job(batch, job).Place(Order(job), CancellationToken.None);

        Assert.NotNull(answer.Order);
        var detail = await batch.DescribeAsync(job.JobId);
        Assert.Equal(("STARTING", "elsewhere"), (detail.Status, detail.Tags!["set"]));
    }

    [Fact]
    public async Task An_attempt_that_was_begun_elsewhere_can_be_launched_again()
    {
        await using var batch = await StartAsync();
        var job = await InsertedAsync(batch, state => state with { Status = JobStatus.Starting, Fence = 1, Placement = Place(state) });

        Assert.Equal(new(job.JobId, 1), (await Job(batch, job).Relaunch(new(job.JobId, 1), CancellationToken.None))!.Attempt);
    }

    [Fact]
    public async Task Whoever_asks_for_anything_else_is_answered_from_the_row()
    {
        await using var batch = await StartAsync();
        var job = await InsertedAsync(batch, state => Ended(state, "ended elsewhere"));

        await Job(batch, job).Terminate(Batch.Scope, "too late", CancellationToken.None);
        await Job(batch, job).SetBlocked("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - too large", batch.Clock.GetUtcNow(), CancellationToken.None);
        Assert.True(await Job(batch, job).EndWithQueue(CancellationToken.None));

        Assert.Equal("FAILED: ended elsewhere", await batch.StateAsync(job.JobId));
    }

    private Task<Batch> StartAsync() => Batch.StartAsync(Path.Combine(_folder, "batch.db"), holds: _holds);

    private static IJobGrain Job(Batch batch, JobRecord job) => batch.Grains.GetGrain<IJobGrain>(job.JobId);

    private static JobPlacement Place(JobState state) => new()
    {
        Environment = "elsewhere",
        Epoch = 1,
        ReservationId = "r-1",
        NodeId = "i-0123456789abcdef0",
        Incarnation = "boot/journal",
        TaskArn = $"arn:aws:ecs:us-east-1:123456789012:task/cluster/{state.Fence}",
        LogStream = "bench/default/1",
    };

    private static JobState Ended(JobState state, string reason) => state with { Status = JobStatus.Failed, StatusReason = reason };

    /// <summary>A job that waits, has no activation, and is remembered as it was before it was changed.</summary>
    private async Task<JobRecord> InsertedAsync(Batch batch, Func<JobState, JobState> change)
    {
        var queue = await batch.SetUpAsync(maxvCpus: 1);
        _ = await batch.SubmitAsync(queue);
        _ = await batch.LaunchOfAsync(queue);
        var jobId = await batch.SubmitAsync(queue);
        var store = batch.Service<IJobStore>();
        var job = (await store.ReadAsync(jobId, CancellationToken.None))!;
        var written = await store.CommitAsync(new() { Writes = [new(jobId, job.Version, change(job.State))] }, CancellationToken.None);
        Assert.Equal(StepOutcome.Committed, written.Outcome);
        _holds.Inserted[jobId] = job;
        return job;
    }

    private static PlaceOrder Order(JobRecord job) => new()
    {
        Environment = new ScopedName(Batch.Scope, job.Spec.JobQueue),
        ClusterName = "cluster",
        Epoch = 1,
        ReservationId = "r-1",
        NodeId = "i-0123456789abcdef0",
        Incarnation = "boot/journal",
    };
}
