using CsCheck;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Model;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Tests.Nodes;

/// <summary>Which nodes serve an environment, which of them backs a host, and what becomes of that.</summary>
public sealed class NodePlacesTests
{
    private const string Node = "i-0123456789abcdef0";

    [Theory]
    [InlineData("", null, true)]
    [InlineData("", "gpu", false)]
    [InlineData("local", null, true)]
    [InlineData("other", null, false)]
    [InlineData("gpu", "gpu", true)]
    [InlineData("local", "gpu", false)]
    [InlineData("other gpu", "gpu", true)]
    public void An_agent_serves_environments_that_it_joins_by_name_or_pool_or_all_that_name_none(string joins, string? pool, bool serves) =>
        Assert.Equal(serves, NodePools.Serves([.. joins.Split(' ', StringSplitOptions.RemoveEmptyEntries)], "local", pool));

    [Theory]
    [InlineData("gpu", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    public void A_pool_is_named_like_anything_else(string pool, bool isGood)
    {
        var tags = new Dictionary<string, string> { [NodePools.Tag] = pool };
        if (isGood)
        {
            NodePools.Check(tags);
            Assert.Equal(pool, NodePools.Of(tags));
        }
        else
        {
            var refused = Assert.Throws<BatchClientException>(() => NodePools.Check(tags));
            Assert.Contains(NodePools.Tag, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_node_that_carries_the_fewest_modelled_vCPUs_for_its_real_ones_backs_the_next_host()
    {
        Assert.Equal("b", NodeChoice.Choose([new("a", 8_000, 4_000), new("b", 12_000, 8_000), new("c", 4_000, 2_000)]));
        Assert.Equal("a", NodeChoice.Choose([new("b", 0, 4_000), new("a", 0, 64_000)]));
        Assert.Null(NodeChoice.Choose([]));
    }

    [Fact]
    public void No_other_node_carries_less_and_the_order_does_not_matter() =>
        Gen.Select(Gen.Long[0, 1_000_000], Gen.Long[0, 256_000]).Array[1, 8].Sample(nodes =>
        {
            NodeLoad[] loads = [.. nodes.Select((node, n) => new NodeLoad($"{n}", node.Item1, node.Item2))];
            var chosen = loads.Single(load => load.NodeId == NodeChoice.Choose(loads));
            Assert.Equal(chosen.NodeId, NodeChoice.Choose(loads.Reverse()));
            Assert.All(loads, load => Assert.True(Part(chosen) <= Part(load)));
        });

    [Theory]
    [InlineData(NodeState.Connected, "1", true, null)]
    [InlineData(NodeState.Connected, "1", false, $"its node {Node} serves its environment no more")]
    [InlineData(NodeState.Connected, "2", true, "its machine was started anew")]
    [InlineData(NodeState.Leaving, "1", true, $"its node {Node} is leaving")]
    [InlineData(NodeState.Lost, "1", true, $"its node {Node} was lost")]
    [InlineData(NodeState.Gone, "1", true, $"its node {Node} left")]
    public void A_host_goes_with_its_node(NodeState state, string incarnation, bool serves, string? reason) => Assert.Equal(
        reason,
        NodeHosts.EndReason(
            Node, "1", new() { NodeId = Node, Version = 1, Incarnation = incarnation, State = state, IsReachable = true, Joins = [], Capacity = default }, serves));

    [Fact]
    public void A_host_whose_node_nobody_knows_goes() => Assert.Equal($"its node {Node} left", NodeHosts.EndReason(Node, "1", null, serves: false));

    [Fact]
    public void A_task_id_says_on_which_node_it_was()
    {
        var taskId = NodeMarks.TaskId("0199a1b2c3d47e8f9012345678901234", Node);

        Assert.Equal("0199a1b2c3d47e8f90123456" + "9abcdef0", taskId);
        Assert.True(NodeMarks.IsOn($"sleep/default/{taskId}", Node));
        Assert.False(NodeMarks.IsOn($"sleep/default/{taskId}", "i-0123456789abcdef1"));
        Assert.False(NodeMarks.IsOn("sleep/default/0199a1b2c3d47e8f9012345678901234", Node));
    }

    [Fact]
    public void A_log_is_read_where_its_attempt_ran()
    {
        const string Other = "i-0123456789abcdef1";
        var stream = $"sleep/default/{NodeMarks.TaskId(new('0', 32), Other)}";

        Assert.Equal([Other], LogNodes.Of(stream, [new(Node, IsLeased: false), new(Other, IsLeased: true)]));
        // One of before streams said where they are: there was only a silo's own machine.
        Assert.Equal([Node], LogNodes.Of("sleep/default/1", [new(Node, IsLeased: false), new(Other, IsLeased: true)]));
        Assert.Equal([Node], LogNodes.Of("sleep/default/1", [new(Node, IsLeased: false)]));
        Assert.Empty(LogNodes.Of("sleep/default/1", [new(Node, IsLeased: true), new(Other, IsLeased: true)]));
    }

    private static decimal Part(NodeLoad load) => (decimal)load.ModelledVcpuMillis / Math.Max(1, load.RealVcpuMillis);
}
