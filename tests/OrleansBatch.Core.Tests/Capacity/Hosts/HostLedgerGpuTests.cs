using System.Collections.Immutable;
using CsCheck;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Hosts;

/// <summary>Which GPUs of a machine a job has.</summary>
public sealed class HostLedgerGpuTests
{
    [Fact]
    public void Each_job_has_GPUs_of_its_own_and_the_first_that_are_free()
    {
        var ledger = With(OfSize("a", Needs(8, 8192, gpus: 4)));

        Assert.Equal([0], Reserve(ledger, "1", gpus: 1));
        Assert.Equal([1, 2], Reserve(ledger, "2", gpus: 2));
        Assert.Empty(Reserve(ledger, "3", gpus: 0));
        Assert.Null(ledger.TryReserve(Reservation("4", Needs(1, gpus: 2))));
        ledger.Release("1", Noon);
        Assert.Equal([0, 3], Reserve(ledger, "4", gpus: 2));
    }

    [Fact]
    public void GPUs_of_a_modelled_host_are_counted_and_not_named()
    {
        var ledger = With(Of("i-1", "g4dn.12xlarge"));

        Assert.Empty(Reserve(ledger, "1", gpus: 3));
        Assert.Null(ledger.TryReserve(Reservation("2", Needs(1, gpus: 2))));
    }

    [Fact]
    public void What_a_row_names_is_held_by_no_other()
    {
        var ledger = With(OfSize("a", Needs(8, 8192, gpus: 3)));

        Assert.True(ledger.Hold(Reservation("row", Needs(1, gpus: 1)) with { Gpus = [1] }, "a"));

        Assert.Equal([0, 2], Reserve(ledger, "1", gpus: 2));
        ledger.Release("row", Noon);
        Assert.Equal([1], Reserve(ledger, "2", gpus: 1));
    }

    [Fact]
    public void A_machine_that_comes_back_with_fewer_GPUs_gives_none_that_is_held()
    {
        var ledger = With(OfSize("a", Needs(8, 8192, gpus: 3)));
        _ = Reserve(ledger, "1", gpus: 1);
        _ = Reserve(ledger, "2", gpus: 1);
        Assert.Equal([2], Reserve(ledger, "3", gpus: 1));
        ledger.Release("1", Noon);

        ledger.Resize("a", InstanceType.OfMachine("machine", Needs(8, 8192, gpus: 2)), Needs(8, 8192, gpus: 2));

        Assert.Null(ledger.TryReserve(Reservation("4", Needs(1, gpus: 1))));
        ledger.Release("2", Noon);
        Assert.Equal([0], Reserve(ledger, "4", gpus: 1));
    }

    /// <summary>Reserve, release, machines that change, and ledgers made anew from what rows say, in any order.</summary>
    [Fact]
    public void No_GPU_is_ever_held_twice_and_each_job_has_as_many_as_it_asked_for() => Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 4]).Array[0, 60].Sample(
        steps =>
        {
            var ledger = With([.. Enumerable.Range(0, 3).Select(host => OfSize($"h{host}", Needs(64, 64 * 1024, gpus: 4)))]);
            foreach (var (number, (kind, which, gpus)) in steps.Index())
            {
                switch (kind)
                {
                    case 0:
                        ledger.Resize($"h{which}", InstanceType.OfMachine("machine", Needs(64, 64 * 1024, gpus)), Needs(64, 64 * 1024, gpus));
                        break;
                    case 1:
                        ledger = Again(ledger);
                        break;
                    case < 5:
                        ledger.Release($"r{number - which - 1}", Noon);
                        break;
                    default:
                        if (ledger.TryReserve(Reservation($"r{number}", Needs(1, gpus: gpus))) is { } hostId)
                        {
                            Assert.All(ledger.FindReservation($"r{number}")!.Value.Reservation.Gpus, gpu => Assert.InRange(gpu, 0, ledger.Find(hostId)!.Capacity.Gpus - 1));
                        }

                        break;
                }

                foreach (var host in ledger.Snapshot())
                {
                    var held = ledger.ReservationsOn(host.Id);
                    Assert.All(held, reservation => Assert.Equal(reservation.Needs.Gpus, reservation.Gpus.Length));
                    var named = held.SelectMany(reservation => reservation.Gpus).ToArray();
                    Assert.Equal(named.Distinct(), named);
                }
            }
        },
        iter: 10_000);

    /// <summary>As an activation makes it from hosts and rows.</summary>
    private static HostLedger Again(HostLedger before)
    {
        var ledger = With([.. before.Snapshot()]);
        foreach (var host in before.Snapshot())
        {
            foreach (var reservation in before.ReservationsOn(host.Id))
            {
                Assert.True(ledger.Hold(reservation with { IsLaunched = true }, host.Id));
            }
        }

        return ledger;
    }

    private static ImmutableArray<int> Reserve(HostLedger ledger, string id, int gpus)
    {
        Assert.NotNull(ledger.TryReserve(Reservation(id, Needs(1, gpus: gpus))));
        return ledger.FindReservation(id)!.Value.Reservation.Gpus;
    }

    private static HostLedger With(params Host[] hosts)
    {
        var ledger = new HostLedger();
        Assert.All(hosts, host => Assert.True(ledger.Add(host)));
        return ledger;
    }
}
