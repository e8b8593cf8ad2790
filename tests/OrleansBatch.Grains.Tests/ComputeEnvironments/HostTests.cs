using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Grains.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Tests.ComputeEnvironments;

/// <summary>Modelled hosts come with what waits, and go when they are idle.</summary>
public sealed class HostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-hosts-").FullName;

    private string Database => Path.Combine(_folder, "batch.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_host_is_launched_for_what_waits_and_ends_a_minute_after_its_last_job()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 8, ["machine.2"]);
        Assert.Equal(0, await DesiredAsync(batch, queue));

        _ = await batch.SubmitAsync(queue);
        var launch = await batch.LaunchOfAsync(queue);
        Assert.Equal(2, await DesiredAsync(batch, queue));
        await batch.ExitedAsync(launch, 0);
        batch.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(2, await DesiredAsync(batch, queue));
        batch.Clock.Advance(TimeSpan.FromSeconds(1));

        await Batch.UntilAsync(async () => await DesiredAsync(batch, queue) == 0);
    }

    [Fact]
    public async Task Jobs_are_packed_on_hosts_and_a_container_instance_is_one_host()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 4, ["machine.2"]);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => batch.SubmitAsync(queue)));
        for (var job = 0; job < 4; job++)
        {
            await batch.StartedAsync(await batch.LaunchOfAsync(queue));
        }

        Assert.Equal(4, await DesiredAsync(batch, queue));
        var details = await Task.WhenAll(jobs.Select(batch.DescribeAsync));
        Assert.Equal([2, 2], details.GroupBy(job => job.Container!.ContainerInstanceArn).Select(host => host.Count()));
    }

    [Fact]
    public async Task A_job_that_needs_more_than_is_free_on_any_one_host_waits_although_enough_is_free_in_all()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 4, ["machine.2"]);
        await batch.RegisterAsync($"{queue}-two", vcpus: 2);
        var first = await batch.SubmitAsync(queue);
        var one = await batch.LaunchOfAsync(queue);
        _ = await batch.SubmitAsync(queue, definition: $"{queue}-two");
        var two = await batch.LaunchOfAsync(queue);
        // Two hosts of two: one vCPU is free on the first; when the second has one job of one as well, there are two free in all.
        await batch.ExitedAsync(two, 0);
        _ = await batch.SubmitAsync(queue);
        _ = await batch.SubmitAsync(queue);
        var filled = await batch.LaunchOfAsync(queue);
        var third = await batch.LaunchOfAsync(queue);
        await batch.ExitedAsync(one, 0);
        var big = await batch.SubmitAsync(queue, definition: $"{queue}-two");

        Assert.Equal(("RUNNABLE", (string?)null), ((await batch.DescribeAsync(big)).Status, (await batch.DescribeAsync(big)).StatusReason));
        Assert.Equal(2_000, (await batch.InUseAsync(queue)).VcpuMillis);
        await batch.ExitedAsync(third, 0);
        await batch.LaunchesNextAsync(queue, big);
        Assert.NotEqual(first, filled.Attempt.JobId);
    }

    [Fact]
    public async Task Hosts_and_what_is_held_on_them_outlive_the_scheduler()
    {
        string queue, running;
        string? instance;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await SetUpAsync(before, 4, ["machine.4"]);
            running = await before.SubmitAsync(queue);
            await before.StartedAsync(await before.LaunchOfAsync(queue));
            instance = (await before.DescribeAsync(running)).Container!.ContainerInstanceArn;
        }

        await using var after = await Batch.StartAsync(Database);
        Assert.Equal(4, await DesiredAsync(after, queue));
        Assert.Equal(1_000, (await after.InUseAsync(queue)).VcpuMillis);
        await after.RegisterAsync($"{queue}-three", vcpus: 3);
        var next = await after.SubmitAsync(queue, definition: $"{queue}-three");
        await after.StartedAsync(await after.LaunchOfAsync(queue));

        Assert.Equal(instance, (await after.DescribeAsync(next)).Container!.ContainerInstanceArn);
    }

    [Fact]
    public async Task A_launch_takes_its_time_and_the_job_waits_for_it()
    {
        await using var batch = await Batch.StartAsync(Database, model: new() { Catalogue = Batch.Machines, LaunchDelay = TimeSpan.FromMinutes(2) });
        var queue = await SetUpAsync(batch, 4, ["machine.4"]);
        var job = await batch.SubmitAsync(queue);
        await Batch.UntilAsync(async () => await DesiredAsync(batch, queue) == 4);

        Assert.Equal("RUNNABLE", await batch.StateAsync(job));
        batch.Clock.Advance(TimeSpan.FromMinutes(2));
        await batch.LaunchesNextAsync(queue, job);
    }

    [Fact]
    public async Task The_minimum_is_there_without_jobs_and_also_when_disabled()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 8, ["machine.2"], minvCpus: 4);
        await Batch.UntilAsync(async () => (await HostsAsync(batch, queue)).Count == 2);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => batch.SubmitAsync(queue)));
        List<Model.Nodes.LaunchOrder> launches = [];
        for (var job = 0; job < 6; job++)
        {
            launches.Add(await batch.LaunchOfAsync(queue));
        }

        Assert.Equal(6, await DesiredAsync(batch, queue));
        _ = await batch.Environments.Update(new() { ComputeEnvironment = queue, State = "DISABLED" }, CancellationToken.None);
        foreach (var launch in launches)
        {
            await batch.ExitedAsync(launch, 0);
        }

        var late = await batch.SubmitAsync(queue);
        batch.Clock.Advance(TimeSpan.FromMinutes(2));
        await Batch.UntilAsync(async () => await DesiredAsync(batch, queue) == 4);
        Assert.StartsWith("RUNNABLE", await batch.StateAsync(late), StringComparison.Ordinal);
        Assert.All(jobs, job => Assert.NotEqual(late, job));
    }

    [Fact]
    public async Task The_last_host_may_exceed_the_maximum_by_itself_unless_the_strategy_forbids_it()
    {
        await using var batch = await Batch.StartAsync(Database);
        var (best, progressive) = (await SetUpAsync(batch, 3, ["machine.2"]), await SetUpAsync(batch, 3, ["machine.2"], strategy: "BEST_FIT_PROGRESSIVE"));
        foreach (var queue in new[] { best, progressive })
        {
            for (var job = 0; job < 4; job++)
            {
                _ = await batch.SubmitAsync(queue);
            }
        }

        await Batch.UntilAsync(async () => (await batch.InUseAsync(best)).VcpuMillis == 2_000 && (await batch.InUseAsync(progressive)).VcpuMillis == 4_000);
        Assert.Equal((2, 3), (await DesiredAsync(batch, best), await DesiredAsync(batch, progressive)));
    }

    [Fact]
    public async Task What_is_asked_for_by_hand_comes_is_never_lowered_by_hand_and_goes_when_idle()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 8, ["machine.2"]);
        await UpdateAsync(batch, queue, new() { DesiredvCpus = 6 });
        await Batch.UntilAsync(async () => await DesiredAsync(batch, queue) == 6);

        var refused = await Assert.ThrowsAsync<BatchClientException>(() => UpdateAsync(batch, queue, new() { DesiredvCpus = 2 }));
        Assert.Contains("Manually scaling down", refused.Message, StringComparison.Ordinal);
        batch.Clock.Advance(TimeSpan.FromSeconds(61));
        await Batch.UntilAsync(async () => await DesiredAsync(batch, queue) == 0);
    }

    [Fact]
    public async Task A_second_environment_takes_what_the_first_cannot_even_by_growing()
    {
        await using var batch = await Batch.StartAsync(Database);
        var (first, second, queue) = ($"a-{Guid.NewGuid():N}", $"b-{Guid.NewGuid():N}", $"q-{Guid.NewGuid():N}");
        await batch.CreateEnvironmentAsync(first, 4, instanceTypes: ["machine.2"]);
        await batch.CreateEnvironmentAsync(second, 8, instanceTypes: ["machine.4"]);
        await batch.CreateQueueAsync(queue, first, second);
        await batch.RegisterAsync(queue);
        for (var job = 0; job < 10; job++)
        {
            _ = await batch.SubmitAsync(queue);
        }

        await Batch.UntilAsync(async () => (await batch.InUseAsync(first)).VcpuMillis == 4_000 && (await batch.InUseAsync(second)).VcpuMillis == 6_000);
        Assert.Equal((4, 8), (await DesiredAsync(batch, first), await DesiredAsync(batch, second)));
    }

    [Fact]
    public async Task Jobs_behind_a_head_that_waits_for_room_have_no_hosts_launched_that_would_take_it()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 4, ["machine.1", "machine.4"]);
        await batch.RegisterAsync($"{queue}-four", vcpus: 4);
        _ = await batch.SubmitAsync(queue);
        var small = await batch.LaunchOfAsync(queue);
        var big = await batch.SubmitAsync(queue, definition: $"{queue}-four");
        var behind = await batch.SubmitAsync(queue);
        Assert.Equal(1, await DesiredAsync(batch, queue));
        Assert.Equal("RUNNABLE", await batch.StateAsync(behind));
        await batch.ExitedAsync(small, 0);

        // The small host, idle now, would have room for the one behind. It goes at once, for it is in the way of the large one.
        await batch.LaunchesNextAsync(queue, big);
        Assert.Equal(4, await DesiredAsync(batch, queue));
        Assert.Equal("RUNNABLE", await batch.StateAsync(behind));
    }

    [Fact]
    public async Task Types_that_are_not_to_be_had_are_a_reason_to_wait_that_names_the_type()
    {
        await using var batch = await Batch.StartAsync(Database, model: new() { Catalogue = Batch.Machines, Unavailable = ["machine.2"] });
        var queue = await SetUpAsync(batch, 4, ["machine.2"]);
        var job = await batch.SubmitAsync(queue);

        await Batch.UntilAsync(async () => (await batch.DescribeAsync(job)).StatusReason is not null);
        Assert.Equal(
            "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [machine.2]",
            (await batch.DescribeAsync(job)).StatusReason);
    }

    [Fact]
    public async Task A_type_that_is_too_small_is_a_misconfiguration_a_busy_one_is_not()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = await SetUpAsync(batch, 8, ["machine.2"]);
        await batch.RegisterAsync($"{queue}-four", vcpus: 4);
        var job = await batch.SubmitAsync(queue, definition: $"{queue}-four");

        await Batch.UntilAsync(async () => (await batch.DescribeAsync(job)).StatusReason is not null);
        Assert.Equal(Core.Jobs.StatusReasons.ExceedsResources, (await batch.DescribeAsync(job)).StatusReason);
    }

    [Fact]
    public async Task On_Fargate_every_job_has_a_host_of_its_own_up_to_the_maximum()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = $"f-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(queue, 2, type: "FARGATE");
        await batch.CreateQueueAsync(queue, queue);
        _ = await batch.RegisterOnFargateAsync(queue);
        for (var job = 0; job < 3; job++)
        {
            _ = await batch.SubmitAsync(queue);
        }

        var first = await batch.LaunchOfAsync(queue);
        await batch.StartedAsync(first);
        _ = await batch.LaunchOfAsync(queue);
        Assert.Equal(2_000, (await batch.InUseAsync(queue)).VcpuMillis);
        Assert.Null((await batch.DescribeAsync(first.Attempt.JobId)).Container!.ContainerInstanceArn);
        await batch.ExitedAsync(first, 0);
        _ = await batch.LaunchOfAsync(queue);
        Assert.Equal(2_000, (await batch.InUseAsync(queue)).VcpuMillis);

        // A minute at least for each of three hosts of 1 vCPU (1 USD an hour) and 2 GiB (0.1 USD).
        var listed = await batch.Environments.ListHosts(new() { ComputeEnvironment = queue }, CancellationToken.None);
        Assert.Equal(["ACTIVE", "ACTIVE", "ENDED"], listed.Hosts.Select(host => host.State));
        Assert.Equal(3 * 0.02m, listed.CostUsd);
        var ended = listed.Hosts[2];
        Assert.Equal(("FARGATE", 1m, 2048, 0.02m), (ended.InstanceType, ended.Vcpus, ended.MemoryMiB, ended.CostUsd));
        Assert.Equal($"the host of job {first.Attempt.JobId}", ended.LaunchReason);
        Assert.All(listed.Hosts, host => Assert.StartsWith("fargate-", host.HostId, StringComparison.Ordinal));

        // What the environment knows it knows from rows.
        await batch.DisposeAsync();
        await using var after = await Batch.StartAsync(Database, batch.Agent);
        var again = await after.Environments.ListHosts(new() { ComputeEnvironment = queue }, CancellationToken.None);
        Assert.Equal(listed.Hosts.Select(host => host.HostId).Order(StringComparer.Ordinal), again.Hosts.Select(host => host.HostId).Order(StringComparer.Ordinal));
        Assert.Equal(listed.CostUsd, again.CostUsd);
    }

    [Fact]
    public async Task An_unmanaged_environment_is_the_machine_and_no_more()
    {
        await using var batch = await Batch.StartAsync(Database);
        var queue = $"u-{Guid.NewGuid():N}";
        _ = await batch.Environments.Create(new() { ComputeEnvironmentName = queue, Type = "UNMANAGED" }, null, CancellationToken.None);
        await batch.CreateQueueAsync(queue, queue);
        await batch.RegisterAsync(queue, vcpus: 3);
        _ = await batch.SubmitAsync(queue);
        var first = await batch.LaunchOfAsync(queue);
        var second = await batch.SubmitAsync(queue);

        Assert.Equal("RUNNABLE", await batch.StateAsync(second));
        Assert.Empty(await HostsAsync(batch, queue));
        await batch.ReportAsync(first, Model.Nodes.AttemptOutcome.Lost, null);
        Assert.Equal($"FAILED: Host EC2 (instance {batch.Agent.NodeId}) terminated.", await batch.StateAsync(first.Attempt.JobId));
        await batch.LaunchesNextAsync(queue, second);
    }

    [Fact]
    public async Task Hosts_of_a_deleted_environment_end()
    {
        await using var batch = await Batch.StartAsync(Database);
        var name = $"d-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(name, 4, instanceTypes: ["machine.2"], minvCpus: 4);
        await Batch.UntilAsync(async () => (await HostsAsync(batch, name)).Count == 2);
        _ = await batch.Environments.Update(new() { ComputeEnvironment = name, State = "DISABLED" }, CancellationToken.None);
        await batch.Environments.Delete(new() { ComputeEnvironment = name }, CancellationToken.None);

        Assert.Empty(await HostsAsync(batch, name));
    }

    [Fact]
    public async Task A_job_on_a_deleted_environment_runs_to_its_end_and_its_host_ends_then_also_after_a_restart()
    {
        string name;
        Model.Nodes.LaunchOrder launch;
        await using (var before = await Batch.StartAsync(Database))
        {
            name = await SetUpAsync(before, 2, ["machine.2"]);
            var other = await SetUpAsync(before, 2, ["machine.2"]);
            _ = await before.SubmitAsync(name);
            launch = await before.LaunchOfAsync(name);
            await before.StartedAsync(launch);
            _ = await before.Queues.Update(
                new() { JobQueue = name, ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = other }] }, CancellationToken.None);
            _ = await before.Environments.Update(new() { ComputeEnvironment = name, State = "DISABLED" }, CancellationToken.None);
            await before.Environments.Delete(new() { ComputeEnvironment = name }, CancellationToken.None);
            Assert.Equal(Core.Capacity.Hosts.HostState.Draining, Assert.Single(await HostsAsync(before, name)).State);
        }

        await using var after = await Batch.StartAsync(Database);
        await after.ExitedAsync(launch, 0);
        await Batch.UntilAsync(async () => (await HostsAsync(after, name)).Count == 0);
    }

    [Fact]
    public async Task An_instance_type_that_no_catalogue_has_is_refused()
    {
        await using var batch = await Batch.StartAsync(Database);
        var refused = await Assert.ThrowsAsync<ValidationException>(() => batch.CreateEnvironmentAsync("none", 4, instanceTypes: ["m5.large"]));
        Assert.Contains("m5.large", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string> SetUpAsync(Batch batch, int maxvCpus, string[] instanceTypes, int minvCpus = 0, string? strategy = null)
    {
        var name = $"h-{Guid.NewGuid():N}";
        await batch.CreateEnvironmentAsync(name, maxvCpus, instanceTypes: instanceTypes, minvCpus: minvCpus, strategy: strategy);
        await batch.CreateQueueAsync(name, name);
        await batch.RegisterAsync(name);
        return name;
    }

    private static Task<ComputeEnvironmentResponse> UpdateAsync(Batch batch, string environment, ComputeResource change) =>
        batch.Environments.Update(new() { ComputeEnvironment = environment, ComputeResources = change }, CancellationToken.None);

    private static async Task<int> DesiredAsync(Batch batch, string environment) =>
        (await batch.Environments.Describe(new() { ComputeEnvironments = [environment] }, CancellationToken.None)).ComputeEnvironments[0].ComputeResources!.DesiredvCpus!.Value;

    private static Task<IReadOnlyList<Stores.HostRow>> HostsAsync(Batch batch, string environment) =>
        batch.Hosts.ReadLiveAsync(new(Batch.Scope, environment), CancellationToken.None);
}
