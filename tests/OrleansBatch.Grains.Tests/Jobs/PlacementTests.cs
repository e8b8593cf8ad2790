using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests.Jobs;

/// <summary>Reservations that come to nothing.</summary>
public sealed class PlacementTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task A_place_of_an_older_epoch_is_refused_and_the_job_still_waits()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(queue);
        _ = await _batch.LaunchOfAsync(queue);
        var waiting = await _batch.SubmitAsync(queue);

        var answer = await _batch.Grains.GetGrain<IJobGrain>(waiting).Place(Order(queue, epoch: 0), CancellationToken.None);

        Assert.Null(answer.Order);
        Assert.True(answer.IsStillRunnable);
        Assert.Equal("RUNNABLE", (await _batch.DescribeAsync(waiting)).Status);
    }

    [Fact]
    public async Task A_place_for_a_job_that_has_ended_is_refused_for_good()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(queue);
        _ = await _batch.LaunchOfAsync(queue);
        var cancelled = await _batch.SubmitAsync(queue);
        await _batch.CancelAsync(cancelled);

        var answer = await _batch.Grains.GetGrain<IJobGrain>(cancelled).Place(Order(queue, epoch: 1), CancellationToken.None);

        Assert.Null(answer.Order);
        Assert.False(answer.IsStillRunnable);
    }

    [Fact]
    public async Task A_reservation_that_no_job_took_is_freed_though_nothing_runs_there()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var environment = _batch.Grains.GetGrain<IComputeEnvironmentGrain>(new ScopedName(Batch.Scope, queue).Key);
        await LookAsync(environment);
        var reserved = await environment.Reserve([new(Guid.NewGuid().ToString(), new() { VcpuMillis = 1_000 })], "queue", long.MaxValue, CancellationToken.None);
        Assert.Single(reserved.ReservationIds);

        _batch.Clock.Advance(TimeSpan.FromSeconds(11));

        await Batch.UntilAsync(async () => await _batch.InUseAsync(queue) == default);
    }

    [Fact]
    public async Task A_job_that_comes_with_a_reservation_after_it_was_freed_is_refused_and_waits_on()
    {
        var full = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(full);
        _ = await _batch.LaunchOfAsync(full);
        var waiting = await _batch.SubmitAsync(full);
        var environment = $"late-{Guid.NewGuid():N}";
        await _batch.CreateEnvironmentAsync(environment, 1);
        var grain = _batch.Grains.GetGrain<IComputeEnvironmentGrain>(new ScopedName(Batch.Scope, environment).Key);
        await LookAsync(grain);
        var reserved = await grain.Reserve([new(waiting, new() { VcpuMillis = 1_000 })], "queue", long.MaxValue, CancellationToken.None);

        _batch.Clock.Advance(TimeSpan.FromSeconds(11));
        await Batch.UntilAsync(async () => await _batch.InUseAsync(environment) == default);
        var late = await _batch.Grains.GetGrain<IJobGrain>(waiting).Place(
            Order(environment, reserved.Epoch) with { ReservationId = reserved.ReservationIds[0] }, CancellationToken.None);

        Assert.Null(late.Order);
        Assert.True(late.IsStillRunnable);
        Assert.Equal("RUNNABLE", await _batch.StateAsync(waiting));
    }

    /// <summary>As a queue does, so that there is a host.</summary>
    private static async Task LookAsync(IComputeEnvironmentGrain environment) =>
        Assert.NotEmpty((await environment.Look("queue", 1, 1, [new(new() { VcpuMillis = 1_000 }, 1)], CancellationToken.None)).Hosts);

    private PlaceOrder Order(string environment, long epoch) => new()
    {
        Environment = new(Batch.Scope, environment),
        ClusterName = "cluster",
        Epoch = epoch,
        ReservationId = $"{epoch}-1000",
        NodeId = _batch.Agent.NodeId,
        Incarnation = _batch.Agent.Incarnation,
    };
}
