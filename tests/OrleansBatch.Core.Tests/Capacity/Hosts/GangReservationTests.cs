using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Hosts;

/// <summary>Whole hosts for the nodes of multi-node parallel jobs.</summary>
public sealed class GangReservationTests
{
    [Fact]
    public void Each_node_gets_a_whole_host_and_nothing_else_comes_there()
    {
        var ledger = With(Of("a"), Of("b"), Of("c"));
        var gang = AGang.Of(2, 1);

        Assert.Equal(["a", "b"], ledger.TryReserveGang(gang.Reservations(), gang));

        Assert.All(["a", "b"], id => Assert.Equal(default, ledger.Find(id)!.Free));
        Assert.Equal(ledger.Find("a")!.Capacity + ledger.Find("b")!.Capacity, ledger.InUse);
        Assert.Equal((2, 1), (ledger.Count, ledger.IdleCount));
        Assert.Equal("c", ledger.TryReserve(Reservation("1", Needs(1))));
        Assert.Equal("c", ledger.TryReserve(Reservation("2", Needs(3))));
        Assert.Null(ledger.TryReserve(Reservation("3", Needs(1))));
    }

    public static TheoryData<string, string, GangNeeds, string[]> Choices() => new()
    {
        { "too few", "m5.large m5.large", AGang.Of(3), [] },
        { "as many as nodes", "m5.large m5.large", AGang.Of(2), ["0", "1"] },
        { "all of one type, though two types have enough together", "m5.large c5.large", AGang.Of(2), [] },
        { "the type with enough, though another has smaller ones", "c5.large m5.xlarge m5.xlarge", AGang.Of(2), ["1", "2"] },
        { "the smallest type", "m5.2xlarge m5.2xlarge m5.xlarge m5.xlarge", AGang.Of(2), ["2", "3"] },
        { "of two with as many vCPUs the one with less memory", "r5.large m5.large", AGang.Of(1), ["1"] },
        { "of two of one size the cheaper", "m5.large m5a.large", AGang.Of(1), ["1"] },
        { "one without GPUs, though it is larger", "g4dn.xlarge m5.4xlarge", AGang.Of(1), ["1"] },
        { "large enough for a node", "c5.large m5.large", AGang.Of(1, 2, 7000), ["1"] },
        { "none is large enough", "c5.large m5.large", AGang.Of(1, 3), [] },
        { "the type that is asked for", "c5.large m5.large", AGang.Of(1, type: "m5.large"), ["1"] },
        { "the type that is asked for is not there", "c5.large c5.large", AGang.Of(1, type: "m5.large"), [] },
        { "the type that is asked for is too small", "c5.large m5.large", AGang.Of(1, 1, 7000, "c5.large"), [] },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public void Its_hosts_are_all_of_one_type(string because, string types, GangNeeds gang, string[] hosts)
    {
        var ledger = With([.. types.Split(' ').Select((type, index) => Of($"{index}", type))]);

        Assert.True(hosts.SequenceEqual(ledger.TryReserveGang(gang.Reservations(), gang)), because);
        Assert.Equal(hosts.Length, ledger.Count);
    }

    [Fact]
    public void A_host_with_anything_on_it_is_none_for_a_node()
    {
        var ledger = With(Of("a"), Of("b"));
        ledger.Hold(new("1", "job", default, Noon, IsLaunched: true), "a");

        Assert.Empty(ledger.TryReserveGang(AGang.Of(2).Reservations(), AGang.Of(2)));
        Assert.Equal(1, ledger.Count);
        ledger.Release("1", Noon);
        Assert.Equal(["a", "b"], ledger.TryReserveGang(AGang.Of(2).Reservations(), AGang.Of(2)));
    }

    [Theory]
    [InlineData(HostState.Launching)]
    [InlineData(HostState.Draining)]
    [InlineData(HostState.Interrupted)]
    public void Only_active_hosts_take_nodes(HostState state)
    {
        var ledger = With(Of("a"), Of("b") with { State = state });

        Assert.Empty(ledger.TryReserveGang(AGang.Of(2).Reservations(), AGang.Of(2)));
    }

    [Fact]
    public void Only_hosts_of_EC2_on_demand_take_nodes()
    {
        var ledger = With(
            Of("spot") with { Purchase = PurchaseOption.Spot },
            OfSize("machine", Needs(4)),
            Host.OfFargate(new("f", "FARGATE"), Needs(4, 8192), 1, Noon));

        Assert.Empty(ledger.TryReserveGang(AGang.Of(1).Reservations(), AGang.Of(1)));
        Assert.All(ledger.Groups(HostState.Active, 10), group => Assert.Null(group.IdleType));
    }

    [Fact]
    public void A_node_that_is_gone_leaves_its_host_idle_again()
    {
        var ledger = With(Of("a"), Of("b"));
        ledger.TryReserveGang(AGang.Of(2).Reservations(), AGang.Of(2));

        Assert.Equal("b", ledger.Release("r#1", Noon.AddSeconds(5)));

        Assert.Equal((Noon.AddSeconds(5), Of("b").Capacity), (ledger.Find("b")!.IdleSince, ledger.Find("b")!.Free));
        Assert.Equal("b", Assert.Single(ledger.TryReserveGang(AGang.Of(1).Reservations("next"), AGang.Of(1))));
        Assert.Equal(["r#0"], ledger.Remove("a").Select(reservation => reservation.Id));
    }

    [Fact]
    public void A_row_of_a_node_holds_its_whole_host()
    {
        var ledger = With(Of("a"));

        Assert.True(ledger.Hold(Reservation("1", Needs(1)) with { IsWholeHost = true }, "a"));

        Assert.Equal(default, ledger.Find("a")!.Free);
        Assert.Equal((Of("a").Capacity, true), ledger.FindReservation("1") is var (reservation, _) ? (reservation.Needs, reservation.IsWholeHost) : default);
        Assert.False(ledger.Hold(Reservation("2", Needs(1)) with { IsWholeHost = true }, "gone"));
    }

    [Fact]
    public void There_is_one_new_reservation_for_each_node()
    {
        var ledger = With(Of("a"), Of("b"));
        var gang = AGang.Of(2);
        ledger.TryReserve(Reservation("r#1", Needs(1)));

        Assert.Throws<ArgumentException>(() => ledger.TryReserveGang(AGang.Of(1).Reservations(), gang));
        Assert.Throws<ArgumentException>(() => ledger.TryReserveGang(gang.Reservations(), gang));
        Assert.Throws<ArgumentException>(() => ledger.TryReserveGang([Reservation("2", Needs(1)), Reservation("2", Needs(1))], gang));
        Assert.Equal(1, ledger.Count);
    }

    [Fact]
    public void Hosts_without_reservations_are_told_of_by_their_type()
    {
        var ledger = With(Of("a"));
        Assert.Equal(new(Of("a").Capacity, 1, "m5.xlarge"), Assert.Single(ledger.Groups(HostState.Active, 10)));

        ledger.Add(Of("b"));
        ledger.Add(Of("c", "m5a.xlarge"));
        ledger.Add(Of("d"));
        ledger.Hold(new("1", "job", default, Noon, IsLaunched: true), "d");

        var capacity = Of("a").Capacity;
        Assert.Equal(
            [new(capacity, 1), new(capacity, 2, "m5.xlarge"), new(capacity, 1, "m5a.xlarge")],
            ledger.Groups(HostState.Active, 10).OrderBy(group => group.IdleType, StringComparer.Ordinal));
    }

    [Fact]
    public void A_thousand_nodes_among_three_thousand_hosts_are_placed()
    {
        var ledger = With([.. Enumerable.Range(0, 3000).Select(host => Of($"{host:D4}", host % 2 == 0 ? "m5.large" : "m5.xlarge"))]);
        var gang = AGang.Of(1000, type: "m5.xlarge");

        Assert.Equal(Enumerable.Range(0, 1000).Select(node => $"{(node * 2) + 1:D4}"), ledger.TryReserveGang(gang.Reservations(), gang));
    }

    /// <summary>Jobs and multi-node jobs come and go on hosts that come and go.</summary>
    [Fact]
    public void No_host_is_oversubscribed_and_a_node_is_alone() => Gen.Select(Gen.Int[0, 10], Gen.Int[0, 9], Gen.Int[1, 3], Gen.Int[0, 3]).Array[0, 60].Sample(
        steps =>
        {
            string[] types = ["m5.large", "m5a.large", "c5.xlarge", "m5.xlarge"];
            var ledger = new HostLedger();
            var now = Noon;
            foreach (var (number, (kind, which, some, type)) in steps.Index())
            {
                now = now.AddSeconds(1);
                switch (kind)
                {
                    case 0 or 1 or 2:
                        ledger.Add(Of($"h{which}", types[type]));
                        break;
                    case 3:
                        ledger.Move($"h{which}", (HostState)type);
                        break;
                    case 4 when some == 3:
                        ledger.Remove($"h{which}");
                        break;
                    case 4 or 5:
                        ledger.Release($"r{number - which}", now);
                        break;
                    case 6:
                        for (var node = 0; node < 3; node++)
                        {
                            ledger.Release($"g{number - which}#{node}", now);
                        }

                        break;
                    case 7 or 8:
                        ledger.TryReserve(Reservation($"r{number}", Needs(some, type * 1024)));
                        break;
                    default:
                        CheckGang(ledger, AGang.Of(some, 1 + (which % 4), type: which == 9 ? types[type] : null), $"g{number}");
                        break;
                }

                var hosts = ledger.Snapshot();
                Assert.All(hosts, host => Assert.True(host.Capacity.Covers(host.Used)));
                Assert.All(hosts, host => Assert.True(!ledger.ReservationsOn(host.Id).Any(held => held.IsWholeHost) || (host.Reservations == 1 && host.Free == default)));
                Assert.Equal(ledger.InUse, hosts.Aggregate(default(ResourceNeeds), (sum, host) => sum + host.Used));
                Assert.Equal(ledger.IdleCount, hosts.Count(host => host.Reservations == 0));
            }
        },
        iter: 20_000);

    private static void CheckGang(HostLedger ledger, GangNeeds gang, string id)
    {
        var possible = ledger.Snapshot()
            .Where(host => host is { State: HostState.Active, Reservations: 0 } && host.Capacity.Covers(gang.PerNode) && (gang.InstanceType ?? host.Type.Name) == host.Type.Name)
            .CountBy(host => host.Type.Name)
            .Any(type => type.Value >= gang.Nodes);
        var before = ledger.Count;
        var hosts = ledger.TryReserveGang(gang.Reservations(id), gang);
        Assert.Equal(possible ? gang.Nodes : 0, hosts.Length);
        Assert.Equal(before + hosts.Length, ledger.Count);
        Assert.Equal(hosts.Length, hosts.Distinct().Count());
        Assert.True(hosts.Select(host => ledger.Find(host)!.Type.Name).Distinct().Count() <= 1);
        Assert.All(hosts.Index(), host => Assert.Equal(host.Item, ledger.FindReservation($"{id}#{host.Index}")!.Value.HostId));
    }

    private static HostLedger With(params Host[] hosts)
    {
        var ledger = new HostLedger();
        Assert.All(hosts, host => Assert.True(ledger.Add(host)));
        return ledger;
    }
}
