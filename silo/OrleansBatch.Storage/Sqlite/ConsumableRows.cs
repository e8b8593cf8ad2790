using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What attempts have taken of consumable resources, and which jobs need them. Asked only for jobs that need some.</summary>
internal sealed class ConsumableRows(SqliteSession session)
{
    public const string Taken = "SELECT quantity FROM consumable_taken WHERE key = ?1";

    private const string Take =
        "INSERT INTO consumable_taken (key, quantity) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET quantity = quantity + ?2";

    /// <summary>Notes what a new job needs.</summary>
    public void Insert(JobRow job, IReadOnlyList<ConsumableNeed> needs)
    {
        foreach (var need in needs)
        {
            session.Prepare("INSERT INTO consumable_needs (job, resource, quantity, is_open) VALUES (?1, ?2, ?3, ?4)")
                .Bind(1, job.Sequence)
                .Bind(2, new ScopedName(job.Scope, need.ResourceName).Key)
                .Bind(3, need.Quantity)
                .Bind(4, job.Status.IsTerminal() ? null : 1)
                .Run();
        }
    }

    /// <summary>Whether there is enough for all of the claims together.</summary>
    public bool CanTake(IEnumerable<ConsumableClaim> claims)
    {
        Dictionary<string, long> left = new(StringComparer.Ordinal);
        foreach (var claim in claims.Where(claim => claim.Quantity > 0))
        {
            var taken = left.TryGetValue(claim.Key, out var known) ? known : session.Prepare(Taken).Bind(1, claim.Key).Number() ?? 0;
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
            TakeAll(row, claims);
        }
        else if (old.Status.IsPlaced() && !row.Status.IsPlaced())
        {
            GiveBack(row);
        }

        // An array needs them until its last child has ended.
        if (row.Index < 0 && row.Status.IsTerminal() && !old.Status.IsTerminal())
        {
            session.Prepare("UPDATE consumable_needs SET is_open = NULL WHERE job = ?1").Bind(1, row.Sequence).Run();
        }
    }

    private void TakeAll(JobRow row, IEnumerable<ConsumableClaim> claims)
    {
        foreach (var claim in claims.Where(claim => claim.Quantity > 0))
        {
            session.Prepare(Take).Bind(1, claim.Key).Bind(2, claim.Quantity).Run();
            session.Prepare("INSERT INTO consumable_claims (job, child, key, quantity, is_replenishable) VALUES (?1, ?2, ?3, ?4, ?5)")
                .Bind(1, row.Sequence)
                .Bind(2, row.Index)
                .Bind(3, claim.Key)
                .Bind(4, claim.Quantity)
                .Bind(5, claim.IsReplenishable ? 1 : 0)
                .Run();
        }
    }

    private void GiveBack(JobRow row)
    {
        List<(string Key, long Quantity)> given = [];
        var select = session.Prepare("SELECT key, quantity, is_replenishable FROM consumable_claims WHERE job = ?1 AND child = ?2")
            .Bind(1, row.Sequence)
            .Bind(2, row.Index);
        while (select.Step())
        {
            if (select.Int32(2) != 0)
            {
                given.Add((select.Text(0), select.Int64(1)));
            }
        }

        select.Reset();
        foreach (var (key, quantity) in given)
        {
            session.Prepare(Take).Bind(1, key).Bind(2, -quantity).Run();
        }

        session.Prepare("DELETE FROM consumable_claims WHERE job = ?1 AND child = ?2").Bind(1, row.Sequence).Bind(2, row.Index).Run();
    }
}
