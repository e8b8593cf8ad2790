using CsCheck;
using OrleansBatch.Core.Scheduling.FairShare;
using static OrleansBatch.Core.Tests.Scheduling.FairShare.AShare;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

public sealed class ShareUsageTests
{
    private static readonly Gen<(int Vcpus, int From, int Length)[]> Jobs =
        Gen.Select(Gen.Int[1, 64], Gen.Int[0, 3_000], Gen.Int[0, 2_000], (vcpus, from, length) => (vcpus, from, length)).Array[0, 20];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(60, 57)]
    [InlineData(300, 225)]
    [InlineData(600, 300)]
    [InlineData(6000, 300)]
    public void A_vcpu_that_runs_counts_with_its_age(int seconds, double usage)
    {
        ShareUsage share = new(TimeSpan.FromSeconds(600), T0);
        share.Start(1000, T0);

        Assert.Equal(usage, share.At(At(seconds)), tolerance: 0.1);
        Assert.Equal(1000, share.RunningVcpuMillis);
    }

    [Fact]
    public void What_is_older_than_the_window_is_forgotten()
    {
        ShareUsage share = new(TimeSpan.FromSeconds(600), T0);
        share.Start(5000, T0);
        share.End(5000, At(100));

        Assert.True(share.At(At(690)) > 0);
        Assert.Equal(0, share.At(At(800)));
        Assert.Equal(0, share.At(At(1_000_000)));
    }

    [Fact]
    public void Usage_is_the_integral_whatever_ran() => Gen.Select(Jobs, Gen.Int[1, 5_000], Gen.Int[0, 1_000].Array[0, 5]).Sample((jobs, window, looks) =>
    {
        ShareUsage share = new(TimeSpan.FromSeconds(window), T0);
        var events = jobs.Select(job => (Time: job.From, job.Vcpus)).Concat(jobs.Select(job => (Time: job.From + job.Length, Vcpus: -job.Vcpus))).OrderBy(one => one.Time);
        foreach (var (time, vcpus) in events)
        {
            if (vcpus > 0)
            {
                share.Start(vcpus * 1000L, At(time));
            }
            else
            {
                share.End(-vcpus * 1000L, At(time));
            }
        }

        AssertClose(jobs, window, share, jobs.Select(job => job.From + job.Length).DefaultIfEmpty(0).Max(), looks);
    });

    [Fact]
    public void What_is_told_late_or_afterwards_counts_as_if_it_had_been_told_in_time() => Gen.Select(Jobs, Gen.Int[1, 5_000], Gen.Bool).Sample((jobs, window, isOver) =>
    {
        ShareUsage share = new(TimeSpan.FromSeconds(window), T0);
        var now = jobs.Select(job => job.From + job.Length).DefaultIfEmpty(0).Max();
        _ = share.At(At(now));
        foreach (var (vcpus, from, length) in jobs)
        {
            if (isOver)
            {
                share.Used(vcpus * 1000L, At(from), At(from + length), At(now));
            }
            else
            {
                share.Start(vcpus * 1000L, At(from));
                share.End(vcpus * 1000L, At(from + length));
            }
        }

        AssertClose(jobs, window, share, now, [10]);
    });

    [Fact]
    public void A_window_of_another_length_keeps_what_was_used()
    {
        ShareUsage share = new(TimeSpan.FromSeconds(1000), T0);
        share.Start(4000, T0);
        share.End(2000, At(300));

        var other = share.In(TimeSpan.FromSeconds(500), At(400));

        Assert.Equal(2000, other.RunningVcpuMillis);
        Assert.Equal(Exact([(2, 0, 300), (2, 0, 400)], 500, 400), other.At(At(400)), tolerance: 5);
        Assert.Equal(Exact([(2, 0, 300), (2, 0, 450)], 500, 450), other.At(At(450)), tolerance: 5);
    }

    private static void AssertClose((int Vcpus, int From, int Length)[] jobs, int window, ShareUsage share, int now, int[] looks)
    {
        // The bucket that the window's end cuts counts at most this much too little or too much.
        var tolerance = (jobs.Sum(job => job.Vcpus) * window / 4096.0) + 1e-6;
        foreach (var later in looks.Order())
        {
            Assert.Equal(Exact(jobs, window, now + later), share.At(At(now + later)), tolerance);
        }
    }

    private static double Exact((int Vcpus, int From, int Length)[] jobs, double window, double now) => jobs.Sum(job =>
    {
        // From the youngest age to the oldest that counts.
        var (young, old) = (Math.Max(0, now - job.From - job.Length), Math.Min(window, now - job.From));
        return old <= young ? 0 : job.Vcpus * (old - young - (((old * old) - (young * young)) / (2 * window)));
    });
}
