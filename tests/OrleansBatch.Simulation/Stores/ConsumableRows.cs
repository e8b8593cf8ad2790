using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Stores;

/// <summary>What attempts have taken of consumable resources: a counter for each resource, and each attempt's part of it until the attempt is over.</summary>
internal sealed class ConsumableRows(PlantedBug bug)
{
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Job, int Child), ImmutableArray<ConsumableClaim>> _claims = [];

    /// <summary>How many jobs and children hold something, or have used it up in the attempt that is under way.</summary>
    public int Claimants => _claims.Count;

    /// <summary>How much of a resource is gone: held by attempts or, of what is not given back, ever.</summary>
    public long Taken(string key) => _taken.GetValueOrDefault(key);

    /// <summary>What the attempt of a job, or of a child, has claimed of a resource.</summary>
    public long Claimed(string jobId, int child, string key) =>
        _claims.TryGetValue((jobId, child), out var claims) ? Sum(claims, key) : 0;

    /// <summary>What all attempts have claimed of a resource.</summary>
    public long Claimed(string key) => _claims.Values.Sum(claims => Sum(claims, key));

    /// <summary>Whether there is enough for all of the claims together.</summary>
    public bool CanTake(IEnumerable<ConsumableClaim> claims)
    {
        Dictionary<string, long> taken = new(StringComparer.Ordinal);
        foreach (var claim in claims.Where(claim => claim.Quantity > 0))
        {
            var before = taken.TryGetValue(claim.Key, out var known) ? known : Taken(claim.Key);
            if (claim.Quantity > claim.Limit - before)
            {
                return false;
            }

            taken[claim.Key] = before + claim.Quantity;
        }

        return true;
    }

    /// <summary>A job has moved: what starts takes, what is over gives back.</summary>
    public void Moved(string jobId, int child, JobStatus before, JobStatus after, ImmutableArray<ConsumableClaim> claims)
    {
        if (after.IsPlaced() && !before.IsPlaced())
        {
            TakeAll(jobId, child, claims);
        }
        else if (before.IsPlaced() && !after.IsPlaced())
        {
            GiveBack(jobId, child);
        }
    }

    private void TakeAll(string jobId, int child, ImmutableArray<ConsumableClaim> claims)
    {
        foreach (var claim in claims.Where(claim => claim.Quantity > 0))
        {
            _taken[claim.Key] = Taken(claim.Key) + claim.Quantity;
            _claims[(jobId, child)] = [.. _claims.GetValueOrDefault((jobId, child), []), claim];
        }
    }

    private void GiveBack(string jobId, int child)
    {
        if (bug == PlantedBug.NeverGivenBack || !_claims.TryGetValue((jobId, child), out var claims))
        {
            return;
        }

        foreach (var claim in claims.Where(claim => claim.IsReplenishable || bug == PlantedBug.CreditsComeBack))
        {
            _taken[claim.Key] = Taken(claim.Key) - (claim.Quantity * (bug == PlantedBug.GivenBackTwice ? 2 : 1));
        }

        _ = _claims.Remove((jobId, child));
    }

    private static long Sum(ImmutableArray<ConsumableClaim> claims, string key) => claims.Where(claim => claim.Key == key).Sum(claim => claim.Quantity);
}
