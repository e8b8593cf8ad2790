using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What attempts have taken of consumable resources, and which jobs need them.</summary>
internal sealed class ConsumableRows(SqliteSession session) : IConsumableTable
{
    public const string TakenOf = "SELECT quantity FROM consumable_taken WHERE key = ?1";

    private const string Add =
        "INSERT INTO consumable_taken (key, quantity) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET quantity = quantity + ?2";

    public long Taken(string key) => session.Prepare(TakenOf).Bind(1, key).Number() ?? 0;

    public void Take(string key, long quantity) => session.Prepare(Add).Bind(1, key).Bind(2, quantity).Run();

    public void InsertClaim(JobRow row, ConsumableClaim claim) =>
        session.Prepare("INSERT INTO consumable_claims (job, child, key, quantity, is_replenishable) VALUES (?1, ?2, ?3, ?4, ?5)")
            .Bind(1, row.Sequence)
            .Bind(2, row.Index)
            .Bind(3, claim.Key)
            .Bind(4, claim.Quantity)
            .Bind(5, claim.IsReplenishable ? 1 : 0)
            .Run();

    public IReadOnlyList<(string Key, long Quantity, bool IsReplenishable)> Claims(JobRow row)
    {
        List<(string, long, bool)> claims = [];
        var select = session.Prepare("SELECT key, quantity, is_replenishable FROM consumable_claims WHERE job = ?1 AND child = ?2")
            .Bind(1, row.Sequence)
            .Bind(2, row.Index);
        while (select.Step())
        {
            claims.Add((select.Text(0), select.Int64(1), select.Int32(2) != 0));
        }

        select.Reset();
        return claims;
    }

    public void DeleteClaims(JobRow row) =>
        session.Prepare("DELETE FROM consumable_claims WHERE job = ?1 AND child = ?2").Bind(1, row.Sequence).Bind(2, row.Index).Run();

    public void InsertNeed(JobRow job, string resource, long quantity, bool isOpen) =>
        session.Prepare("INSERT INTO consumable_needs (job, resource, quantity, is_open) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, job.Sequence)
            .Bind(2, resource)
            .Bind(3, quantity)
            .Bind(4, isOpen ? 1 : null)
            .Run();

    public void CloseNeeds(JobRow job) => session.Prepare("UPDATE consumable_needs SET is_open = NULL WHERE job = ?1").Bind(1, job.Sequence).Run();
}
