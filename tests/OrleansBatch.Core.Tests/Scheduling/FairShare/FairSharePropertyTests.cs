using CsCheck;
using OrleansBatch.Core.Scheduling.FairShare;
using static OrleansBatch.Core.Tests.Scheduling.FairShare.AShare;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>What fair share promises, in many short runs: while all shares have work, their weighted uses stay close together.</summary>
/// <remarks>
/// The bound: a share is given a slot only while no other's weighted use is lower, so it gets ahead by no more than what the slots that it has by then
/// can still use, <c>slots × longest job</c>, and, as use is taken a little ahead, by as much again for what came free together. What is behind gets the
/// next slot within the longest job; meanwhile its use decays by no more than all slots add.
/// </remarks>
public sealed class FairSharePropertyTests
{
    private const int Longest = 20;
    private const int Window = 600;

    private static readonly Gen<Shares> All = Gen.Select(
        Gen.Double[0.1, 10].Array[2, 4], Gen.Int[1, 4], Gen.UInt, (weights, slots, seed) => new Shares(weights, slots, seed));

    private delegate double Weighed(double weight);

    [Fact]
    public void The_use_of_shares_converges_to_the_inverse_of_their_weights() => All.Sample(
        shares => Assert.InRange(Distance(shares, weight => weight, isCharged: true), 0, Bound(shares)), iter: 100_000);

    [Fact]
    public void Weights_that_are_ignored_are_noticed() => Assert.True(IsNoticed(_ => 1, isCharged: true));

    [Fact]
    public void Weights_the_wrong_way_round_are_noticed() => Assert.True(IsNoticed(weight => 1 / weight, isCharged: true));

    [Fact]
    public void Use_that_is_never_charged_is_noticed() => Assert.True(IsNoticed(weight => weight, isCharged: false));

    private static bool IsNoticed(Weighed weigh, bool isCharged)
    {
        for (var number = 0u; number < 1_000; number++)
        {
            var shares = All.Generate(new PCG(number, 1), null, out _);
            if (Distance(shares, weigh, isCharged) > Bound(shares))
            {
                return true;
            }
        }

        return false;
    }

    private static double Bound(Shares shares) => shares.Weights.Max() * shares.Slots * ((2 * Longest) + (Window / 64.0));

    /// <summary>Runs jobs of one vCPU with always one of each share waiting. How far apart the weighted uses are at the end.</summary>
    private static double Distance(Shares shares, Weighed weigh, bool isCharged)
    {
        var (weights, random) = (shares.Weights, shares.Seed | 1);
        var line = new FairShareLine(Policy(Window, shares: [.. weights.Select((weight, i) => (Names[i], weigh(weight)))]));
        var sequence = 0L;
        List<(int Share, int From, int To)> ran = [];
        PriorityQueue<string, int> running = new();
        for (var i = 0; i < weights.Length; i++)
        {
            line.Add(Job(Names[i], sequence++), T0);
        }

        var now = 0;
        while (ran.Count < 80)
        {
            if (running.Count == shares.Slots && running.TryDequeue(out var ended, out var end))
            {
                now = end;
                _ = line.Ended(ended, At(now));
            }

            var job = line.InOrder(At(now)).First();
            line.Started(job, At(now));
            if (!isCharged)
            {
                _ = line.Ended(job.JobId, At(now));
            }

            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            var length = 1 + (int)(random % Longest);
            var share = Array.IndexOf(Names, job.Share);
            running.Enqueue(job.JobId, now + length);
            ran.Add((share, now, now + length));
            line.Add(Job(job.Share, sequence++), T0);
        }

        var scores = weights.Select((weight, i) => weight * ran.Where(one => one.Share == i).Sum(one => Use(one.From, Math.Min(one.To, now), now))).ToArray();
        return scores.Max() - scores.Min();
    }

    /// <summary>vCPU seconds, each counted less the longer ago it is: the integral of 1 - age ÷ window.</summary>
    private static double Use(int from, int to, int now)
    {
        from = Math.Max(from, now - Window);
        if (from >= to)
        {
            return 0;
        }

        double Left(int at) => 1 - ((now - at) / (double)Window);
        return (to - from) * (Left(from) + Left(to)) / 2;
    }

    private static readonly string[] Names = ["s0", "s1", "s2", "s3"];

    private sealed record Shares(double[] Weights, int Slots, uint Seed);
}
