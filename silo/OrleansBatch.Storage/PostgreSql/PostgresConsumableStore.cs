using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;
using OrleansBatch.Storage.PostgreSql.Reading;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>What jobs hold and need of consumable resources, from the database of the jobs.</summary>
public sealed class PostgresConsumableStore(PostgresDatabase database) : IConsumableStore
{
    private const string Taken = "SELECT quantity FROM consumable_taken WHERE key = $1";

    private const string IsNeeded = "SELECT 1 FROM consumable_needs WHERE resource = $1 AND is_open LIMIT 1";

    private const string Newest =
        """
        SELECT n.job, s.status, j.name_folded, j.job_id
        FROM consumable_needs n JOIN jobs j ON j.sequence = n.job JOIN job_states s ON s.sequence = n.job
        WHERE n.resource = $1 AND n.job < $2 ORDER BY n.job DESC LIMIT $3
        """;

    /// <summary>Rows that are read at once: a page without filters has no more.</summary>
    private const int MostAtOnce = 1_000;

    /// <inheritdoc/>
    public async Task<long> TakenAsync(string key, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.NumberAsync(Taken, key), cancellationToken) ?? 0;

    /// <inheritdoc/>
    public async Task<bool> IsNeededAsync(ScopedName resource, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.NumberAsync(IsNeeded, resource.Key), cancellationToken) is not null;

    /// <inheritdoc/>
    public async Task<ConsumableJobPage> ListJobsAsync(ConsumableJobListing listing, CancellationToken cancellationToken)
    {
        var looks = new ConsumableJobLooks(listing);
        return await database.Readers.ReadTogetherAsync(session => ReadAsync(session, listing, looks), cancellationToken);
    }

    private static async Task<ConsumableJobPage> ReadAsync(PostgresSession session, ConsumableJobListing listing, ConsumableJobLooks looks)
    {
        var count = Math.Min(listing.Limit + 1, MostAtOnce);
        while (true)
        {
            var rows = await session.ListAsync(
                Newest,
                reader => (Sequence: reader.GetInt64(0), Status: (JobStatus)reader.GetInt16(1), Name: reader.GetString(2), JobId: reader.GetString(3)),
                listing.Resource.Key,
                looks.Last,
                count);
            var isFull = !rows.TrueForAll(row => looks.Add(row.Sequence, row.Status, row.Name, row.JobId));
            if (isFull || rows.Count < count)
            {
                var jobs = await JobReads.ReadAsync(session, looks.Found);
                return looks.Page(jobId => jobs[jobId], isLast: !isFull);
            }

            count = MostAtOnce;
        }
    }
}
