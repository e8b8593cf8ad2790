using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What jobs hold and need of consumable resources, from the file of the jobs.</summary>
public sealed class SqliteConsumableStore(SqliteDatabase database) : IConsumableStore
{
    private const string IsNeeded =
        "SELECT 1 FROM consumable_needs INDEXED BY consumable_needs_open WHERE resource = ?1 AND is_open = 1 LIMIT 1";

    private const string Newest =
        """
        SELECT n.job, j.status, j.name_folded, j.job_id
        FROM consumable_needs n INDEXED BY consumable_needs_by_resource JOIN jobs j ON j.sequence = n.job
        WHERE n.resource = ?1 AND n.job < ?2 ORDER BY n.job DESC LIMIT ?3
        """;

    /// <inheritdoc/>
    public async Task<long> TakenAsync(string key, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => session.Prepare(ConsumableRows.TakenOf).Bind(1, key).Number() ?? 0, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> IsNeededAsync(ScopedName resource, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => session.Prepare(IsNeeded).Bind(1, resource.Key).Number() is not null, cancellationToken);

    /// <inheritdoc/>
    public async Task<ConsumableJobPage> ListJobsAsync(ConsumableJobListing listing, CancellationToken cancellationToken)
    {
        var looks = new ConsumableJobLooks(listing);
        return await database.Readers.ReadTogetherAsync(session => Read(session, listing, looks), cancellationToken);
    }

    private static ConsumableJobPage Read(SqliteSession session, ConsumableJobListing listing, ConsumableJobLooks looks)
    {
        var select = session.Prepare(Newest).Bind(1, listing.Resource.Key).Bind(2, looks.Last).Bind(3, ConsumableJobLooks.PerPage + 1);
        var isLast = !select.Step();
        while (!isLast && looks.Add(select.Int64(0), (JobStatus)select.Int32(1), select.Text(2), select.Text(3)))
        {
            isLast = !select.Step();
        }

        select.Reset();
        return looks.Page(jobId => SqliteJobStore.Read(session, jobId)!, isLast);
    }
}
