using CsCheck;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Tests.Nodes;

public sealed class NodeLeasesTests
{
    private static readonly NodeLeaseOptions Options = new() { Grace = TimeSpan.FromSeconds(30), Margin = TimeSpan.FromSeconds(10) };

    [Theory]
    [InlineData(0, NodeAction.None, 100)]
    [InlineData(60, NodeAction.None, 40)]
    [InlineData(99, NodeAction.None, 1)]
    [InlineData(100, NodeAction.DeclareLost, null)]
    [InlineData(1_000, NodeAction.DeclareLost, null)]
    public void A_node_with_a_lease_of_60_s_is_lost_when_its_row_has_not_moved_for_lease_grace_and_margin(int unmoved, NodeAction action, int? lookAgainIn) =>
        Assert.Equal(new(action, Seconds(lookAgainIn)), NodeLeases.Plan(Node(NodeState.Connected, unmoved: unmoved)));

    [Theory]
    [InlineData(NodeState.Leaving, true, 99, NodeAction.None, 1)]
    [InlineData(NodeState.Leaving, true, 100, NodeAction.DeclareLost, null)]
    [InlineData(NodeState.Leaving, false, 0, NodeAction.DeclareGone, null)]
    [InlineData(NodeState.Leaving, false, 100, NodeAction.DeclareGone, null)]
    [InlineData(NodeState.Connected, false, 0, NodeAction.None, 100)]
    [InlineData(NodeState.Lost, true, 1_000, NodeAction.None, null)]
    [InlineData(NodeState.Leaving, null, 0, NodeAction.None, 100)]
    [InlineData(NodeState.Gone, null, 1_000, NodeAction.None, null)]
    [InlineData(NodeState.Gone, false, 1_000, NodeAction.None, null)]
    [InlineData(NodeState.Gone, true, 1_000, NodeAction.TakeBack, null)]
    public void One_that_leaves_is_gone_with_its_last_attempt_and_one_that_is_over_is_left_alone(
        NodeState state, bool? hasAttempts, int unmoved, NodeAction action, int? lookAgainIn) =>
        Assert.Equal(new(action, Seconds(lookAgainIn)), NodeLeases.Plan(Node(state, hasAttempts, unmoved)));

    [Fact]
    public void A_node_without_a_lease_is_never_lost_by_time() =>
        Assert.Equal(new(NodeAction.None, null), NodeLeases.Plan(Node(NodeState.Connected, unmoved: int.MaxValue) with { Lease = null }));

    /// <remarks>The agent's clock, the store and the declarer's clock may be as they like: only order in time is certain, and that clocks run alike up to the margin.</remarks>
    [Fact]
    public void Whenever_a_loss_is_declared_the_supervisor_has_ended_everything() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[0, 60], Gen.Int[0, 100], Gen.Int[0, 100], Gen.Int[0, 2_000]).Sample((lease, grace, toWrite, toRead, unmoved) =>
        {
            var options = Options with { Grace = TimeSpan.FromSeconds(grace) };
            var plan = NodeLeases.Plan(Node(NodeState.Connected, unmoved: unmoved) with { Lease = TimeSpan.FromSeconds(lease), Options = options });

            // Sent at 0, written and read later; the supervisor is done at lease + grace.
            var declaredAt = toWrite + toRead + unmoved;
            return plan.Action != NodeAction.DeclareLost || declaredAt >= lease + grace;
        });

    [Fact]
    public void Whoever_looks_again_when_told_to_declares_the_loss_then() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[0, 700]).Sample((lease, unmoved) =>
        {
            var node = Node(NodeState.Connected, unmoved: unmoved) with { Lease = TimeSpan.FromSeconds(lease) };
            return NodeLeases.Plan(node).LookAgainIn is not { } again
                || NodeLeases.Plan(node with { Unmoved = node.Unmoved + again }).Action == NodeAction.DeclareLost;
        });

    private static TimeSpan? Seconds(int? seconds) => seconds is { } known ? TimeSpan.FromSeconds(known) : null;

    private static NodeSnapshot Node(NodeState state, bool? hasAttempts = null, int unmoved = 0) => new()
    {
        State = state,
        Lease = TimeSpan.FromSeconds(60),
        Unmoved = TimeSpan.FromSeconds(unmoved),
        HasAttempts = hasAttempts,
        Options = Options,
    };
}
