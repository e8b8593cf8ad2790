using CsCheck;
using OrleansBatch.Core.Scheduling.FairShare;
using static OrleansBatch.Core.Tests.Scheduling.FairShare.AShare;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>Shares that always have more jobs than there is room for: over time each gets its part.</summary>
public sealed class FairShareSimulationTests
{
    [Fact]
    public void Scenario_26_a_share_of_weight_an_eighth_gets_eight_times_as_much()
    {
        var used = Run([1, 0.125], slots: 18, seconds: 6_000, random: 1);

        Assert.InRange(used[1] / used[0], 7.5, 8.5);
    }

    [Fact]
    public void Also_of_long_jobs_that_end_together_a_share_gets_its_part()
    {
        var used = Run([1, 0.125], slots: 18, seconds: 60_000, random: 1, shortest: 300, longest: 300);

        Assert.InRange(used[1] / used[0], 7, 9);
    }

    [Fact]
    public void Shares_get_parts_inverse_to_their_weights() => Gen
        .Select(Gen.Double[0.2, 2].Array[2, 5], Gen.Int[20, 60], Gen.Int[0, 1_000_000])
        .Sample(
            (weights, slots, random) =>
            {
                var used = Run(weights, slots, seconds: 4_000, random);
                var (total, parts) = (used.Sum(), weights.Sum(weight => 1 / weight));
                for (var i = 0; i < weights.Length; i++)
                {
                    var part = 1 / weights[i] / parts;
                    Assert.Equal(part, used[i] / total, tolerance: (0.1 * part) + 0.01);
                }
            },
            iter: 40);

    /// <summary>Runs jobs of one vCPU; the vCPU seconds that each share got after the first window.</summary>
    private static double[] Run(double[] weights, int slots, int seconds, int random, int shortest = 5, int longest = 40)
    {
        var line = Line([.. weights.Select((weight, i) => ($"s{i}", weight))]);
        var used = new double[weights.Length];
        PriorityQueue<(int Share, string JobId), int> running = new();
        var sequence = 0L;
        var draw = (uint)random;
        for (var i = 0; i < weights.Length; i++)
        {
            Submit(i);
            Submit(i);
        }

        for (var now = 0; now < seconds; now++)
        {
            while (running.TryPeek(out var ended, out var end) && end <= now)
            {
                _ = running.Dequeue();
                _ = line.Ended(ended.JobId, At(now));
            }

            while (running.Count < slots)
            {
                var job = line.InOrder(At(now)).First();
                var share = int.Parse(job.Share.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
                draw = (draw * 1_664_525) + 1_013_904_223;
                var length = shortest + (int)((draw >> 8) % (uint)(longest - shortest + 1));
                line.Started(job, At(now));
                running.Enqueue((share, job.JobId), now + length);
                used[share] += now < 600 ? 0 : length;
                Submit(share);
            }
        }

        return used;

        void Submit(int share) => line.Add(Job($"s{share}", sequence++), T0);
    }
}
