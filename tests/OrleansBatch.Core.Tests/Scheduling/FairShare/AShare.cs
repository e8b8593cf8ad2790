using OrleansBatch.Core.Scheduling.FairShare;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>Fair-share lines and their jobs, in seconds and whole vCPUs.</summary>
internal static class AShare
{
    public static readonly DateTimeOffset T0 = new(2026, 1, 11, 23, 36, 40, TimeSpan.Zero);

    public static DateTimeOffset At(double seconds) => T0.AddSeconds(seconds);

    public static FairShareSettings Policy(int decaySeconds = 600, int reservation = 0, params (string Share, double Weight)[] shares) => FairShareSettings.Of(new()
    {
        ShareDecaySeconds = decaySeconds,
        ComputeReservation = reservation,
        ShareDistribution = [.. shares.Select(share => new ShareAttributes { ShareIdentifier = share.Share, WeightFactor = share.Weight })],
    });

    public static FairShareLine Line(params (string Share, double Weight)[] shares) => new(Policy(shares: shares));

    public static FairShareJob Job(string share, long sequence, int priority = 0, int vcpus = 1, bool triedBefore = false) =>
        new($"{share}{sequence}", share, priority, triedBefore, sequence, AQueue.Needs(vcpus));

    public static FairShareLine With(this FairShareLine line, params FairShareJob[] jobs)
    {
        foreach (var job in jobs)
        {
            line.Add(job, T0);
        }

        return line;
    }

    /// <summary>A job of a share has run, and is over.</summary>
    public static FairShareLine AfterUse(this FairShareLine line, string share, double fromSeconds, double toSeconds, int vcpus = 1)
    {
        line.Used(share, vcpus * 1000L, At(fromSeconds), At(toSeconds), At(toSeconds));
        return line;
    }

    public static string Order(this FairShareLine line, double seconds, int most = int.MaxValue) =>
        string.Join(' ', line.InOrder(At(seconds)).Take(most).Select(job => job.JobId));
}
