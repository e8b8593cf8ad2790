using OrleansBatch.Grains.ComputeEnvironments;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.ComputeEnvironments;

/// <summary>Hosts that go although jobs are on them: taken back, or replaced.</summary>
public sealed class HostEndTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-ends-").FullName;

    private string Database => Path.Combine(_folder, "batch.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_host_that_is_taken_back_has_two_minutes_and_its_job_is_stopped_and_tried_again_elsewhere()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "SPOT", ["machine.2"]);
        var job = await batch.SubmitAsync(queue, attempts: 2);
        var launch = await batch.LaunchOfAsync(queue);
        await batch.StartedAsync(launch);
        var host = Assert.Single(await HostsAsync(batch, queue));

        var noticed = await batch.Environments.InterruptHost(host.HostId, CancellationToken.None);
        Assert.Equal(("INTERRUPTED", batch.Clock.GetUtcNow().AddMinutes(2).ToUnixTimeMilliseconds()), (noticed.State, noticed.EndsAt));
        Assert.Equal("RUNNING", await batch.StateAsync(job));

        batch.Clock.Advance(TimeSpan.FromMinutes(2));
        _ = await batch.StopOfAsync(job);
        Assert.Equal("RUNNING", await batch.StateAsync(job));
        await batch.ExitedAsync(launch, 0);

        var again = await batch.LaunchOfAsync(queue);
        Assert.Equal(launch.Attempt with { Fence = 2 }, again.Attempt);
        var attempt = Assert.Single((await batch.DescribeAsync(job)).Attempts);
        Assert.Equal($"Host EC2 (instance {host.HostId}) terminated.", attempt.StatusReason);
        await Batch.UntilAsync(async () => (await HostsAsync(batch, queue)).All(live => live.HostId != host.HostId));
        Assert.NotNull((await batch.Hosts.ReadAsync(host.HostId, CancellationToken.None))!.EndedAt);
    }

    [Fact]
    public async Task No_job_is_placed_on_a_host_that_is_taken_back()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "SPOT", ["machine.2"]);
        var first = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await batch.LaunchOfAsync(queue));
        await batch.Environments.InterruptHost(Assert.Single(await HostsAsync(batch, queue)).HostId, CancellationToken.None);

        var second = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await batch.LaunchOfAsync(queue));

        Assert.NotEqual(
            (await batch.DescribeAsync(first)).Container!.ContainerInstanceArn, (await batch.DescribeAsync(second)).Container!.ContainerInstanceArn);
    }

    [Fact]
    public async Task A_notice_outlives_the_scheduler_and_the_attempt_is_stopped_after_its_next_start()
    {
        string queue, job;
        LaunchOrder launch;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await SetUpAsync(before, "SPOT", ["machine.2"]);
            job = await before.SubmitAsync(queue, attempts: 2);
            launch = await before.LaunchOfAsync(queue);
            await before.StartedAsync(launch);
            await before.Environments.InterruptHost(Assert.Single(await HostsAsync(before, queue)).HostId, CancellationToken.None);
        }

        await using var after = await Batch.StartAsync(Database);
        await after.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal("INTERRUPTED", Assert.Single((await ListAsync(after, queue)).Hosts).State);
        after.Clock.Advance(TimeSpan.FromMinutes(2));
        _ = await after.StopOfAsync(job);
        await after.ExitedAsync(launch, 143);

        Assert.Equal(2, (await after.LaunchOfAsync(queue)).Attempt.Fence);
    }

    [Fact]
    public async Task Chance_takes_Spot_hosts_back_and_leaves_others_alone()
    {
        await using var batch = await Batch.StartAsync(Database, model: new() { Catalogue = Batch.Machines, SpotInterruptionsPerHour = 3_600 });
        var spot = await SetUpAsync(batch, "SPOT", ["machine.2"]);
        var onDemand = await SetUpAsync(batch, "EC2", ["machine.2"]);
        foreach (var queue in new[] { spot, onDemand })
        {
            _ = await batch.SubmitAsync(queue);
            await batch.StartedAsync(await batch.LaunchOfAsync(queue));
        }

        await Batch.UntilAsync(async () =>
        {
            batch.Clock.Advance(TimeSpan.FromSeconds(10));
            return (await ListAsync(batch, spot)).Hosts.Any(host => host.State is "INTERRUPTED");
        });
        Assert.Equal("ACTIVE", (await ListAsync(batch, onDemand)).Hosts[0].State);
    }

    [Fact]
    public async Task Only_a_Spot_host_that_is_there_is_taken_back()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "EC2", ["machine.2"]);
        _ = await batch.SubmitAsync(queue);
        _ = await batch.LaunchOfAsync(queue);
        var host = Assert.Single(await HostsAsync(batch, queue));

        var refused = await Assert.ThrowsAsync<BatchClientException>(() => batch.Environments.InterruptHost(host.HostId, CancellationToken.None));
        Assert.Contains("ON_DEMAND", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<BatchClientException>(() => batch.Environments.InterruptHost("i-0", CancellationToken.None));
        Assert.Contains("does not exist", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_infrastructure_update_brings_new_hosts_for_new_jobs_and_is_over_with_the_last_old_one()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "EC2", ["machine.2"], "BEST_FIT_PROGRESSIVE");
        _ = await batch.SubmitAsync(queue);
        var old = await batch.LaunchOfAsync(queue);
        await batch.StartedAsync(old);

        await UpdateAsync(batch, queue, new() { InstanceTypes = ["machine.4"] });
        Assert.Equal("UPDATING", await StatusAsync(batch, queue));
        var refused = await Assert.ThrowsAsync<BatchClientException>(() => UpdateAsync(batch, queue, new() { InstanceTypes = ["machine.1"] }));
        Assert.Contains("being modified", refused.Message, StringComparison.Ordinal);

        _ = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await batch.LaunchOfAsync(queue));
        await Batch.UntilAsync(async () => (await ListAsync(batch, queue)).Hosts.Count == 2);
        var hosts = (await ListAsync(batch, queue)).Hosts;
        Assert.Equal([("machine.2", "DRAINING"), ("machine.4", "ACTIVE")], hosts.Select(host => (host.InstanceType, host.State)));
        Assert.Equal(batch.Clock.GetUtcNow().AddMinutes(30).ToUnixTimeMilliseconds(), hosts[0].EndsAt);

        await batch.ExitedAsync(old, 0);
        await Batch.UntilAsync(async () => await StatusAsync(batch, queue) == "VALID");
        Assert.Equal("machine.4", Assert.Single(await HostsAsync(batch, queue)).Type.Name);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 5)]
    public async Task Jobs_on_replaced_hosts_are_stopped_when_the_update_policy_says_so_and_are_tried_again(bool terminate, int minutes)
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "EC2", ["machine.2"], "BEST_FIT_PROGRESSIVE");
        var job = await batch.SubmitAsync(queue, attempts: 2);
        var old = await batch.LaunchOfAsync(queue);
        await batch.StartedAsync(old);

        _ = await batch.Environments.Update(
            new()
            {
                ComputeEnvironment = queue,
                ComputeResources = new() { InstanceTypes = ["machine.4"] },
                UpdatePolicy = new() { TerminateJobsOnUpdate = terminate, JobExecutionTimeoutMinutes = 5 },
            },
            CancellationToken.None);
        batch.Clock.Advance(TimeSpan.FromMinutes(minutes));
        _ = await batch.StopOfAsync(job);
        await batch.ExitedAsync(old, 143);

        Assert.Equal(2, (await batch.LaunchOfAsync(queue)).Attempt.Fence);
        await Batch.UntilAsync(async () => await StatusAsync(batch, queue) == "VALID");
    }

    [Fact]
    public async Task An_update_that_was_cut_off_goes_on_after_the_next_start()
    {
        string queue;
        LaunchOrder old;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await SetUpAsync(before, "EC2", ["machine.2"], "BEST_FIT_PROGRESSIVE");
            _ = await before.SubmitAsync(queue);
            old = await before.LaunchOfAsync(queue);
            await before.StartedAsync(old);
            await UpdateAsync(before, queue, new() { InstanceTypes = ["machine.4"] });
        }

        await using var after = await Batch.StartAsync(Database);
        Assert.Equal("UPDATING", await StatusAsync(after, queue));
        await after.ExitedAsync(old, 0);

        await Batch.UntilAsync(async () => await StatusAsync(after, queue) == "VALID");
        Assert.Empty(await HostsAsync(after, queue));
    }

    [Fact]
    public async Task A_scaling_update_replaces_nothing_and_BEST_FIT_takes_no_other()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "EC2", ["machine.2"]);
        _ = await batch.SubmitAsync(queue);
        await batch.StartedAsync(await batch.LaunchOfAsync(queue));

        await UpdateAsync(batch, queue, new() { MaxvCpus = 6 });
        Assert.Equal(("VALID", "ACTIVE"), (await StatusAsync(batch, queue), Assert.Single((await ListAsync(batch, queue)).Hosts).State));
        await Assert.ThrowsAsync<BatchClientException>(() => UpdateAsync(batch, queue, new() { InstanceTypes = ["machine.4"] }));
    }

    [Fact]
    public async Task A_machine_that_was_started_anew_has_new_hosts()
    {
        string queue;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await SetUpAsync(before, "EC2", ["machine.2"]);
            _ = await before.SubmitAsync(queue);
            await before.ExitedAsync(await before.LaunchOfAsync(queue), 0);
        }

        await using var after = await Batch.StartAsync(Database, new() { Incarnation = "next boot/journal" });
        await after.Keeper.LookAsync(CancellationToken.None);

        await Batch.UntilAsync(async () => (await HostsAsync(after, queue)).Count == 0);
        Assert.Equal("its machine was started anew", (await ListAsync(after, queue)).Hosts.Single().EndReason);
    }

    [Fact]
    public async Task Hosts_cost_from_their_launch_and_jobs_their_part()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, "EC2", ["machine.2"]);
        var job = await batch.SubmitAsync(queue);
        var launch = await batch.LaunchOfAsync(queue);
        await batch.StartedAsync(launch);
        batch.Clock.Advance(TimeSpan.FromHours(1));
        await ReportEndAsync(batch, launch, batch.Clock.GetUtcNow().AddHours(-1));

        // Two vCPUs at two USD an hour; the job has one of two, and next to nothing of the memory, which is ample.
        var cost = (await batch.DescribeAsync(job)).OrleansBatch!.CostUsd!.Value;
        Assert.Equal(0.018224093508m, cost);
        Assert.Equal(2m, (await ListAsync(batch, queue)).CostUsd);
        var described = (await batch.Environments.Describe(new() { ComputeEnvironments = [queue] }, CancellationToken.None)).ComputeEnvironments[0].OrleansBatch;
        Assert.Equal(new() { Hosts = 1, UsedVcpus = 0, CostUsd = 2 }, described);
        batch.Clock.Advance(TimeSpan.FromMinutes(1));
        await Batch.UntilAsync(async () => (await HostsAsync(batch, queue)).Count == 0);
        Assert.InRange((await ListAsync(batch, queue)).CostUsd, 2.03m, 2.04m);
    }

    private static async Task ReportEndAsync(Batch batch, LaunchOrder launch, DateTimeOffset startedAt) => _ = await batch.Node.Report(
        batch.Agent.Incarnation,
        [
            new()
            {
                Attempt = launch.Attempt,
                ReservationId = launch.ReservationId,
                EnvironmentKey = launch.EnvironmentKey,
                Outcome = AttemptOutcome.Exited,
                StartedAt = startedAt,
                StoppedAt = batch.Clock.GetUtcNow(),
                ExitCode = 0,
            },
        ],
        CancellationToken.None);

    private static async Task<string> SetUpAsync(Batch batch, string type, string[] instanceTypes, string? strategy = null)
    {
        var name = $"h-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(name, 8, type, instanceTypes: instanceTypes, strategy: strategy ?? (type == "SPOT" ? "SPOT_CAPACITY_OPTIMIZED" : null));
        await batch.CreateQueueAsync(name, name);
        await batch.RegisterAsync(name);
        return name;
    }

    private static Task<ComputeEnvironmentResponse> UpdateAsync(Batch batch, string environment, ComputeResource change) =>
        batch.Environments.Update(new() { ComputeEnvironment = environment, ComputeResources = change }, CancellationToken.None);

    private static async Task<string> StatusAsync(Batch batch, string environment) =>
        (await batch.Environments.Describe(new() { ComputeEnvironments = [environment] }, CancellationToken.None)).ComputeEnvironments[0].Status;

    private static Task<ListHostsResponse> ListAsync(Batch batch, string environment) =>
        batch.Environments.ListHosts(new() { ComputeEnvironment = environment }, CancellationToken.None);

    private static Task<IReadOnlyList<HostRow>> HostsAsync(Batch batch, string environment) =>
        batch.Hosts.ReadLiveAsync(new(Batch.Scope, environment), CancellationToken.None);
}
