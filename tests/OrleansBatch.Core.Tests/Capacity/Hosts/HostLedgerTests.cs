using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Hosts;

public sealed class HostLedgerTests
{
    private static readonly FargatePrices Fargate = InstanceCatalogue.BuiltIn.Fargate;

    [Fact]
    public void A_job_is_on_one_host_never_on_parts_of_two()
    {
        var ledger = With(Of("a"), Of("b"));

        Assert.Equal("a", ledger.TryReserve(Reservation("1", Needs(3))));
        Assert.Equal("b", ledger.TryReserve(Reservation("2", Needs(3))));
        Assert.Null(ledger.TryReserve(Reservation("3", Needs(2))));
        Assert.Equal(Needs(6, 2048), ledger.InUse);
    }

    [Theory]
    [InlineData(HostState.Launching)]
    [InlineData(HostState.Draining)]
    [InlineData(HostState.Interrupted)]
    public void Only_an_active_host_takes_jobs(HostState state)
    {
        var ledger = With(Of("a"));

        Assert.True(ledger.Move("a", state));
        Assert.Null(ledger.TryReserve(Reservation("1", Needs(1))));
        Assert.True(ledger.Move("a", HostState.Active));
        Assert.Equal("a", ledger.TryReserve(Reservation("1", Needs(1))));
    }

    [Fact]
    public void Equal_hosts_are_told_as_one_group_and_full_ones_not_at_all()
    {
        var ledger = With(Of("a"), Of("b"), Of("c"), Of("d") with { State = HostState.Launching });
        ledger.TryReserve(Reservation("1", Needs(4)));
        ledger.TryReserve(Reservation("2", Needs(1)));

        Assert.Equal([(1, 3000), (1, 4000)], ledger.Groups(HostState.Active, 10).Select(group => (group.Count, group.Free.VcpuMillis)).Order());
        Assert.Equal(4000, Assert.Single(ledger.Groups(HostState.Active, 1)).Free.VcpuMillis);
        Assert.Equal(1, Assert.Single(ledger.Groups(HostState.Launching, 10)).Count);
        Assert.Equal(2, ledger.IdleCount);
    }

    [Fact]
    public void A_machine_can_turn_out_to_have_another_size()
    {
        var ledger = With(OfSize("a", Needs(2)));
        ledger.TryReserve(Reservation("1", Needs(2)));

        Assert.True(ledger.Resize("a", InstanceType.OfMachine("machine", Needs(3, 4096)), Needs(3, 4096)));
        Assert.Equal("a", ledger.TryReserve(Reservation("2", Needs(1))));
        Assert.Null(ledger.TryReserve(Reservation("3", Needs(1))));
        Assert.Equal(Needs(3, 4096), ledger.Capacity);
        Assert.False(ledger.Resize("b", InstanceType.OfMachine("machine", Needs(3)), Needs(3)));
    }

    [Fact]
    public void A_host_takes_jobs_when_its_launch_is_over()
    {
        var ledger = With(Host.Launch("a", Of("x").Type, PurchaseOption.OnDemand, Noon, TimeSpan.FromMinutes(2)));

        Assert.Equal(0, ledger.Activate(Noon.AddSeconds(119)));
        Assert.Null(ledger.TryReserve(Reservation("1", Needs(1))));
        Assert.Equal(1, ledger.Activate(Noon.AddSeconds(120)));
        Assert.Equal("a", ledger.TryReserve(Reservation("1", Needs(1))));
    }

    [Fact]
    public void A_host_is_idle_from_the_end_of_its_last_job()
    {
        var ledger = With(Of("a"));
        Assert.Equal((Noon, false), (ledger.Find("a")!.IdleSince, ledger.Find("a")!.WasUsed));

        ledger.TryReserve(Reservation("1", Needs(1)));
        ledger.TryReserve(Reservation("2", Needs(1)));
        Assert.Null(ledger.Find("a")!.IdleSince);
        Assert.Equal("a", ledger.Release("1", Noon.AddSeconds(5)));
        Assert.Null(ledger.Find("a")!.IdleSince);
        Assert.Equal("a", ledger.Release("2", Noon.AddSeconds(9)));
        Assert.Equal((Noon.AddSeconds(9), true), (ledger.Find("a")!.IdleSince, ledger.Find("a")!.WasUsed));
        Assert.Null(ledger.Release("2", Noon.AddSeconds(10)));
    }

    [Fact]
    public void With_a_host_go_its_reservations()
    {
        var ledger = With(Of("a"), Of("b"));
        ledger.TryReserve(Reservation("1", Needs(2)));
        ledger.TryReserve(Reservation("2", Needs(2)));
        ledger.TryReserve(Reservation("3", Needs(4)));

        Assert.Equal(["1", "2"], ledger.Remove("a").Select(reservation => reservation.Id));
        Assert.Equal((1, 1, Needs(4)), (ledger.Count, ledger.HostCount, ledger.InUse));
        Assert.Empty(ledger.Remove("a"));
    }

    [Fact]
    public void A_row_holds_its_host_whether_it_fits_or_not()
    {
        var ledger = With(Of("a"));

        Assert.True(ledger.Hold(Reservation("1", Needs(6)), "a"));
        Assert.True(ledger.Hold(Reservation("1", Needs(6)), "a"));
        Assert.False(ledger.Hold(Reservation("2", Needs(1)), "gone"));
        Assert.Equal(-2000, ledger.Find("a")!.Free.VcpuMillis);
        Assert.Null(ledger.TryReserve(Reservation("3", Needs(0))));
    }

    [Fact]
    public void What_was_never_launched_is_found()
    {
        var ledger = With(Of("a"));
        ledger.TryReserve(Reservation("1", Needs(1)));
        ledger.TryReserve(Reservation("2", Needs(1)));

        Assert.True(ledger.MarkLaunched("1"));
        Assert.True(ledger.MarkLaunched("1"));
        Assert.True(ledger.HasUnlaunched);
        Assert.Equal("2", Assert.Single(ledger.UnlaunchedBefore(Noon.AddSeconds(1))).Id);
        Assert.Empty(ledger.UnlaunchedBefore(Noon));
        ledger.Release("2", Noon);
        Assert.False(ledger.HasUnlaunched);
        Assert.False(ledger.MarkLaunched("2"));
    }

    [Fact]
    public void On_Fargate_each_job_has_a_host_that_goes_with_it()
    {
        var ledger = new HostLedger();

        Assert.True(ledger.TryReserveOwn(Reservation("1", Needs(2, 4096)), Micro("f1", Needs(2, 4096)), maxVcpus: 3));
        Assert.False(ledger.TryReserveOwn(Reservation("2", Needs(2, 4096)), Micro("f2", Needs(2, 4096)), maxVcpus: 3));
        Assert.True(ledger.TryReserveOwn(Reservation("3", Needs(1, 2048)), Micro("f3", Needs(1, 2048)), maxVcpus: 3));
        Assert.Null(ledger.TryReserve(Reservation("4", Needs(0, 0))));
        Assert.Equal("f1", ledger.Release("1", Noon));
        Assert.Equal(["f3"], ledger.Snapshot().Select(host => host.Id));
        Assert.Equal(Needs(1, 2048), ledger.Capacity);
    }

    /// <summary>The worst for a plain search: every host has the vCPUs, none has the memory.</summary>
    [Fact]
    public void A_thousand_jobs_on_a_thousand_hosts_whose_memory_is_gone_are_placed()
    {
        var ledger = new HostLedger();
        for (var host = 0; host < 1000; host++)
        {
            ledger.Add(Of($"h{host:D4}", "c5.24xlarge"));
            ledger.Hold(Reservation($"hog{host}", Needs(host % 64, 190_000)), $"h{host:D4}");
        }

        ledger.Add(Of("room", "r5.metal"));
        Assert.All(Enumerable.Range(0, 96), job => Assert.Equal("room", ledger.TryReserve(Reservation($"{job}", Needs(1, 4096)))));
        Assert.All(Enumerable.Range(96, 1000), job => Assert.Null(ledger.TryReserve(Reservation($"{job}", Needs(1, 4096)))));
    }

    /// <summary>Reserve, release, hosts that come, change and go, in any order.</summary>
    [Fact]
    public void No_host_is_ever_oversubscribed_and_all_sums_are_right() => Gen.Select(Gen.Int[0, 12], Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 2]).Array[0, 80].Sample(
        steps =>
        {
            var ledger = new HostLedger();
            var now = Noon;
            foreach (var (number, (kind, which, vcpus, memory, gpus)) in steps.Index())
            {
                now = now.AddSeconds(which);
                _ = kind switch
                {
                    0 or 1 => ledger.Add(OfSize($"h{which}", Needs(vcpus * 4, memory * 4096, gpus))),
                    2 => ledger.Remove($"h{which}").IsEmpty,
                    3 => ledger.Move($"h{which}", (HostState)vcpus),
                    4 or 5 or 6 => ledger.Release($"r{number - which}", now) is null,
                    7 => ledger.Hold(new($"own{number}", "job", default, now, IsLaunched: true), $"h{which}"),
                    _ => ledger.TryReserve(Reservation($"r{number}", Needs(vcpus, memory * 1024, kind == 12 ? gpus : 0))) is null,
                };

                var hosts = ledger.Snapshot();
                Assert.All(hosts, host => Assert.True(host.Capacity.Covers(host.Used)));
                Assert.All(hosts, host => Assert.Equal(host.Used, Sum(ledger.ReservationsOn(host.Id).Select(reservation => reservation.Needs))));
                Assert.All(hosts, host => Assert.Equal(host.Reservations == 0, host.IdleSince is not null));
                Assert.Equal(ledger.InUse, Sum(hosts.Select(host => host.Used)));
                Assert.Equal(ledger.Capacity, Sum(hosts.Select(host => host.Capacity)));
                Assert.Equal(ledger.Count, hosts.Sum(host => host.Reservations));
            }
        },
        iter: 10_000);

    private static ResourceNeeds Sum(IEnumerable<ResourceNeeds> needs) => needs.Aggregate(default(ResourceNeeds), (sum, more) => sum + more);

    private static Host Micro(string id, ResourceNeeds size) => Host.OfFargate(new(id, "FARGATE"), size, Fargate.PriceOf(size, "FARGATE"), Noon);

    private static HostLedger With(params Host[] hosts)
    {
        var ledger = new HostLedger();
        Assert.All(hosts, host => Assert.True(ledger.Add(host)));
        return ledger;
    }
}
