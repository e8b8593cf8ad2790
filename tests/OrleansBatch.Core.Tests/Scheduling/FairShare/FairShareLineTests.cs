using CsCheck;
using OrleansBatch.Core.Scheduling.FairShare;
using static OrleansBatch.Core.Tests.Scheduling.FairShare.AShare;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

public sealed class FairShareLineTests
{
    [Fact]
    public void The_share_that_has_used_least_is_next()
    {
        var line = Line().AfterUse("A", 0, 100).AfterUse("B", 0, 50).With(Job("A", 1), Job("B", 2), Job("C", 3));

        Assert.Equal("C3 B2 A1", line.Order(100));
    }

    [Fact]
    public void Usage_counts_times_weight()
    {
        var line = Line(("A", 1), ("B", 0.125)).AfterUse("A", 0, 100).AfterUse("B", 0, 100, vcpus: 7).With(Job("A", 1), Job("B", 2));

        Assert.Equal("B2 A1", line.Order(100));
        Assert.Equal("A1 B2", Line(("B", 2)).AfterUse("A", 0, 100).AfterUse("B", 0, 60).With(Job("A", 1), Job("B", 2)).Order(100));
    }

    [Fact]
    public void Recent_use_counts_more()
    {
        var line = Line().AfterUse("A", 0, 100).AfterUse("B", 400, 490).With(Job("A", 2), Job("B", 1));

        Assert.Equal("A2 B1", line.Order(500));
    }

    [Fact]
    public void Where_two_shares_are_equal_the_longest_waiting_is_next_and_then_they_take_turns() =>
        Assert.Equal("B1 A2 B3 A4", Line().With(Job("A", 2), Job("A", 4), Job("B", 1), Job("B", 3)).Order(0));

    [Fact]
    public void A_job_counts_against_its_share_from_the_moment_it_starts()
    {
        var line = Line(("A", 1), ("B", 0.25)).With([.. Enumerable.Range(0, 10).Select(i => Job("A", i)), .. Enumerable.Range(10, 10).Select(i => Job("B", i))]);

        // Capacity for ten at once: two for A, eight for B.
        Assert.Equal(2, line.InOrder(T0).Take(10).Count(job => job.Share == "A"));
    }

    [Fact]
    public void Inside_a_share_the_highest_priority_is_next_then_what_was_tried_then_the_first()
    {
        var line = Line().With(Job("A", 1), Job("A", 2, priority: 5), Job("A", 3, priority: 9), Job("A", 4, priority: 5, triedBefore: true));

        Assert.Equal("A3 A4 A2 A1", line.Order(0));
    }

    [Fact]
    public void Priority_never_crosses_shares()
    {
        var line = Line().AfterUse("A", 0, 100).With(Job("A", 1, priority: 9999), Job("B", 2));

        Assert.Equal("B2 A1", line.Order(100));
    }

    [Fact]
    public void Shares_under_one_prefix_have_one_allotment_among_them()
    {
        var line = Line(("a*", 1)).AfterUse("a1", 0, 100).AfterUse("B", 0, 150).With(Job("a1", 1), Job("B", 2));
        Assert.Equal("a11 B2", line.Order(100));

        line.Add(Job("a2", 3), At(100));
        Assert.Equal("a23 B2 a11", line.Order(100));
    }

    [Fact]
    public void A_share_without_an_entry_has_weight_1_and_stands_alone()
    {
        var policy = Policy(shares: [("A", 3), ("b*", 0.5)]);

        Assert.Equal((3, null), policy.EntryOf("A"));
        Assert.Equal((0.5, "b"), policy.EntryOf("b"));
        Assert.Equal((0.5, "b"), policy.EntryOf("bcd"));
        Assert.Equal((1, null), policy.EntryOf("AB"));
    }

    [Theory]
    [InlineData(0, 600)]
    [InlineData(1, 1)]
    [InlineData(604_800, 604_800)]
    public void Without_a_decay_the_window_is_600_seconds(int decaySeconds, int window) =>
        Assert.Equal(TimeSpan.FromSeconds(window), Policy(decaySeconds).Window);

    [Fact]
    public void A_job_leaves_the_line_when_it_starts_or_is_let_go()
    {
        var (one, two, three) = (Job("A", 1), Job("A", 2), Job("A", 3));
        var line = Line().With(one, two, three, two);

        line.Started(one, T0);
        line.Remove(two with { TriedBefore = true }, T0);
        line.Add(one, T0);

        Assert.Equal(("A3", 1), (line.Order(0), line.Count));
        Assert.True(line.Ended("A1", At(1)));
        Assert.False(line.Ended("A1", At(1)));
        line.Add(one with { TriedBefore = true }, At(1));
        Assert.Equal("A1 A3", line.Order(1));
    }

    [Fact]
    public void Everything_may_be_told_twice()
    {
        var (once, twice) = (Line(), Line());
        foreach (var times in new[] { 1, 2 })
        {
            for (var i = 0; i < times; i++)
            {
                var line = times == 1 ? once : twice;
                line.Add(Job("A", 1), T0);
                line.AddPending("B", 2, T0);
                line.Started(Job("A", 1), T0);
            }
        }

        _ = once.Ended("A1", At(50));
        _ = twice.Ended("A1", At(50));
        _ = twice.Ended("A1", At(60));
        twice.RemovePending("B", 2, At(60));
        twice.RemovePending("B", 2, At(60));
        once.RemovePending("B", 2, At(60));
        Assert.Equal(once.Standings(At(100)), twice.Standings(At(100)));
    }

    [Fact]
    public void A_job_that_did_not_start_after_all_waits_again_and_is_not_charged()
    {
        var line = Line().With(Job("A", 1));
        line.Started(Job("A", 1), T0);
        _ = line.Standings(At(5));

        line.NotStarted(Job("A", 1), At(10));

        Assert.Equal("A1", line.Order(10));
        var standing = Assert.Single(line.Standings(At(10)));
        Assert.Equal((0, 0L), (Math.Round(standing.Usage, 9), standing.RunningVcpuMillis));
    }

    [Fact]
    public void A_share_is_active_with_any_job_that_is_not_over_and_for_the_window_after_its_last()
    {
        var line = Line();
        line.AddPending("pending", 1, T0);
        line.Add(Job("waiting", 2), T0);
        line.Started(Job("running", 3), T0);
        Assert.Equal(3, line.ActiveShares(At(1_000_000)));

        line.RemovePending("pending", 1, At(1_000_000));
        line.Remove(Job("waiting", 2), At(1_000_100));
        _ = line.Ended("running3", At(1_000_200));
        Assert.Equal([3, 2, 1, 0], new[] { 1_000_599, 1_000_600, 1_000_700, 1_000_800 }.Select(seconds => line.ActiveShares(At(seconds))));
    }

    [Fact]
    public void A_share_that_has_jobs_again_stays_active()
    {
        var line = Line();
        for (var i = 0; i < 100; i++)
        {
            line.Started(Job("A", i), At(i * 500));
            _ = line.Ended($"A{i}", At((i * 500) + 10));
            Assert.Equal(1, line.ActiveShares(At((i * 500) + 499)));
        }

        Assert.Equal([1, 0], new[] { 50_109, 50_110 }.Select(seconds => line.ActiveShares(At(seconds))));
    }

    [Fact]
    public void At_most_500_shares_are_active()
    {
        var line = Line().With([.. Enumerable.Range(0, 500).Select(i => Job($"s{i}-", i))]);

        Assert.True(line.Admits("s7-", T0));
        Assert.False(line.Admits("new", T0));
        line.Remove(Job("s7-", 7), T0);
        Assert.False(line.Admits("new", At(599)));
        Assert.True(line.Admits("new", At(600)));
    }

    [Fact]
    public void Another_policy_is_in_force_at_once_and_what_was_used_is_kept()
    {
        var line = Line(("A", 1), ("B", 1)).AfterUse("A", 0, 100).AfterUse("B", 0, 120).With(Job("A", 1), Job("B", 2));
        Assert.Equal("A1 B2", line.Order(120));

        line.Apply(Policy(decaySeconds: 300, shares: [("A", 1), ("B*", 0.5)]), At(120));

        Assert.Equal("B2 A1", line.Order(120));
        line.Remove(Job("A", 1), At(120));
        line.Remove(Job("B", 2), At(120));
        Assert.Equal([2, 0], new[] { 419, 420 }.Select(seconds => line.ActiveShares(At(seconds))));
    }

    [Fact]
    public void A_line_made_anew_from_rows_stands_as_the_one_before()
    {
        var (before, after) = (Line(("A", 2)), Line(("A", 2)));
        before.Started(Job("A", 1, vcpus: 3), At(10));
        _ = before.Ended("A1", At(200));
        before.Started(Job("A", 2), At(150));
        before.Add(Job("B", 3), At(50));

        after.Used("A", 3000, At(10), At(200), At(300));
        after.Used("gone", 3000, At(-900), At(-400), At(300));
        after.Started(Job("A", 2), At(150));
        after.Add(Job("B", 3), At(300));

        Assert.Equal(
            before.Standings(At(300)).Select(one => (one.Share, Math.Round(one.Usage, 3), one.RunningVcpuMillis, one.Waiting)),
            after.Standings(At(300)).Select(one => (one.Share, Math.Round(one.Usage, 3), one.RunningVcpuMillis, one.Waiting)));
    }

    [Fact]
    public void The_order_has_every_job_once_and_begins_with_the_best_of_the_lowest_share() => Gen
        .Select(
            Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Bool, (share, priority, triedBefore) => (share, priority, triedBefore)).Array[1, 40],
            Gen.Select(Gen.Int[0, 4], Gen.Int[0, 500], Gen.Int[1, 500], (share, from, length) => (share, from, length)).Array[0, 20])
        .Sample((jobs, uses) =>
        {
            var line = Line(("s0", 2), ("s1", 0.5));
            foreach (var (share, from, length) in uses)
            {
                line.Used($"s{share}", 1000, At(from), At(from + length), At(1000));
            }

            var all = jobs.Select((job, i) => Job($"s{job.share}", i, job.priority, triedBefore: job.triedBefore)).ToArray();
            line.With(all);

            var order = line.InOrder(At(1000)).ToArray();
            Assert.Equal(all.OrderBy(job => job.Sequence), order.OrderBy(job => job.Sequence));
            Assert.All(order.GroupBy(job => job.Share), share => Assert.Equal(
                share.OrderByDescending(job => job.Priority).ThenByDescending(job => job.TriedBefore).ThenBy(job => job.Sequence), share));
            var lowest = line.Standings(At(1000)).Where(standing => standing.Waiting > 0).Min(standing => standing.Score);
            Assert.Equal(lowest, line.Standings(At(1000)).Single(standing => standing.Share == order[0].Share).Score);
        });

    [Theory]
    [InlineData(50, 1, 50_000)]
    [InlineData(50, 2, 25_000)]
    [InlineData(50, 3, 12_500)]
    [InlineData(99, 1, 99_000)]
    [InlineData(0, 1, 0)]
    [InlineData(50, 0, 50_000)]
    [InlineData(10, 500, 0)]
    public void A_part_is_kept_free_for_shares_that_are_not_active_yet(int percent, int active, long kept)
    {
        Assert.Equal(kept, FairShareRules.Reserved(100_000, percent, active));
        Assert.Equal(0, FairShareRules.Reserved(null, percent, active));
    }

    [Fact]
    public void Scenario_27_with_a_computeReservation_of_50_one_active_share_of_100_vcpus_stops_at_50()
    {
        FairShareLine line = new(Policy(reservation: 50));
        line.With([.. Enumerable.Range(0, 200).Select(i => Job("A", i))]);
        Assert.Equal(50, Place(line, vcpus: 100, seconds: 0));

        // Another share becomes active: a quarter stays free for a third.
        line.With([.. Enumerable.Range(200, 200).Select(i => Job("B", i))]);
        Assert.Equal(25, Place(line, vcpus: 100, seconds: 1));
        Assert.Equal([50_000L, 25_000L], line.Standings(At(1)).OrderBy(one => one.Share, StringComparer.Ordinal).Select(one => one.RunningVcpuMillis));
    }

    /// <summary>Starts jobs as long as they fit beside the reservation; how many.</summary>
    private static int Place(FairShareLine line, int vcpus, double seconds)
    {
        var free = (vcpus * 1000L) - line.Standings(At(seconds)).Sum(one => one.RunningVcpuMillis);
        var reserved = line.Reserved(vcpus * 1000L, At(seconds));
        List<FairShareJob> placed = [];
        foreach (var job in line.InOrder(At(seconds)))
        {
            if (!FairShareRules.FitsBesideReservation(job.Needs.VcpuMillis, free, reserved))
            {
                break;
            }

            free -= job.Needs.VcpuMillis;
            placed.Add(job);
        }

        placed.ForEach(job => line.Started(job, At(seconds)));
        return placed.Count;
    }
}
