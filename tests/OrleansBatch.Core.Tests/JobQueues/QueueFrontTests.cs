using OrleansBatch.Core.JobQueues;
using OrleansBatch.Core.Tests.Jobs;

namespace OrleansBatch.Core.Tests.JobQueues;

public sealed class QueueFrontTests
{
    [Fact]
    public void Whoever_stands_where_it_stood_keeps_its_time()
    {
        var before = QueueFronts.Next([], ["a", "b", "c"], AJob.At(1));
        var after = QueueFronts.Next(before, ["a", "c", "d", "e"], AJob.At(5));

        Assert.Equal([new("a", AJob.At(1)), new("c", AJob.At(5)), new("d", AJob.At(5)), new("e", AJob.At(5))], after);
    }

    [Fact]
    public void A_snapshot_shows_100_jobs() => Assert.Equal(100, QueueFronts.Next([], Enumerable.Range(0, 200).Select(job => $"{job}"), AJob.At(1)).Length);

    [Fact]
    public void Twenty_shares_that_hold_most_are_shown_and_all_that_is_held()
    {
        var held = Enumerable.Range(1, 30).Select(share => ((string?)$"s{share:D2}", share * 500L));

        var utilization = QueueFronts.Describe(AJob.Home, [], held, 31, AJob.At(1)).QueueUtilization;

        Assert.Equal(31, utilization.FairshareUtilization!.ActiveShareCount);
        Assert.Equal(Enumerable.Range(11, 20).Reverse().Select(share => $"s{share:D2}"), utilization.FairshareUtilization.TopCapacityUtilization.Select(share => share.ShareIdentifier));
        Assert.Equal(15, utilization.FairshareUtilization.TopCapacityUtilization[0].CapacityUsage[0].Quantity);
        Assert.Equal(465 / 2.0, utilization.TotalCapacityUsage[0].Quantity);
    }

    [Fact]
    public void A_queue_without_a_policy_has_no_shares() =>
        Assert.Null(QueueFronts.Describe(AJob.Home, [], [(null, 1_000)], null, AJob.At(1)).QueueUtilization.FairshareUtilization);
}
