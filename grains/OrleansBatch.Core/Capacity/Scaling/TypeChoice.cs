using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>Chooses the type of the next host for jobs that wait.</summary>
public static class TypeChoice
{
    /// <summary>Chooses.</summary>
    /// <param name="offer">What may be launched.</param>
    /// <param name="needs">Of each job.</param>
    /// <param name="waiting">How many such jobs wait, at least 1.</param>
    /// <param name="roomVcpus">vCPUs left to the maximum; none or less: nothing may be launched.</param>
    /// <remarks>
    /// The strategy ranks the types that hold the job. Among types of equal rank, such as the sizes of one family, it is one that stays
    /// below the maximum if there is any, then the smallest that holds all that waits, or else the one that holds the most.
    /// </remarks>
    public static ChosenType Choose(CapacityOffer offer, ResourceNeeds needs, int waiting, int roomVcpus)
    {
        var large = offer.Types.Where(choice => choice.Type.Capacity.Covers(needs)).ToArray();
        if (large.Length == 0)
        {
            return new(null, 0, UnmetReason.NoTypeLargeEnough, string.Empty);
        }

        if (roomVcpus <= 0 || (!offer.MayExceedMaximum && (large = [.. large.Where(choice => choice.Type.Vcpus <= roomVcpus)]).Length == 0))
        {
            return new(null, 0, UnmetReason.MaximumReached, string.Empty);
        }

        var ranked = large.Select(choice => new Candidate(choice.Type, RankOf(offer, choice, needs, waiting), Holds(choice.Type, needs))).ToArray();
        var first = ranked.Min(candidate => candidate.Rank);
        var wanted = Fitting([.. ranked.Where(candidate => candidate.Rank == first)], waiting, roomVcpus);
        var available = ranked.Where(candidate => offer.IsAvailable(candidate.Type)).ToArray();

        // BEST_FIT waits for its type, whatever else there is.
        if (available.Length == 0 || (offer.Strategy == AllocationStrategy.BestFit && !offer.IsAvailable(wanted.Type)))
        {
            return new(wanted.Type, wanted.Holds, UnmetReason.CapacityShortage, string.Empty);
        }

        var best = available.Min(candidate => candidate.Rank);
        var chosen = Fitting([.. available.Where(candidate => candidate.Rank == best)], waiting, roomVcpus);
        return new(chosen.Type, chosen.Holds, null, Reasons.OfChoice(offer, chosen.Type, large.Length, offer.IsAvailable(wanted.Type) ? null : wanted.Type));
    }

    /// <summary>Types for hosts with one job on each, best first: as the strategy ranks them, and of equal rank the smaller, then the cheaper, then by name.</summary>
    internal static IEnumerable<InstanceType> InOrder(CapacityOffer offer, ResourceNeeds needs, IReadOnlyCollection<InstanceChoice> large) => large
        .OrderBy(choice => RankOf(offer, choice, needs, waiting: 1))
        .ThenBy(choice => choice.Type.Vcpus).ThenBy(choice => choice.Type.UsdPerHour).ThenBy(choice => choice.Type.Name, StringComparer.Ordinal)
        .Select(choice => choice.Type);

    private static Candidate Fitting(Candidate[] equals, int waiting, int roomVcpus)
    {
        var below = equals.Where(candidate => candidate.Type.Vcpus <= roomVcpus).ToArray();
        if (below.Length == 0)
        {
            return equals.OrderBy(candidate => candidate.Type.Vcpus).ThenBy(Price).ThenBy(Name, StringComparer.Ordinal).First();
        }

        var holdsAll = below.Where(candidate => candidate.Holds >= waiting).ToArray();
        return (holdsAll.Length > 0
            ? holdsAll.OrderBy(candidate => candidate.Type.Vcpus)
            : below.OrderByDescending(candidate => candidate.Holds).ThenBy(candidate => candidate.Type.Vcpus))
            .ThenBy(Price).ThenBy(Name, StringComparer.Ordinal).First();

        static decimal Price(Candidate candidate) => candidate.Type.UsdPerHour;
        static string Name(Candidate candidate) => candidate.Type.Name;
    }

    private static Rank RankOf(CapacityOffer offer, InstanceChoice choice, ResourceNeeds needs, int waiting)
    {
        var type = choice.Type;
        var price = type.PriceOf(offer.Purchase);
        var perVcpu = price / type.Vcpus;
        var perJob = price / Math.Min(waiting, Holds(type, needs));
        var wastesGpus = needs.Gpus == 0 && type.Gpus > 0 ? 1 : 0;
        var interruption = (int)type.Interruption;

        // Up to 10 % count as about the same, and so do 10 to 20 %.
        var similar = interruption / 2;
        return offer.Strategy switch
        {
            AllocationStrategy.BestFit => new(wastesGpus, 0, perJob, 0),
            AllocationStrategy.BestFitProgressive => new(wastesGpus, 0, perVcpu, 0),
            AllocationStrategy.SpotCapacityOptimized => new(wastesGpus, interruption, perVcpu, 0),
            AllocationStrategy.SpotPriceCapacityOptimized => new(wastesGpus, similar, perVcpu, interruption),
            AllocationStrategy.BestFitProgressiveOrdered => new(choice.Place, wastesGpus, perJob, 0),
            AllocationStrategy.SpotCapacityOptimizedPrioritized => new(similar, choice.Place, perJob, 0),
            _ => throw new ArgumentOutOfRangeException(nameof(offer), offer.Strategy, "There is no such allocation strategy."),
        };
    }

    private static int Holds(InstanceType type, ResourceNeeds needs) => (int)Math.Min(int.MaxValue, HostPacking.Fits(type.Capacity, needs));

    private sealed record Candidate(InstanceType Type, Rank Rank, int Holds);

    /// <summary>The lower goes first.</summary>
    private readonly record struct Rank(int First, int Second, decimal Third, int Fourth) : IComparable<Rank>
    {
        public int CompareTo(Rank other) => (First, Second, Third, Fourth).CompareTo((other.First, other.Second, other.Third, other.Fourth));
    }
}

/// <summary>The type of the next host.</summary>
/// <param name="Type">The type. With a shortage, the one to wait for; null when there is none at all.</param>
/// <param name="Holds">How many of the jobs a host of it holds.</param>
/// <param name="Refusal">Why none is launched now; null: it is.</param>
/// <param name="Reason">For people: why this type.</param>
public sealed record ChosenType(InstanceType? Type, int Holds, UnmetReason? Refusal, string Reason);

/// <summary>Why jobs that wait get no new host.</summary>
public enum UnmetReason
{
    /// <summary>No type of the environment holds such a job.</summary>
    NoTypeLargeEnough = 0,

    /// <summary>The environment has as many vCPUs as it may have, or would get too many.</summary>
    MaximumReached,

    /// <summary>None of the types it could use is to be had.</summary>
    CapacityShortage,

    /// <summary>The environment is DISABLED or not VALID.</summary>
    Disabled,
}
