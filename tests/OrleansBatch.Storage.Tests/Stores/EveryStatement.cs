using Orleans;
using Orleans.Runtime;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Makes a store run every statement that it has, for a test of their plans.</summary>
internal static class EveryStatement
{
    private static readonly CancellationToken Token = CancellationToken.None;

    public static async Task UseAsync(StoreUnderTest store)
    {
        await UseJobsAsync(store.Jobs);
        await UseArraysAsync(store.Jobs);
        await UseConsumablesAsync(store);
        await UseRestAsync(store);
        await UseLogsAsync(store);
        await UseShippedLogsAsync(store.ShippedLogs);
        await UseHostsAsync(store);
        await UseEventsAsync(store);
        await UseNodesAsync(store.Nodes);
    }

    private static async Task UseNodesAsync(INodeStore nodes)
    {
        var node = new NodeRow { NodeId = "i-1", Version = 1, Incarnation = "boot/1", Capacity = new() { VcpuMillis = 1_000 } };
        await nodes.WriteAsync(node, Token);
        await nodes.WriteAsync(node with { Version = 2 }, Token);
        await nodes.ReadAsync("i-1", Token);
        await nodes.ListAsync(Token);
        await nodes.ListLiveAsync(Token);
    }

    private static async Task UseJobsAsync(IJobStore jobs)
    {
        await jobs.CommitAsync(AJob.Step(AJob.New("d"), AJob.New("e")), Token);
        await jobs.CommitAsync(AJob.Step(AJob.New("a"), AJob.New("b"), AJob.New("c")) with { Invocation = new("call", "answer", AJob.Noon) }, Token);
        foreach (var (version, state) in new[] { AJob.In(JobStatus.Starting), AJob.In(JobStatus.Running), AJob.WaitingAgain, AJob.In(JobStatus.Failed) }.Index())
        {
            await jobs.CommitAsync(AJob.Write("a", version + 1, state), Token);
        }

        // Not remembered once it has ended: the writer must look for it.
        await jobs.CommitAsync(AJob.Write("a", 5, AJob.In(JobStatus.Failed)), Token);
        await jobs.CommitAsync(AJob.Write("b", 1, AJob.In(JobStatus.Starting)), Token);
        await jobs.TakeEpochAsync("x", Token);
        await jobs.ReadInvocationAsync("call", Token);
        await jobs.ReadManyAsync(AJob.Scope, ["a"], Token);
        JobFilter[] filters =
        [
            new JobFilter.InStatus(JobStatus.Runnable),
            new JobFilter.Named("hello", IsPrefix: false),
            new JobFilter.Named("hell", IsPrefix: true),
            new JobFilter.Named("", IsPrefix: true),
            new JobFilter.OfDefinition("shell", null, IsPrefix: false),
            new JobFilter.OfDefinition("shell", 1, IsPrefix: false),
            new JobFilter.OfDefinition("sh", null, IsPrefix: true),
            new JobFilter.InShare("A", null),
            new JobFilter.InShare("A", JobStatus.Runnable),
            new JobFilter.CreatedBefore(AJob.Noon.AddDays(1)),
            new JobFilter.CreatedAfter(AJob.Noon.AddDays(-1)),
        ];
        foreach (var filter in filters)
        {
            var first = await jobs.ListAsync(new() { Queue = AJob.Queue, Filter = filter, Limit = 1 }, Token);
            await jobs.ListAsync(new() { Queue = AJob.Queue, Filter = filter, Limit = 1, After = first.Next! }, Token);
            await jobs.ListAsync(new() { Queue = AJob.Queue, Filter = filter, Limit = 10 }, Token);
        }

        await jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token);
        await jobs.ReadOpenAsync(AJob.Queue, 0, 10, Token);
        await jobs.ReadPlacedInEnvironmentAsync(new(AJob.Scope, "local"), Token);
        await jobs.ReadPlacedOnNodeAsync("i-1", Token);
        await jobs.ReadUnfinishedWorkAsync(Token);
    }

    private static async Task UseArraysAsync(IJobStore jobs)
    {
        var parent = AJob.New("p", new() { Status = JobStatus.Pending, Unwritten = AJob.In(JobStatus.Pending) });
        parent = parent with { Spec = parent.Spec with { ArraySize = 3 }, Waits = [new("e", WaitKind.Whole), new("", WaitKind.Sequence)] };
        await jobs.CommitAsync(AJob.Step(parent), Token);
        foreach (var (version, status) in new[] { JobStatus.Runnable, JobStatus.Starting, JobStatus.Running, JobStatus.Failed }.Index())
        {
            await jobs.CommitAsync(AJob.Write("p:0", version, AJob.In(status)), Token);
        }

        await jobs.CommitAsync(AJob.Write("p:0", 4, AJob.In(JobStatus.Failed)), Token);
        await jobs.CommitAsync(new() { Writes = [new("p", 1, parent.State)], Sweep = new("p", [JobStatus.Failed], _ => AJob.Move(AJob.Waiting)), Looked = new("p", [new(-1, 1)]) }, Token);
        await jobs.CommitAsync(AJob.Write("e", 1, AJob.In(JobStatus.Failed)), Token);
        await jobs.ReadArrayAsync("p", Token);
        await jobs.ReadOwedLooksAsync("p", 10, Token);
        await jobs.ReadShareUseAsync(AJob.Queue, AJob.Noon, Token);
        await jobs.ReadPendingSharesAsync(AJob.Queue, Token);
        await jobs.ListChildrenAsync(new(AJob.Scope, "p", AreNodes: false, JobStatus.Runnable, -1, 10), Token);
        await jobs.ReadManyAsync(AJob.Scope, ["p:0", "p:1"], Token);
        await jobs.ReadAsync("p:0", Token);
    }

    private static async Task UseConsumablesAsync(StoreUnderTest store)
    {
        var job = AJob.New("taker");
        job = job with { Spec = job.Spec with { ConsumableResources = [new() { ResourceName = "r", Quantity = 1 }] } };
        await store.Jobs.CommitAsync(AJob.Step(job), Token);
        await store.Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token);
        await store.Jobs.CommitAsync(new() { Writes = [new("taker", 1, AJob.In(JobStatus.Starting)) { Claims = [new("r 1", 1, 1, IsReplenishable: true)] }] }, Token);
        await store.Jobs.CommitAsync(AJob.Write("taker", 2, AJob.In(JobStatus.Failed)), Token);
        await store.Consumables.TakenAsync("r 1", Token);
        await store.Consumables.IsNeededAsync(new(AJob.Scope, "r"), Token);
        await store.Consumables.ListJobsAsync(new(new(AJob.Scope, "r"), null, null, null, 10), Token);
    }

    private static async Task UseLogsAsync(StoreUnderTest store)
    {
        var ended = new LogStreamRow(new(AJob.Scope, "g"), "s", AJob.Noon, AJob.Noon);
        await store.Jobs.CommitAsync(new() { Writes = [new("c", 1, AJob.In(JobStatus.Failed), ended)] }, Token);
        foreach (var order in Enum.GetValues<LogStreamOrder>())
        {
            foreach (var descending in new[] { false, true })
            {
                var listing = new LogStreamListing { Group = ended.Group, Order = order, IsDescending = descending, Limit = 1 };
                await store.Logs.ListStreamsAsync(listing, Token);
                await store.Logs.ListStreamsAsync(listing with { After = "5:s" }, Token);
            }
        }

        await store.Logs.ListGroupsAsync(AJob.Scope, "", 10, Token);
    }

    private static async Task UseShippedLogsAsync(IShippedLogStore logs)
    {
        await logs.KeepAsync([AChunk.Of("s", 0, 10), AChunk.Of("s", 10, 20), AChunk.Of("t", 0, 10)], 1, AJob.Noon, Token);
        await logs.KeepAsync([AChunk.Of("s", 0, 30), AChunk.Of("t", 10, LogPiece.MostBytes), AChunk.Of("t", LogPiece.MostBytes, LogPiece.MostBytes + 100)], 1, AJob.Noon, Token);
        await logs.ReadHeadAsync(AChunk.LogOf("s"), Token);
        await logs.ReadAsync(AChunk.LogOf("s"), 0, 100, Token);
        Assert.Equal(2, await logs.RemoveAsync(AJob.Noon.AddDays(1), 10, Token));
    }

    private static async Task UseHostsAsync(StoreUnderTest store)
    {
        var environment = new ScopedName(AJob.Scope, "local");
        var host = new HostRow
        {
            HostId = "i-1",
            Environment = environment.Key,
            Type = InstanceCatalogue.BuiltIn.Types[0],
            LaunchedAt = AJob.Noon,
            ReadyAt = AJob.Noon,
            LaunchReason = "",
            Incarnation = "",
        };
        await store.Hosts.WriteAsync([host], new(environment.Key, 0), Token);
        await store.Hosts.ReadLiveAsync(environment, Token);
        await store.Hosts.ReadEnvironmentsAsync(Token);
        await store.Hosts.ReadEndedCostAsync(environment, Token);
        await store.Hosts.ReadAsync("i-1", Token);
        await store.Hosts.ListEndedAsync(environment, (1, "i-1"), 10, Token);
    }

    private static async Task UseEventsAsync(StoreUnderTest store)
    {
        var change = AJob.Change(JobStatus.Runnable);
        await store.Jobs.CommitAsync(new() { Writes = [new("e", 2, AJob.In(JobStatus.Failed)) { Changes = [change] }] }, Token);
        await store.Jobs.CommitAsync(new() { Writes = [new("p", 2, (await store.Jobs.ReadAsync("p", Token))!.State) { UnwrittenChanges = [change] }] }, Token);
        await store.Jobs.CommitAsync(new() { Writes = [new("p:1", 0, AJob.Waiting) { Changes = [change] }] }, Token);
        foreach (var job in new[] { "e", "p:1", "p:2" })
        {
            await store.Events.ReadOfJobAsync(AJob.Scope, job, 0, 10, Token);
        }

        var page = await store.Events.ReadAsync(EventFilter.Read(null, null, ["default"], AJob.Scope), EventPosition.Start, 10, Token);
        Assert.NotEmpty(page.Events);
        await store.Events.FindAsync(page.Events[0].Position, Token);
        await store.Events.NewestAsync(Token);
        var epoch = new EpochGuard("x", await store.Jobs.TakeEpochAsync("x", Token));
        await store.Webhooks.AddAsync(AJob.Queue, Token);
        await store.Webhooks.ListAsync(Token);
        Assert.True(await store.Webhooks.AdvanceAsync("id", epoch, page.Next, [new(page.Next, AJob.Noon, 1, "why")], Token));
        await store.Webhooks.ReadCursorAsync("id", Token);
        await store.Webhooks.ListDeadLettersAsync("id", EventPosition.Start, 10, Token);
        await store.Webhooks.RemoveDeadLetterAsync("id", page.Next, Token);
        await store.Webhooks.RemoveAsync(AJob.Queue, "id", Token);
    }

    private static async Task UseRestAsync(StoreUnderTest store)
    {
        var definition = new JobDefinition { Name = "a", Revision = 1, IsActive = true, Type = "container", Container = new() };
        await store.Definitions.InsertAsync(AJob.Scope, definition, null, Token);
        await store.Definitions.SetTagsAsync(AJob.Scope, "a", 1, definition.Tags, Token);
        await store.Definitions.ReadAsync(AJob.Scope, "a", 1, Token);
        await store.Definitions.ReadHighestActiveAsync(AJob.Scope, "a", Token);
        await store.Definitions.HighestRevisionAsync(AJob.Scope, "a", Token);
        await store.Definitions.ListAsync(new(AJob.Scope, null, null, ("a", 1), 10), Token);
        await store.Definitions.ListAsync(new(AJob.Scope, null, true, ("a", 1), 10), Token);
        await store.Definitions.DeactivateAsync(AJob.Scope, "a", 1, AJob.Noon, Token);

        var grain = GrainId.Create("a", "b");
        GrainState<List<string>> state = new(["state"]);
        await store.Grains.WriteStateAsync("name", grain, state);
        await store.Grains.ReadStateAsync("name", grain, state);
        await store.Grains.ClearStateAsync("name", grain, state);
    }
}
