using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Rows of nodes: each write is guarded by the version before it.</summary>
public abstract class NodeConformance : JobStoreConformance
{
    private INodeStore Nodes => Store.Nodes;

    [Fact]
    public async Task A_node_is_read_back_as_it_was_written()
    {
        var row = Row("i-1") with { State = NodeState.Leaving, Joins = ["pool"], Former = ["boot/0"], Lease = TimeSpan.FromSeconds(60), Renewals = 7 };

        Assert.True(await Nodes.WriteAsync(row, Token));

        Equal(row, await Nodes.ReadAsync("i-1", Token));
        Equal(row, Assert.Single(await Nodes.ListAsync(Token)));
        Assert.Null(await Nodes.ReadAsync("i-2", Token));
    }

    [Fact]
    public async Task A_node_without_lease_or_joins_is_read_back_so()
    {
        await Nodes.WriteAsync(Row("i-1"), Token);

        Equal(Row("i-1"), await Nodes.ReadAsync("i-1", Token));
    }

    [Fact]
    public async Task A_node_that_has_nothing_is_read_back_so()
    {
        await Nodes.WriteAsync(Row("i-1") with { Capacity = default }, Token);

        Equal(Row("i-1") with { Capacity = default }, await Nodes.ReadAsync("i-1", Token));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task A_row_is_written_only_over_the_version_before_it(long version, bool isWritten)
    {
        await Nodes.WriteAsync(Row("i-1"), Token);
        await Nodes.WriteAsync(Row("i-1") with { Version = 2 }, Token);

        Assert.Equal(isWritten, await Nodes.WriteAsync(Row("i-1") with { Version = version, State = NodeState.Lost }, Token));
        Assert.Equal(isWritten ? (version, NodeState.Lost) : (2, NodeState.Connected), (await Nodes.ReadAsync("i-1", Token)) is { } row ? (row.Version, row.State) : default);
    }

    [Fact]
    public async Task No_second_version_is_written_of_a_node_that_is_not_there() =>
        Assert.False(await Nodes.WriteAsync(Row("i-1") with { Version = 2 }, Token));

    [Fact]
    public async Task Of_many_that_write_one_version_at_once_one_does()
    {
        await Nodes.WriteAsync(Row("i-1"), Token);

        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Nodes.WriteAsync(Row("i-1") with { Version = 2, Renewals = n }, Token)));

        var winner = Assert.Single(written.Index(), one => one.Item).Index;
        Assert.Equal(winner, (await Nodes.ReadAsync("i-1", Token))!.Renewals);
    }

    [Fact]
    public async Task Those_that_are_lost_or_gone_are_not_among_the_live_ones()
    {
        foreach (var (id, state) in new[] { ("i-4", NodeState.Connected), ("i-3", NodeState.Leaving), ("i-2", NodeState.Lost), ("i-1", NodeState.Gone) })
        {
            await Nodes.WriteAsync(Row(id) with { State = state }, Token);
        }

        Assert.Equal(["i-3", "i-4"], (await Nodes.ListLiveAsync(Token)).Select(row => row.NodeId));
        Assert.Equal(["i-1", "i-2", "i-3", "i-4"], (await Nodes.ListAsync(Token)).Select(row => row.NodeId));

        await Nodes.WriteAsync(Row("i-1") with { Version = 2 }, Token);
        await Nodes.WriteAsync(Row("i-4") with { Version = 2, State = NodeState.Lost }, Token);
        Assert.Equal(["i-1", "i-3"], (await Nodes.ListLiveAsync(Token)).Select(row => row.NodeId));
    }

    [Fact]
    public async Task What_was_written_outlives_a_crash_and_what_failed_was_not_written()
    {
        await Nodes.WriteAsync(Row("i-1"), Token);
        await Store.CrashAsync();
        Store.Break();
        await Assert.ThrowsAsync<JobStoreException>(() => Nodes.WriteAsync(Row("i-1") with { Version = 2 }, Token));
        Store.Mend();

        Equal(Row("i-1"), await Nodes.ReadAsync("i-1", Token));
    }

    private static void Equal(NodeRow expected, NodeRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Joins, actual.Joins);
        Assert.Equal(expected.Former, actual.Former);
        Assert.Equal(expected, actual with { Joins = expected.Joins, Former = expected.Former });
    }

    private static NodeRow Row(string id) => new()
    {
        NodeId = id,
        Version = 1,
        Incarnation = "boot/1",
        Capacity = new() { VcpuMillis = 8_000, MemoryMiB = 16_000, Gpus = 1 },
    };
}
