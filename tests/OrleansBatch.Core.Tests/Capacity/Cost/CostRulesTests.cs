using CsCheck;
using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Cost;

public sealed class CostRulesTests
{
    [Theory]
    [InlineData(3600, PurchaseOption.OnDemand, 0.192)]
    [InlineData(3600, PurchaseOption.Spot, 0.0806)]
    [InlineData(90, PurchaseOption.OnDemand, 0.0048)]
    [InlineData(60, PurchaseOption.OnDemand, 0.0032)]
    [InlineData(1, PurchaseOption.OnDemand, 0.0032)]
    public void A_host_costs_by_the_second_a_minute_at_least(int seconds, PurchaseOption purchase, double usd) =>
        Assert.Equal((decimal)usd, CostRules.OfHost(Of("a") with { Purchase = purchase }, Noon.AddSeconds(seconds)));

    [Theory]
    [InlineData(4, 16384, 0, 4, 16384, 0, 1)]
    [InlineData(4, 16384, 0, 2, 8192, 0, 0.5)]
    [InlineData(4, 16384, 0, 4, 0, 0, 0.692307)]
    [InlineData(4, 16384, 0, 0, 16384, 0, 0.307692)]
    [InlineData(4, 16384, 2, 0, 0, 1, 0.45)]
    [InlineData(4, 16384, 2, 4, 16384, 0, 0.1)]
    [InlineData(4, 16384, 2, 4, 16384, 2, 1)]
    [InlineData(0, 0, 0, 0, 0, 0, 0)]
    public void A_vCPU_weighs_as_much_as_9_GiB_and_GPUs_nine_tenths_of_all(int vcpus, int memory, int gpus, int jobVcpus, int jobMemory, int jobGpus, double share) =>
        Assert.Equal(share, (double)CostRules.ShareOf(Needs(vcpus, memory, gpus), Needs(jobVcpus, jobMemory, jobGpus)), tolerance: 0.000001);

    [Fact]
    public void A_job_costs_its_part_for_its_time()
    {
        var host = Of("a");

        Assert.Equal(0.096m, CostRules.OfJob(host, host.Capacity, TimeSpan.FromMinutes(30)));
        Assert.Equal(0, CostRules.OfJob(host, host.Capacity, TimeSpan.Zero));
        Assert.Equal(0, CostRules.OfJob(host, host.Capacity, TimeSpan.FromSeconds(-1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60_000)]
    public void Many_short_jobs_do_not_cost_more_than_their_host(int pieces)
    {
        var host = Of("a");
        var piece = TimeSpan.FromHours(1) / pieces;
        var paid = pieces * CostRules.OfJob(host, host.Capacity, piece);

        Assert.InRange(HostCost.Of(host, paid, Noon + (piece * pieces)).IdleUsd, 0, 0.0000001m);
    }

    [Fact]
    public void On_Fargate_a_job_pays_for_all_of_its_host()
    {
        var host = Host.OfFargate(new("f", "FARGATE_SPOT"), Needs(1, 2048), InstanceCatalogue.BuiltIn.Fargate.PriceOf(Needs(1, 2048), "FARGATE_SPOT"), Noon);

        Assert.Equal(0.014811m, CostRules.OfJob(host, Needs(1, 2048), TimeSpan.FromHours(1)));
        Assert.Equal(0, HostCost.Of(host, 0.014811m, Noon.AddHours(1)).IdleUsd);
    }

    [Fact]
    public void The_machine_itself_costs_nothing() => Assert.Equal(0, CostRules.OfHost(OfSize("local", Needs(8, 16384)), Noon.AddYears(1)));

    /// <summary>Jobs that come and go on one host, through its ledger: what they pay and what is idle is what the host costs.</summary>
    [Fact]
    public void What_jobs_pay_and_what_is_idle_add_up_to_the_cost_of_the_host() => Gen.Select(
        Gen.Int[0, InstanceCatalogue.BuiltIn.Types.Length - 1], Gen.Select(Gen.Int[1, 9], Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 100_000], Gen.Bool).Array[0, 30]).Sample(
        (index, steps) =>
        {
            var type = InstanceCatalogue.BuiltIn.Types[index];
            var ledger = new HostLedger();
            ledger.Add(Host.Launch("a", type, PurchaseOption.OnDemand, Noon, TimeSpan.Zero));
            var host = ledger.Find("a")!;
            var now = Noon;
            var paid = 0m;
            var owed = 0.0;
            var running = new Queue<(string Id, ResourceNeeds Needs, DateTimeOffset Since)>();
            foreach (var (number, (vcpus, memory, gpus, milliseconds, ends)) in steps.Index())
            {
                owed += (double)(CostRules.ShareOf(host.Capacity, ledger.InUse) * type.UsdPerHour) * milliseconds / 3_600_000;
                now = now.AddMilliseconds(milliseconds);
                if (ends && running.TryDequeue(out var job))
                {
                    ledger.Release(job.Id, now);
                    paid += CostRules.OfJob(host, job.Needs, now - job.Since);
                }

                var needs = new ResourceNeeds { VcpuMillis = type.Vcpus * 1000L / vcpus, MemoryMiB = type.RegisteredMemoryMiB * memory / 10, Gpus = Math.Min(gpus, type.Gpus) };
                if (ledger.TryReserve(Reservation($"{number}", needs)) is not null)
                {
                    running.Enqueue(($"{number}", needs, now));
                }
            }

            paid += running.Sum(job => CostRules.OfJob(host, job.Needs, now - job.Since));
            var cost = HostCost.Of(host, paid, now);
            Assert.Equal(cost.TotalUsd, cost.JobsUsd + cost.IdleUsd);
            Assert.Equal(CostRules.OfHost(host, now), cost.TotalUsd);
            Assert.True(cost.IdleUsd >= 0);
            Assert.Equal(owed, (double)paid, tolerance: 1e-9);
        },
        iter: 10_000);
}
