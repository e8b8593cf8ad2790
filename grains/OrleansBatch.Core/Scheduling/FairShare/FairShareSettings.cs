using System.Collections.Frozen;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Core.Scheduling.FairShare;

/// <summary>A scheduling policy as the line reads it.</summary>
/// <remarks>Source: AWS Batch API, FairsharePolicy; AWS Batch user guide, "Fair-share scheduling policies".</remarks>
public sealed class FairShareSettings
{
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(600);

    private readonly FrozenDictionary<string, double> _shares;
    private readonly FrozenDictionary<string, double> _prefixes;

    private FairShareSettings(FairsharePolicy policy)
    {
        // A policy with no decay keeps the shortest window.
        Window = policy.ShareDecaySeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : ShortestWindow;
        ReservationPercent = policy.ComputeReservation ?? 0;
        var entries = policy.ShareDistribution ?? [];
        _shares = entries.Where(entry => !IsPrefix(entry)).ToFrozenDictionary(entry => entry.ShareIdentifier!, Weight, StringComparer.Ordinal);
        _prefixes = entries.Where(IsPrefix).ToFrozenDictionary(entry => entry.ShareIdentifier![..^1], Weight, StringComparer.Ordinal);

        static bool IsPrefix(ShareAttributes entry) => entry.ShareIdentifier!.EndsWith('*');
        static double Weight(ShareAttributes entry) => entry.WeightFactor ?? 1;
    }

    /// <summary>How far back use counts, and how long a share is active after its last job.</summary>
    public TimeSpan Window { get; }

    /// <summary>See <see cref="FairShareRules.Reserved"/>.</summary>
    public int ReservationPercent { get; }

    /// <summary>Reads a policy that the rules have accepted.</summary>
    public static FairShareSettings Of(FairsharePolicy policy) => new(policy);

    /// <summary>The entry that a share falls under.</summary>
    /// <returns>Its weight, and the prefix of those with which it shares one allotment; null: it stands alone. Without an entry: 1, alone.</returns>
    public (double Weight, string? Prefix) EntryOf(string share)
    {
        if (_shares.TryGetValue(share, out var weight))
        {
            return (weight, null);
        }

        // No two prefixes cover the same share, so the first found is the only one.
        for (var length = 1; _prefixes.Count > 0 && length <= share.Length; length++)
        {
            if (_prefixes.TryGetValue(share[..length], out weight))
            {
                return (weight, share[..length]);
            }
        }

        return (1, null);
    }
}
