using CsCheck;
using OrleansBatch.Core.Scheduling.FairShare;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Scheduling.FairShare.AShare;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>What fair share promises, in many runs: while all shares have work, their weighted uses stay close together.</summary>
/// <remarks>
/// The bound: a share is given capacity only while no other's weighted use is lower, so it gets ahead by no more than what the vCPUs that it has by then
/// can still use, <c>vCPUs × longest job</c>, and by as much again for what came free together. Use is taken a little ahead of now, by
/// 1/64 of the window (<see cref="FairShareLine"/>): so far what runs counts too much. What is behind gets the next vCPUs within the longest job; meanwhile
/// its use decays by no more than all vCPUs add.
/// </remarks>
public sealed class FairSharePropertyTests
{
    private const int Longest = 20;

    private static readonly string[] Names = ["s0", "s1", "s2", "s3"];

    private static readonly Gen<Shares> All = Gen.Select(
        Gen.Double[0.1, 10].Array[2, 4], Gen.Int[1, 6], Gen.OneOf(120, 300, 600, 1200), Gen.UInt,
        (weights, vcpus, window, seed) => new Shares(weights, vcpus, window, seed));

    /// <summary>Windows that a run can see pass several times.</summary>
    private static readonly Gen<Shares> WithShortWindows = All.Select(shares => shares with { Window = Math.Min(shares.Window, 300) });

    private delegate double Weighed(double weight);

    [Fact]
    public void The_use_of_shares_converges_to_the_inverse_of_their_weights() => All.Sample(
        shares => Assert.InRange(Run.Of(shares, new(), jobs: 80).Distance, 0, Bound(shares)), iter: 100_000);

    [Fact]
    public void A_share_that_had_no_work_gets_its_part_when_it_has_and_nothing_for_the_time_before() => WithShortWindows.Sample(
        shares => Assert.InRange(Long(shares, new()).Distance, 0, Bound(shares)), iter: 2_000);

    [Fact]
    public void A_share_that_comes_back_starves_no_other_for_longer_than_use_counts() => WithShortWindows.Sample(
        shares => Assert.InRange(Long(shares, new()).LongestWait, 0, LongestWait(shares)), iter: 2_000);

    [Fact]
    public void Weights_that_are_ignored_are_noticed() => Assert.True(IsNoticed(new() { Weigh = _ => 1 }));

    [Fact]
    public void Weights_the_wrong_way_round_are_noticed() => Assert.True(IsNoticed(new() { Weigh = weight => 1 / weight }));

    [Fact]
    public void Use_that_is_never_charged_is_noticed() => Assert.True(IsNoticed(new() { IsCharged = false }));

    [Fact]
    public void Jobs_that_count_alike_whatever_their_size_are_noticed() => Assert.True(IsNoticed(new() { IsSizeCounted = false }));

    [Fact]
    public void Use_that_does_not_decay_is_noticed()
    {
        var mistake = new Mistake { Window = 604_800 };
        Assert.Contains(Some(WithShortWindows), shares => Long(shares, mistake).Distance > Bound(shares));
        Assert.Contains(Some(WithShortWindows), shares => Long(shares, mistake).LongestWait > LongestWait(shares));
    }

    private static IEnumerable<Shares> Some(Gen<Shares> all) => Enumerable.Range(0, 1_000).Select(number => all.Generate(new PCG((uint)number, 1), null, out _));

    private static bool IsNoticed(Mistake mistake) => Some(All).Any(shares => Run.Of(shares, mistake, jobs: 80).Distance > Bound(shares));

    /// <summary>The last share has its first job after more than a window; then all run for two windows more.</summary>
    private static Run Long(Shares shares, Mistake mistake) => Run.Of(shares, mistake, jobs: int.MaxValue, isLastLate: true);

    /// <summary>Whatever a share has used, after a window it has used nothing.</summary>
    private static int LongestWait(Shares shares) => shares.Window + (2 * Longest) + (shares.Window / ShareUsage.Parts);

    private static double Bound(Shares shares) => shares.Weights.Max() * shares.Vcpus * ((2 * Longest) + (shares.Window / (double)ShareUsage.Parts));

    private sealed record Shares(double[] Weights, int Vcpus, int Window, uint Seed);

    /// <summary>What a scheduler does wrong; by default nothing.</summary>
    private sealed record Mistake
    {
        public Weighed Weigh { get; init; } = weight => weight;

        public bool IsCharged { get; init; } = true;

        public bool IsSizeCounted { get; init; } = true;

        public int? Window { get; init; }
    }

    /// <summary>A run with always one job of each share waiting, those of a share of one size, 1 to 3 vCPUs. The first in order waits until it fits.</summary>
    private sealed class Run(Shares shares, Mistake mistake)
    {
        private readonly FairShareLine _line = new(Policy(
            mistake.Window ?? shares.Window, shares: [.. shares.Weights.Select((weight, i) => (Names[i], mistake.Weigh(weight)))]));

        private readonly List<(int Share, int Vcpus, int From, int To)> _ran = [];
        private readonly PriorityQueue<(string JobId, int Vcpus), int> _running = new();
        private readonly int[] _lastStart = new int[shares.Weights.Length];
        private uint _random = shares.Seed | 1;
        private long _sequence;
        private int _now;
        private int _used;

        /// <summary>How far apart the weighted uses are at the end.</summary>
        public double Distance
        {
            get
            {
                var scores = shares.Weights.Select((weight, i) =>
                    weight * _ran.Where(one => one.Share == i).Sum(one => one.Vcpus * Use(one.From, Math.Min(one.To, _now)))).ToArray();
                return scores.Max() - scores.Min();
            }
        }

        /// <summary>The longest time that a share with work had none started.</summary>
        public int LongestWait { get; private set; }

        public static Run Of(Shares shares, Mistake mistake, int jobs, bool isLastLate = false)
        {
            var run = new Run(shares, mistake);
            var late = isLastLate ? shares.Weights.Length - 1 : -1;
            var joins = isLastLate ? shares.Window * 3 / 2 : 0;
            for (var i = 0; i < shares.Weights.Length; i++)
            {
                run.Add(i == late ? -1 : i);
            }

            while (run._ran.Count < jobs && (jobs < int.MaxValue || run._now < joins + (2 * shares.Window)))
            {
                if (late >= 0 && run._now >= joins)
                {
                    run._lastStart[late] = run._now;
                    run.Add(late);
                    late = -1;
                }

                run.Step();
            }

            return run;
        }

        private void Step()
        {
            var job = _line.InOrder(At(_now)).First();
            var vcpus = (int)(job.Needs.VcpuMillis / 1000);
            if (!mistake.IsSizeCounted)
            {
                vcpus = SizeOf(Array.IndexOf(Names, job.Share));
            }

            if (_used + vcpus > shares.Vcpus)
            {
                _ = _running.TryDequeue(out var ended, out _now);
                _used -= ended.Vcpus;
                _ = _line.Ended(ended.JobId, At(_now));
                return;
            }

            _line.Started(job, At(_now));
            if (!mistake.IsCharged)
            {
                _ = _line.Ended(job.JobId, At(_now));
            }

            var share = Array.IndexOf(Names, job.Share);
            LongestWait = Math.Max(LongestWait, _now - _lastStart[share]);
            _lastStart[share] = _now;
            var length = 1 + (int)(Random() % Longest);
            _used += vcpus;
            _running.Enqueue((job.JobId, vcpus), _now + length);
            _ran.Add((share, vcpus, _now, _now + length));
            Add(share);
        }

        private void Add(int share)
        {
            if (share >= 0)
            {
                var sequence = _sequence++;
                var vcpus = mistake.IsSizeCounted ? SizeOf(share) : 1;
                _line.Add(Job(Names[share], sequence) with { Needs = new ResourceNeeds { VcpuMillis = 1000L * vcpus } }, T0);
            }
        }

        private int SizeOf(int share) => 1 + (((int)(shares.Seed % 3) + share) % Math.Min(3, shares.Vcpus));

        private uint Random()
        {
            _random ^= _random << 13;
            _random ^= _random >> 17;
            return _random ^= _random << 5;
        }

        /// <summary>Seconds, each counted less the longer ago it is: the integral of 1 - age ÷ window.</summary>
        private double Use(int from, int to)
        {
            from = Math.Max(from, _now - shares.Window);
            return from >= to ? 0 : (to - from) * (Left(from) + Left(to)) / 2;

            double Left(int at) => 1 - ((_now - at) / (double)shares.Window);
        }
    }
}
