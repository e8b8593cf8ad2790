using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Pages of a queue's jobs, each by the index that has its order.</summary>
internal static class JobListings
{
    private const string Columns =
        "SELECT j.created_at, j.sequence, j.name_folded, j.job_id, j.name, j.definition_name, j.definition_revision, j.vcpu_millis, j.memory_mib, j.gpus, s.state, j.share, j.is_gang, "
        + JobReads.CountColumns;

    private const string ByJob = " FROM jobs j JOIN job_states s ON s.sequence = j.sequence LEFT JOIN arrays a ON a.sequence = j.sequence WHERE j.queue = $1";

    private const string ByState = " FROM job_states s JOIN jobs j ON j.sequence = s.sequence LEFT JOIN arrays a ON a.sequence = s.sequence WHERE s.queue = $1";

    private const string NewestJob = " AND (j.created_at, j.sequence) < ($2, $3) ORDER BY j.created_at DESC, j.sequence DESC LIMIT $4";

    private const string NewestState = " AND (s.created_at, s.sequence) < ($2, $3) ORDER BY s.created_at DESC, s.sequence DESC LIMIT $4";

    private const string InStatus = Columns + ByState + " AND s.status = $5" + NewestState;

    private const string InShareAndStatus = Columns + ByState + " AND s.share = $5 AND s.status = $6" + NewestState;

    private const string InShare = Columns + ByJob + " AND j.share = $5" + NewestJob;

    private const string Named = Columns + ByJob + " AND j.name_folded = $5" + NewestJob;

    private const string NamedBetween =
        Columns + ByJob + " AND j.name_folded > $3 AND j.name_folded < $4 ORDER BY j.name_folded, j.created_at DESC, j.sequence DESC LIMIT $2";

    private const string OfDefinition = Columns + ByJob + " AND j.definition_name = $5" + NewestJob;

    /// <remarks>As a range of one revision, for then only the index of revisions has the order: with two that have it the planner chooses by what it guesses.</remarks>
    private const string OfRevision = Columns + ByJob
        + " AND j.definition_name = $5 AND j.definition_revision >= $6 AND (j.definition_revision, j.created_at, j.sequence) < ($6, $2, $3)"
        + " ORDER BY j.definition_revision DESC, j.created_at DESC, j.sequence DESC LIMIT $4";

    private const string Created = Columns + ByJob + NewestJob;

    private const string CreatedAfter = Columns + ByJob + " AND j.created_at > $5" + NewestJob;

    /// <remarks>
    /// Each name has its jobs in order in the index, all names together have not. The names are found by leaps through the index; of them only those with
    /// the newest heads, as many as the page has jobs, can have a job on it, and each gives as many as the page has at most.
    /// </remarks>
    private const string OfDefinitions =
        """
        WITH RECURSIVE names AS (
            (SELECT n.definition_name FROM jobs n WHERE n.queue = $1 AND n.definition_name >= $5 AND n.definition_name < $6 ORDER BY n.definition_name LIMIT 1)
            UNION ALL
            SELECT (
                SELECT n.definition_name FROM jobs n WHERE n.queue = $1 AND n.definition_name > last.definition_name AND n.definition_name < $6
                ORDER BY n.definition_name LIMIT 1)
            FROM names last WHERE last.definition_name IS NOT NULL
        ), heads AS (
            SELECT h.definition_name FROM names CROSS JOIN LATERAL (
                SELECT k.definition_name, k.created_at, k.sequence FROM jobs k
                WHERE k.queue = $1 AND k.definition_name = names.definition_name AND (k.created_at, k.sequence) < ($2, $3)
                ORDER BY k.created_at DESC, k.sequence DESC LIMIT 1) h
            ORDER BY h.created_at DESC, h.sequence DESC LIMIT $4
        ), page AS (
            SELECT p.created_at, p.sequence FROM heads CROSS JOIN LATERAL (
                SELECT k.created_at, k.sequence FROM jobs k
                WHERE k.queue = $1 AND k.definition_name = heads.definition_name AND (k.created_at, k.sequence) < ($2, $3)
                ORDER BY k.created_at DESC, k.sequence DESC LIMIT $4) p
            ORDER BY p.created_at DESC, p.sequence DESC LIMIT $4
        )

        """
        + Columns
        + " FROM page JOIN jobs j ON j.sequence = page.sequence JOIN job_states s ON s.sequence = j.sequence LEFT JOIN arrays a ON a.sequence = j.sequence"
        + " ORDER BY page.created_at DESC, page.sequence DESC";

    private const string QueueId = "SELECT id FROM queues WHERE key = $1";

    public static async Task<JobPage> ReadAsync(PostgresSession session, JobListing listing)
    {
        var after = listing.After is null ? (JobCursor?)null : JobCursor.Parse(listing.After);
        if (await session.NumberAsync(QueueId, listing.Queue.Key) is not { } queue)
        {
            return new([], null);
        }

        // One more than asked tells whether there is a next page.
        var range = new Range(session, (int)queue, after ?? JobCursor.Start, listing.Limit + 1);
        var rows = await (listing.Filter switch
        {
            JobFilter.InStatus filter => range.ListAsync(InStatus, (short)filter.Status),
            JobFilter.Named { IsPrefix: true } filter => NamedAsync(range, filter.Name.ToLowerInvariant(), after),
            JobFilter.Named filter => range.ListAsync(Named, filter.Name.ToLowerInvariant()),
            JobFilter.OfDefinition { IsPrefix: true } filter => range.ListAsync(OfDefinitions, filter.Name, NamePrefix.UpperBound(filter.Name) ?? NamePrefix.Top),
            JobFilter.OfDefinition { Revision: { } revision } filter => range.ListAsync(OfRevision, filter.Name, revision),
            JobFilter.OfDefinition filter => range.ListAsync(OfDefinition, filter.Name),
            JobFilter.InShare { Status: { } status } filter => range.ListAsync(InShareAndStatus, filter.Share, (short)status),
            JobFilter.InShare filter => range.ListAsync(InShare, filter.Share),
            // As if the page before had ended with that time: with no sequence, so that nothing of it is left.
            JobFilter.CreatedBefore filter => (range with { After = after ?? new(filter.Time.ToUnixTimeMilliseconds(), 0, "") }).ListAsync(Created),
            JobFilter.CreatedAfter filter => range.ListAsync(CreatedAfter, filter.Time.ToUnixTimeMilliseconds()),
            _ => throw new ArgumentException($"No such filter: {listing.Filter}.", nameof(listing)),
        });
        return JobPages.Of(rows, listing.Limit);
    }

    private static async Task<List<JobPages.Row>> NamedAsync(Range range, string prefix, JobCursor? after)
    {
        // A name's own rest, then the names above it: no single range of the index has that order.
        var current = JobPages.NameOf(prefix, after);
        var rows = await range.ListAsync(Named, current);
        if (rows.Count < range.Limit)
        {
            rows.AddRange(await range.Session.ListAsync(
                NamedBetween, ReadRow, range.Queue, range.Limit - rows.Count, current, NamePrefix.UpperBound(prefix) ?? NamePrefix.Top));
        }

        return rows;
    }

    private static JobPages.Row ReadRow(NpgsqlDataReader reader) => new(
        new(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)),
        new()
        {
            JobId = reader.GetString(3),
            JobName = reader.GetString(4),
            DefinitionName = reader.GetString(5),
            DefinitionRevision = reader.GetInt32(6),
            CreatedAt = JobReads.Time(reader.GetInt64(0)),
            Needs = new() { VcpuMillis = reader.GetInt64(7), MemoryMiB = reader.GetInt64(8), Gpus = reader.GetInt32(9) },
            State = JobReads.State(reader, 10),
            Share = reader.IsDBNull(11) ? null : reader.GetString(11),
            IsGang = reader.GetBoolean(12),
            Children = JobReads.Counts(reader, 13),
        });

    /// <summary>A range of jobs, newest first.</summary>
    private sealed record Range(PostgresSession Session, int Queue, JobCursor After, int Limit)
    {
        public Task<List<JobPages.Row>> ListAsync(string text, params object[] own) =>
            Session.ListAsync(text, ReadRow, [Queue, After.CreatedAt, After.Sequence, Limit, .. own]);
    }
}
