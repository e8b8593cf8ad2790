using System.Globalization;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What jobs hold and need of consumable resources, from the file of the jobs.</summary>
public sealed class SqliteConsumableStore(SqliteDatabase database) : IConsumableStore
{
    /// <summary>Jobs that one page looks at, whatever its filters leave of them.</summary>
    internal const int LooksPerPage = 5_000;

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
        var before = listing.After is null ? long.MaxValue : Sequence(listing.After);
        return await database.Readers.ReadTogetherAsync(session => Read(session, listing, before), cancellationToken);
    }

    private static ConsumableJobPage Read(SqliteSession session, ConsumableJobListing listing, long before)
    {
        List<string> found = [];
        var (looks, last, isLast) = (0, before, false);
        var select = session.Prepare(Newest).Bind(1, listing.Resource.Key).Bind(2, before).Bind(3, LooksPerPage + 1);
        while (true)
        {
            if (!select.Step())
            {
                isLast = true;
                break;
            }

            // There is one more: the next page begins with it.
            if (found.Count == listing.Limit || looks == LooksPerPage)
            {
                break;
            }

            looks++;
            last = select.Int64(0);
            if ((listing.Status is null || (JobStatus)select.Int32(1) == listing.Status) && listing.Name?.Matches(select.Text(2)) != false)
            {
                found.Add(select.Text(3));
            }
        }

        select.Reset();
        return new(
            [.. found.Select(jobId => SqliteJobStore.Read(session, jobId)!)],
            isLast ? null : last.ToString(CultureInfo.InvariantCulture));
    }

    private static long Sequence(string cursor) => long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
        ? sequence
        : throw new FormatException($"'{cursor}' is not a cursor of this store.");
}
