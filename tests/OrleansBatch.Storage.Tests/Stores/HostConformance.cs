using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Modelled hosts: what an environment has, and had.</summary>
public abstract class HostConformance : JobStoreConformance
{
    private static readonly ScopedName Mine = new(AJob.Scope, "mine");

    private IHostStore Hosts => Store.Hosts;

    [Fact]
    public async Task A_host_is_read_back_as_it_was_written()
    {
        var guard = await GuardAsync(Mine);
        var host = Host("i-1", 1) with { IdleSince = AJob.Noon, EndsAt = AJob.Noon.AddMinutes(2), State = HostState.Interrupted, WasUsed = true, Generation = 3 };

        Assert.True(await Hosts.WriteAsync([host], guard, Token));

        Assert.Equal(host, Assert.Single(await Hosts.ReadLiveAsync(Mine, Token)));
        Assert.Equal(host, await Hosts.ReadAsync("i-1", Token));
        Assert.Null(await Hosts.ReadAsync("i-2", Token));
    }

    [Fact]
    public async Task Those_that_have_ended_are_history_and_the_newest_comes_first()
    {
        var guard = await GuardAsync(Mine);
        await Hosts.WriteAsync([.. Enumerable.Range(1, 5).Select(n => Host($"i-{n}", n))], guard, Token);
        await Hosts.WriteAsync([.. new[] { 1, 2, 4 }.Select(n => Host($"i-{n}", n) with { EndedAt = AJob.Noon.AddHours(1), EndReason = "idle" })], guard, Token);

        Assert.Equal(["i-3", "i-5"], Ids(await Hosts.ReadLiveAsync(Mine, Token)));
        var first = await Hosts.ListEndedAsync(Mine, null, 2, Token);
        Assert.Equal(["i-4", "i-2"], Ids(first));
        Assert.Equal(["i-1"], Ids(await Hosts.ListEndedAsync(Mine, (first[^1].LaunchedAt.ToUnixTimeMilliseconds(), first[^1].HostId), 2, Token)));
        Assert.Equal("idle", (await Hosts.ReadAsync("i-4", Token))!.EndReason);
    }

    [Fact]
    public async Task What_hosts_cost_that_have_ended_adds_up()
    {
        var guard = await GuardAsync(Mine);
        Assert.Equal(0, await Hosts.ReadEndedCostAsync(Mine, Token));
        HostRow[] hosts = [.. Enumerable.Range(1, 3).Select(n => Host($"i-{n}", n))];
        await Hosts.WriteAsync(hosts, guard, Token);
        await Hosts.WriteAsync([hosts[0] with { EndedAt = hosts[0].LaunchedAt.AddHours(1) }, hosts[1] with { EndedAt = hosts[1].LaunchedAt.AddHours(2) }], guard, Token);

        Assert.Equal(3 * hosts[0].Type.SpotUsdPerHour, await Hosts.ReadEndedCostAsync(Mine, Token));
    }

    [Fact]
    public async Task A_host_whose_end_is_written_twice_costs_once()
    {
        var guard = await GuardAsync(Mine);
        var host = Host("i-1", 1);
        await Hosts.WriteAsync([host with { EndedAt = host.LaunchedAt.AddHours(1) }], guard, Token);
        await Hosts.WriteAsync([host with { EndedAt = host.LaunchedAt.AddHours(2) }], guard, Token);

        Assert.Equal(2 * host.Type.SpotUsdPerHour, await Hosts.ReadEndedCostAsync(Mine, Token));
    }

    [Fact]
    public async Task A_host_on_Fargate_is_written_with_the_end_of_its_attempt_or_not_at_all()
    {
        await InsertAsync(AJob.New("a"));
        var own = Host("fargate-1", 1) with { EndedAt = AJob.Noon.AddMinutes(61), Size = new() { VcpuMillis = 250, MemoryMiB = 512 } };
        JobStep step = new() { Writes = [new("a", 1, AJob.In(JobStatus.Failed)) { EndedHost = own }] };

        Assert.Equal(StepOutcome.Committed, (await Jobs.CommitAsync(step, Token)).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await Jobs.CommitAsync(step, Token)).Outcome);
        Assert.Equal(StepOutcome.VersionConflict, (await Jobs.CommitAsync(new() { Writes = [new("a", 1, AJob.In(JobStatus.Failed)) { EndedHost = own with { HostId = "fargate-2" } }] }, Token)).Outcome);

        Assert.Equal(own, Assert.Single(await Hosts.ListEndedAsync(Mine, null, 10, Token)));
        Assert.Equal(own.Type.SpotUsdPerHour, await Hosts.ReadEndedCostAsync(Mine, Token));
    }

    [Fact]
    public async Task Hosts_launched_in_one_moment_are_paged_by_their_ids()
    {
        var guard = await GuardAsync(Mine);
        await Hosts.WriteAsync([.. new[] { "i-a", "i-c", "i-b" }.Select(id => Host(id, 1) with { EndedAt = AJob.Noon })], guard, Token);

        var first = await Hosts.ListEndedAsync(Mine, null, 1, Token);
        var rest = await Hosts.ListEndedAsync(Mine, (first[0].LaunchedAt.ToUnixTimeMilliseconds(), first[0].HostId), 10, Token);

        Assert.Equal(["i-c", "i-b", "i-a"], Ids([.. first, .. rest]));
    }

    [Fact]
    public async Task Whoever_has_an_older_epoch_writes_nothing()
    {
        var old = await GuardAsync(Mine);
        var guard = await GuardAsync(Mine);

        Assert.False(await Hosts.WriteAsync([Host("i-1", 1)], old, Token));
        Assert.Empty(await Hosts.ReadLiveAsync(Mine, Token));
        Assert.True(await Hosts.WriteAsync([Host("i-1", 1)], guard, Token));
    }

    [Fact]
    public async Task Environments_with_hosts_are_found_and_see_only_their_own()
    {
        var other = new ScopedName(AJob.Scope, "other");
        var gone = new ScopedName(AJob.Scope, "gone");
        await Hosts.WriteAsync([Host("i-1", 1)], await GuardAsync(Mine), Token);
        await Hosts.WriteAsync([Host("i-2", 1) with { Environment = other.Key }], await GuardAsync(other), Token);
        await Hosts.WriteAsync([Host("i-3", 1) with { Environment = gone.Key, EndedAt = AJob.Noon }], await GuardAsync(gone), Token);

        Assert.Equal([Mine, other], (await Hosts.ReadEnvironmentsAsync(Token)).OrderBy(name => name.Name, StringComparer.Ordinal));
        Assert.Equal(["i-2"], Ids(await Hosts.ReadLiveAsync(other, Token)));
        Assert.Empty(await Hosts.ReadLiveAsync(gone, Token));
    }

    [Fact]
    public async Task What_was_written_outlives_a_crash_and_what_failed_was_not_written()
    {
        var guard = await GuardAsync(Mine);
        await Hosts.WriteAsync([Host("i-1", 1)], guard, Token);
        await Store.CrashAsync();
        Store.Break();
        await Assert.ThrowsAsync<JobStoreException>(() => Hosts.WriteAsync([Host("i-2", 2), Host("i-1", 1) with { EndedAt = AJob.Noon }], guard, Token));
        Store.Mend();

        Assert.Equal(["i-1"], Ids(await Hosts.ReadLiveAsync(Mine, Token)));
    }

    private async Task<EpochGuard> GuardAsync(ScopedName environment) => new(environment.Key, await Jobs.TakeEpochAsync(environment.Key, Token));

    private static IEnumerable<string> Ids(IEnumerable<HostRow> hosts) => hosts.Select(host => host.HostId);

    private static HostRow Host(string id, int minute) => new()
    {
        HostId = id,
        Environment = Mine.Key,
        Type = InstanceCatalogue.BuiltIn.Find("g4dn.xlarge")!,
        Purchase = PurchaseOption.Spot,
        State = HostState.Active,
        LaunchedAt = AJob.Noon.AddMinutes(minute),
        ReadyAt = AJob.Noon.AddMinutes(minute + 2),
        LaunchReason = "cheapest",
        Incarnation = "boot/journal",
    };
}
