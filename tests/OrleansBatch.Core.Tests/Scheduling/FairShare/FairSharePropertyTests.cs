using CsCheck;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>What fair share promises, in 100,000 runs of jobs of several sizes: each share is given its turn exactly, and so their weighted uses stay close.</summary>
public sealed class FairSharePropertyTests
{
    private static readonly Gen<double[]> Weights = Gen.Double[0.1, 10].Array[2, 4];

    private static readonly Gen<FairShareSetup> Busy = Gen.Select(
        Weights,
        Gen.Int[1, 6],
        OneOf(60, 120, 600, 3600),
        OneOf(4, 20),
        Gen.Frequency((15, Gen.Const(80)), (1, Gen.Const(400))),
        Gen.Int[1, 160],
        Gen.UInt,
        (weights, vcpus, window, longest, starts, restart, seed) => new FairShareSetup(weights, vcpus, window, longest, starts, null, restart, seed));

    /// <summary>Idle for a part of a window up to three: then nothing of what it used counts, and nothing that it did not use.</summary>
    private static readonly Gen<FairShareSetup> Idle = Gen.Select(
        Weights,
        Gen.Int[1, 4],
        OneOf(60, 120),
        Gen.Int[10, 60],
        Gen.Int[10, 180],
        Gen.Int[1, 160],
        Gen.UInt,
        (weights, vcpus, window, from, idle, restart, seed) => new FairShareSetup(weights, vcpus, window, 4, int.MaxValue, (from, from + idle), restart, seed));

    [Fact]
    public void The_share_with_the_lowest_weighted_use_is_always_next_and_while_all_have_work_their_weighted_uses_stay_close() =>
        Busy.Sample(AssertFair, iter: 65_000);

    [Fact]
    public void A_share_that_was_idle_held_up_nobody_and_is_owed_nothing_that_is_older_than_the_window() =>
        Idle.Sample(AssertFair, iter: 35_000);

    [Theory]
    [InlineData(FairShareMistake.WeightsIgnored)]
    [InlineData(FairShareMistake.WeightsTheWrongWayRound)]
    [InlineData(FairShareMistake.NeverCharged)]
    [InlineData(FairShareMistake.NotDecayed)]
    [InlineData(FairShareMistake.SizesIgnored)]
    [InlineData(FairShareMistake.IdleTimePaidBack)]
    public void A_mistake_gives_a_share_a_turn_that_is_not_its_own(FairShareMistake mistake) =>
        Assert.Contains(Runs(mistake), run => run.OutOfTurn > 0);

    [Theory]
    [InlineData(FairShareMistake.WeightsIgnored)]
    [InlineData(FairShareMistake.WeightsTheWrongWayRound)]
    [InlineData(FairShareMistake.NeverCharged)]
    [InlineData(FairShareMistake.NotDecayed)]
    public void A_mistake_drives_the_weighted_uses_apart(FairShareMistake mistake) =>
        Assert.Contains(Runs(mistake), run => run.Apart > 1);

    private static void AssertFair(FairShareSetup setup)
    {
        var run = FairShareRun.Of(setup);

        Assert.InRange(run.OutOfTurn, double.NegativeInfinity, 0);
        Assert.InRange(run.Apart, 0, 1);
    }

    private static IEnumerable<FairShareRun> Runs(FairShareMistake mistake) => Enumerable.Range(0, 1_000)
        .Select(number => FairShareRun.Of((number % 2 == 0 ? Busy : Idle).Generate(new PCG((uint)number, 1), null, out _), mistake));

    private static Gen<int> OneOf(params int[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
