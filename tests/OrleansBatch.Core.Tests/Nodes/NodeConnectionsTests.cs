using System.Collections.Immutable;
using CsCheck;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Tests.Nodes;

public sealed class NodeConnectionsTests
{
    [Theory]
    [InlineData(NodeState.Connected, "b", true)]
    [InlineData(NodeState.Leaving, "b", true)]
    [InlineData(NodeState.Gone, "b", true)]
    [InlineData(NodeState.Lost, "b", false)]
    [InlineData(NodeState.Lost, "c", true)]
    [InlineData(NodeState.Connected, "c", true)]
    [InlineData(NodeState.Connected, "a", false)]
    [InlineData(NodeState.Gone, "a", false)]
    public void An_agent_is_taken_unless_its_incarnation_is_over(NodeState state, string incarnation, bool isTaken) =>
        Assert.Equal(isTaken, NodeConnections.Refusal(state, "b", ["a"], incarnation) is null);

    [Fact]
    public void The_first_agent_of_a_node_is_taken() => Assert.Null(NodeConnections.Refusal(null, "", [], "a"));

    [Theory]
    [InlineData(NodeState.Connected, "b", true)]
    [InlineData(NodeState.Leaving, "b", true)]
    [InlineData(NodeState.Lost, "b", false)]
    [InlineData(NodeState.Connected, "a", false)]
    public void What_an_incarnation_says_counts_while_it_is_the_nodes_and_not_lost(NodeState state, string incarnation, bool counts) =>
        Assert.Equal(counts, NodeConnections.IsCurrent(state, "b", incarnation));

    [Fact]
    public void An_incarnation_that_another_has_followed_is_never_taken_again() => Gen.Int[1, 20].Array[1, 60].Sample(hellos =>
    {
        (string Current, ImmutableArray<string> Former) row = (hellos[0].ToString(System.Globalization.CultureInfo.InvariantCulture), []);
        HashSet<string> over = [];
        foreach (var hello in hellos.Select(hello => hello.ToString(System.Globalization.CultureInfo.InvariantCulture)))
        {
            var isTaken = NodeConnections.Refusal(NodeState.Connected, row.Current, row.Former, hello) is null;
            Assert.Equal(!over.Contains(hello), isTaken);
            if (isTaken && hello != row.Current)
            {
                _ = over.Add(row.Current);
                row = (hello, NodeConnections.Former(row.Current, row.Former, hello));
            }
        }
    });

    [Fact]
    public void A_row_remembers_the_latest_of_many()
    {
        ImmutableArray<string> former = [];
        for (var n = 0; n < 100; n++)
        {
            former = NodeConnections.Former($"{n}", former, $"{n + 1}");
        }

        Assert.Equal(Enumerable.Range(100 - NodeConnections.MostFormer, NodeConnections.MostFormer).Select(n => $"{n}"), former);
    }
}
