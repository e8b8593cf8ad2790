using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Hosts;

public sealed class HostPackingTests
{
    // Few values, so that many hosts and jobs are alike.
    private static readonly Gen<ResourceNeeds> Frees = Gen.Select(Gen.Int[0, 8], Gen.Int[0, 8], Gen.Int[0, 3], (v, m, g) => Needs(v, m * 1024, g));
    private static readonly Gen<ResourceNeeds> Jobs = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[1, 2])), (v, m, g) => Needs(v, m * 1024, g));

    [Fact]
    public void A_job_goes_where_it_leaves_the_fewest_vCPUs()
    {
        var packing = Of(("a", Needs(8, 8192)), ("b", Needs(4, 8192)), ("c", Needs(2, 8192)));

        Assert.Equal(["b", "c", "a", "a", null], Enumerable.Range(0, 5).Select(job => packing.Place(Needs(job == 1 ? 2 : 4))));
    }

    [Fact]
    public void Of_two_with_as_many_vCPUs_the_one_with_less_memory_is_taken_and_then_the_first()
    {
        var packing = Of(("a", Needs(4, 8192)), ("b", Needs(4, 4096)), ("c", Needs(4, 4096)));

        Assert.Equal(["b", "c", "a"], Enumerable.Range(0, 3).Select(_ => packing.Place(Needs(4, 4096))));
    }

    [Fact]
    public void A_host_that_has_vCPUs_but_no_memory_left_is_passed_over()
    {
        var packing = Of(("a", Needs(4, 512)), ("b", Needs(8, 8192)));

        Assert.Equal("b", packing.Place(Needs(4, 1024)));
    }

    [Fact]
    public void A_job_without_GPUs_keeps_off_hosts_with_GPUs_as_long_as_another_has_room()
    {
        var packing = new HostPacking();
        packing.Add("gpus", Needs(4, 8192, 2), hasGpus: true);
        packing.Add("used up", Needs(4, 8192, 0), hasGpus: true);
        packing.Add("plain", Needs(64, 8192), hasGpus: false);

        Assert.Equal(["plain", "used up", "gpus", null], new[] { 64, 4, 4, 4 }.Select(vcpus => packing.Place(Needs(vcpus))));
    }

    [Fact]
    public void A_job_with_GPUs_goes_where_the_fewest_GPUs_are_free()
    {
        var packing = Of(("four", Needs(4, 8192, 4)), ("two", Needs(64, 8192, 2)));

        Assert.Equal(["two", "four"], Enumerable.Range(0, 2).Select(_ => packing.Place(Needs(1, 1024, 2))));
    }

    [Fact]
    public void Many_equal_jobs_are_placed_as_if_one_by_one() => Gen.Select(Frees.Array[0, 8], Jobs, Gen.Int[1, 20]).Sample(
        (frees, needs, count) =>
        {
            var one = Of(frees);
            var many = Of(frees);
            List<string?> singly = [];
            while (singly.Count < count && one.Place(needs) is { } hostId)
            {
                singly.Add(hostId);
            }

            List<string?> together = [];
            while (together.Count < count && many.PlaceMany(needs, count - together.Count) is { } taken)
            {
                together.AddRange(Enumerable.Repeat(taken.HostId, taken.Count));
            }

            Assert.Equal(singly, together);
        },
        iter: 10_000);

    /// <summary>The trees against a plain look at every host, through any sequence of changes.</summary>
    [Fact]
    public void It_finds_what_a_look_at_every_host_finds() => Gen.Select(Frees.Array[0, 12], Gen.Select(Gen.Int[0, 9], Jobs, Gen.Int[0, 11]).Array[0, 60]).Sample(
        (frees, steps) =>
        {
            var packing = Of(frees);
            var plain = frees.Select((free, index) => (Id: $"h{index:D2}", Free: free, HasGpus: free.Gpus > 0)).ToList();
            foreach (var (kind, needs, which) in steps)
            {
                var index = plain.FindIndex(host => host.Id == $"h{which:D2}");
                switch (kind)
                {
                    case 0:
                        Assert.Equal(index >= 0, packing.Remove($"h{which:D2}"));
                        plain.RemoveAll(host => host.Id == $"h{which:D2}");
                        break;
                    case 1 or 2 when index >= 0:
                        packing.Give(plain[index].Id, needs with { Gpus = 0 });
                        plain[index] = plain[index] with { Free = plain[index].Free + (needs with { Gpus = 0 }) };
                        break;
                    default:
                        var expected = Slowly(plain, needs);
                        Assert.Equal(expected is { } at ? plain[at].Id : null, packing.Place(needs));
                        if (expected is { } taken)
                        {
                            plain[taken] = plain[taken] with { Free = plain[taken].Free - needs };
                        }

                        break;
                }

                Assert.Equal(plain.Count, packing.Count);
                Assert.All(plain, host => Assert.Equal(host.Free, packing.FreeOf(host.Id)));
                Assert.All(plain, host => Assert.True(host.Free.Covers(default), host.Id));
            }
        },
        iter: 10_000);

    private static int? Slowly(List<(string Id, ResourceNeeds Free, bool HasGpus)> hosts, ResourceNeeds needs) => hosts.Index()
        .Where(host => host.Item.Free.Covers(needs))
        .OrderBy(host => needs.Gpus == 0 && host.Item.HasGpus)
        .ThenBy(host => host.Item.Free.Gpus)
        .ThenBy(host => host.Item.Free.VcpuMillis)
        .ThenBy(host => host.Item.Free.MemoryMiB)
        .ThenBy(host => host.Item.Id, StringComparer.Ordinal)
        .Select(host => (int?)host.Index)
        .FirstOrDefault();

    private static HostPacking Of(ResourceNeeds[] frees) => Of([.. frees.Select((free, index) => ($"h{index:D2}", free))]);

    private static HostPacking Of(params (string Id, ResourceNeeds Free)[] hosts)
    {
        var packing = new HostPacking();
        foreach (var (id, free) in hosts)
        {
            packing.Add(id, free, free.Gpus > 0);
        }

        return packing;
    }
}
