using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Logs;

/// <summary>Logs of nodes that are away, or gone: what was shipped of them is read. Each test has a scheduler and a database of its own.</summary>
public sealed class ShippedLogTests : IDisposable
{
    private static readonly DateTimeOffset Begun = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-logs-").FullName;
    private readonly FakeAgent _one = new() { NodeId = "i-00000000000000001", Joins = ["one"], Lease = TimeSpan.FromSeconds(60) };
    private readonly FakeAgent _two = new() { NodeId = "i-00000000000000002", Joins = ["two"], Lease = TimeSpan.FromSeconds(60) };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_a_node_has_shipped_is_read_when_it_is_lost()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (order, session, log) = await RunAsync(batch, _one, "one", "two", "three");
        var kept = await batch.NodeOf(_one).KeepLogs(session, [.. log.Shipped(2)], CancellationToken.None);
        Assert.Equal([new(4), new(8)], kept.Chunks);
        Assert.Equal(16 * 1024 * 1024, kept.MostBytes);
        Assert.Equal(["one", "two", "three"], Lines(await GetAsync(batch, order)));

        batch.Clock.Advance(TimeSpan.FromSeconds(101));
        await batch.UntilAsync(order.Attempt.JobId, "FAILED");

        Assert.Equal(["one", "two"], Lines(await GetAsync(batch, order)));
        Assert.Equal(["one", "two"], (await FilterAsync(batch, order)).Select(line => line.Message));
        var stream = Assert.Single((await Logs(batch).DescribeStreams(new() { LogGroupName = order.Order.Log.Group }, CancellationToken.None)).LogStreams);
        Assert.Equal((Begun.ToUnixTimeMilliseconds(), Begun.ToUnixTimeMilliseconds() + 1), (stream.FirstEventTimestamp, stream.LastEventTimestamp));
    }

    [Fact]
    public async Task Pages_go_on_where_they_were_when_the_node_goes_away_and_when_it_comes_back()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (order, session, log) = await RunAsync(batch, _one, "one", "two", "three", "four", "five");
        await batch.NodeOf(_one).KeepLogs(session, [.. log.Shipped(3)], CancellationToken.None);

        var first = await GetAsync(batch, order, limit: 2);
        Assert.Equal(["one", "two"], Lines(first));
        _one.IsAway = true;
        var second = await GetAsync(batch, order, first.NextForwardToken);
        Assert.Equal(["three"], Lines(second));
        var end = await GetAsync(batch, order, second.NextForwardToken);
        Assert.Empty(end.Events);
        Assert.Equal(second.NextForwardToken, end.NextForwardToken);
        _one.IsAway = false;
        var third = await GetAsync(batch, order, end.NextForwardToken);
        Assert.Equal(["four", "five"], Lines(third));

        // The store does not have them: nothing that was given comes again.
        _one.IsAway = true;
        var over = await GetAsync(batch, order, third.NextForwardToken);
        Assert.Empty(over.Events);
        Assert.Equal(third.NextForwardToken, over.NextForwardToken);
    }

    [Fact]
    public async Task One_node_that_is_away_fails_no_listing_and_is_not_waited_for_with_every_stream()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (first, session, log) = await RunAsync(batch, _one, "of one");
        var silent = await LaunchAsync(batch, _one, first.Queue);
        for (var n = 0; n < 20; n++)
        {
            await batch.ExitedAsync(await LaunchAsync(batch, _one, first.Queue), 0, _one);
        }

        var (second, _, _) = await RunAsync(batch, _two, "of two");
        await batch.NodeOf(_one).KeepLogs(session, [.. log.Shipped(1)], CancellationToken.None);
        _one.IsAway = true;
        var reads = _one.Reads;

        Assert.Equal(["of one", "of two"], (await FilterAsync(batch, first)).Select(line => line.Message).Order());
        Assert.InRange(_one.Reads - reads, 1, 8);
        var streams = (await Logs(batch).DescribeStreams(new() { LogGroupName = first.Order.Log.Group }, CancellationToken.None)).LogStreams;
        Assert.Equal(23, streams.Count);
        Assert.Null(streams.Single(stream => stream.LogStreamName == silent.Log.Stream).LastEventTimestamp);

        // It was silent, or nothing of it was shipped; in any case it exists, and one that never was does not.
        Assert.Empty((await GetAsync(batch, new(silent, first.Queue))).Events);
        var problem = await Assert.ThrowsAsync<LogsClientException>(() => Logs(batch).GetEvents(
            new() { LogGroupName = silent.Log.Group, LogStreamName = "x" + silent.Log.Stream }, CancellationToken.None));
        Assert.Equal("ResourceNotFoundException", problem.Code);
    }

    [Fact]
    public async Task A_log_whose_file_was_removed_is_read_from_what_was_shipped()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (order, session, log) = await RunAsync(batch, _one, "one");
        await batch.NodeOf(_one).KeepLogs(session, [.. log.Shipped(1)], CancellationToken.None);

        _one.Logs.Clear();

        Assert.Equal(["one"], Lines(await GetAsync(batch, order)));
    }

    [Fact]
    public async Task A_chunk_of_another_nodes_attempt_or_one_that_is_damaged_is_refused_and_holds_up_no_other()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (order, session, log) = await RunAsync(batch, _one, "one", "two");
        var (others, _, of) = await RunAsync(batch, _two, "of two");
        var mine = log.Shipped(2);

        var kept = await batch.NodeOf(_one).KeepLogs(session, [of.Shipped(1)[0], mine[0], mine[1] with { Time = 5 }, mine[1]], CancellationToken.None);

        Assert.Equal([new(0, IsRefused: true), new(4), new(0, IsRefused: true), new(8)], kept.Chunks);
        Assert.Null(await batch.Service<IShippedLogStore>().ReadHeadAsync(others.Order.Log, CancellationToken.None));
        Assert.NotNull(await batch.Service<IShippedLogStore>().ReadHeadAsync(order.Order.Log, CancellationToken.None));
    }

    [Fact]
    public async Task What_a_session_ships_that_another_has_followed_is_refused()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (order, session, log) = await RunAsync(batch, _one, "one");
        var newer = await batch.ConnectAsync(_one, order.Attempt);

        await Assert.ThrowsAsync<StaleSessionException>(() => batch.NodeOf(_one).KeepLogs(session, [.. log.Shipped(1)], CancellationToken.None));
        await Assert.ThrowsAsync<StaleSessionException>(() => batch.NodeOf(_two).KeepLogs(0, [.. log.Shipped(1)], CancellationToken.None));

        Assert.Equal([new(4)], (await batch.NodeOf(_one).KeepLogs(newer.Session, [.. log.Shipped(1)], CancellationToken.None)).Chunks);
    }

    [Fact]
    public async Task Shipped_logs_are_removed_when_nothing_of_them_has_come_for_thirty_days()
    {
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false);
        var (order, session, log) = await RunAsync(batch, _one, "one");
        await batch.NodeOf(_one).KeepLogs(session, [.. log.Shipped(1)], CancellationToken.None);
        _one.IsAway = true;

        await batch.Keeper.RemoveLogsAsync(CancellationToken.None);
        Assert.Equal(["one"], Lines(await GetAsync(batch, order)));

        batch.Clock.Advance(TimeSpan.FromDays(31));
        await batch.Keeper.RemoveLogsAsync(CancellationToken.None);

        Assert.Empty((await GetAsync(batch, order)).Events);
    }

    /// <summary>Starts an attempt on an agent, which has written these lines.</summary>
    private static async Task<(Ran Order, long Session, WrittenLog Log)> RunAsync(Batch batch, FakeAgent agent, params string[] lines)
    {
        var session = (await batch.ConnectAsync(agent)).Session;
        var queue = await batch.SetUpUnmanagedAsync(pool: agent.Joins[0]);
        var order = await LaunchAsync(batch, agent, queue);
        var log = new WrittenLog(order.Log, Begun, lines);
        agent.Logs[order.Log] = log;
        return (new(order, queue), session, log);
    }

    private static async Task<LaunchOrder> LaunchAsync(Batch batch, FakeAgent agent, string queue)
    {
        await batch.SubmitAsync(queue);
        var order = await Batch.LaunchOnAsync(agent, queue);
        await batch.StartedAsync(order, agent);
        return order;
    }

    private static ILogsGrain Logs(Batch batch) => batch.Grains.GetGrain<ILogsGrain>(Batch.Scope.Key);

    private static Task<GetLogEventsResponse> GetAsync(Batch batch, Ran ran, string? token = null, int? limit = null) => Logs(batch).GetEvents(
        new() { LogGroupName = ran.Order.Log.Group, LogStreamName = ran.Order.Log.Stream, NextToken = token, Limit = limit, StartFromHead = true },
        CancellationToken.None);

    private static async Task<IEnumerable<FilteredLogEvent>> FilterAsync(Batch batch, Ran ran) =>
        (await Logs(batch).FilterEvents(new() { LogGroupName = ran.Order.Log.Group }, CancellationToken.None)).Events;

    private static string[] Lines(GetLogEventsResponse page) => [.. page.Events.Select(line => line.Message)];

    private sealed record Ran(LaunchOrder Order, string Queue)
    {
        public AttemptId Attempt => Order.Attempt;
    }
}
