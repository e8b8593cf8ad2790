using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>What attempts take of consumable resources, and give back. Asked only for jobs that need some.</summary>
internal sealed class ConsumableBook(IConsumableTable table)
{
    /// <summary>Notes what a new job needs.</summary>
    public void Insert(JobRow job, IReadOnlyList<ConsumableNeed> needs)
    {
        foreach (var need in needs)
        {
            table.InsertNeed(job, new ScopedName(job.Scope, need.ResourceName).Key, need.Quantity, isOpen: !job.Status.IsTerminal());
        }
    }

    /// <summary>Whether there is enough for all of the claims together.</summary>
    public bool CanTake(IEnumerable<ConsumableClaim> claims)
    {
        Dictionary<string, long> left = new(StringComparer.Ordinal);
        foreach (var claim in claims.Where(claim => claim.Quantity > 0))
        {
            var taken = left.TryGetValue(claim.Key, out var known) ? known : table.Taken(claim.Key);
            // Never a sum: it could be more than a number holds.
            if (claim.Quantity > claim.Limit - taken)
            {
                return false;
            }

            left[claim.Key] = taken + claim.Quantity;
        }

        return true;
    }

    /// <summary>A job has moved: what starts takes, what is over gives back.</summary>
    public void Moved(JobRow old, JobRow row, IEnumerable<ConsumableClaim> claims)
    {
        if (row.Status.IsPlaced() && !old.Status.IsPlaced())
        {
            foreach (var claim in claims.Where(claim => claim.Quantity > 0))
            {
                table.Take(claim.Key, claim.Quantity);
                table.InsertClaim(row, claim);
            }
        }
        else if (old.Status.IsPlaced() && !row.Status.IsPlaced())
        {
            foreach (var (key, quantity, _) in table.Claims(row).Where(claim => claim.IsReplenishable))
            {
                table.Take(key, -quantity);
            }

            table.DeleteClaims(row);
        }

        // An array needs them until its last child has ended.
        if (row.Index < 0 && row.Status.IsTerminal() && !old.Status.IsTerminal())
        {
            table.CloseNeeds(row);
        }
    }
}
