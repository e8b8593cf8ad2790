using System.Text;
using Npgsql;
using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Reads events: all in the order of their keys, one job's along the chain that its row names the end of.</summary>
internal static class EventReads
{
    private const string Columns = "id, job, child, number, at, what, attempts, reason";

    private const string From = $"SELECT {Columns} FROM job_events WHERE id >= $1 ORDER BY id LIMIT $2";

    private const string Chain =
        $"""
        WITH RECURSIVE chain AS (
            SELECT {Columns}, previous FROM job_events WHERE id = $1
            UNION ALL
            SELECT e.id, e.job, e.child, e.number, e.at, e.what, e.attempts, e.reason, e.previous
            FROM chain JOIN job_events e ON e.id = chain.previous WHERE chain.number > $2 + 1
        )
        SELECT {Columns} FROM chain WHERE number > $2 ORDER BY number LIMIT $3
        """;

    private const string LastOfJob = "SELECT last_event FROM job_states WHERE sequence = $1";

    private const string LastOfUnwritten = "SELECT last_event FROM arrays WHERE sequence = $1";

    private const string LastOfChild = "SELECT last_event FROM array_children WHERE parent = $1 AND index = $2";

    /// <summary>Rows that are read at once.</summary>
    private const int MostAtOnce = 1_000;

    public static async Task<IReadOnlyList<RecordedEvent>?> ReadOfJobAsync(PostgresSession session, Scope scope, string jobId, int after, int limit)
    {
        if (await JobReads.ReadAsync(session, jobId) is not { } job || job.Scope != scope)
        {
            return null;
        }

        return await session.ListAsync(Chain, reader => Recorded(Row(reader), job), await LastOfAsync(session, job), after, limit);
    }

    public static async Task<EventPage> ReadAsync(PostgresSession session, EventFilter filter, EventPosition after, int limit)
    {
        var jobs = new EventJobs(session, filter);
        var page = new EventPageBuilder(jobs, filter, after, limit);
        var (from, count) = (page.From, Math.Min(limit + 1, MostAtOnce));
        while (true)
        {
            var rows = await session.ListAsync(From, Row, from, count);
            await jobs.LoadAsync(rows);
            if (!rows.TrueForAll(page.Add) || rows.Count < count)
            {
                return page.Page;
            }

            (from, count) = (rows[^1].Id + 1, MostAtOnce);
        }
    }

    /// <summary>The event of a position.</summary>
    public static async Task<RecordedEvent?> FindAsync(PostgresSession session, EventPosition position)
    {
        if (await session.FirstAsync(From, Row, position.Id, 1) is not { } row || row.Id != position.Id)
        {
            return null;
        }

        var jobs = new EventJobs(session, filter: null);
        await jobs.LoadAsync([row with { Child = row.Child == EventBook.OfUnwritten ? position.Child : row.Child }]);
        return EventPageBuilder.Find(jobs, row, position);
    }

    private static RecordedEvent Recorded(EventRow row, JobRecord job) =>
        new(new(row.Id, row.Child == EventBook.OfUnwritten ? job.Child!.Index : EventPosition.Whole), job, row.Number, row.Change);

    private static EventRow Row(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetInt64(1),
        reader.IsDBNull(2) ? EventBook.OfJob : reader.GetInt32(2),
        reader.GetInt32(3),
        EventBits.Read(
            reader.GetInt32(5),
            JobReads.Time(reader.GetInt64(4)),
            reader.IsDBNull(7) ? null : Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(7)),
            reader.GetInt32(6)));

    private static async Task<long> LastOfAsync(PostgresSession session, JobRecord job) => await (job switch
    {
        { Child: null } => session.NumberAsync(LastOfJob, job.Sequence),
        { Version: 0 } => session.NumberAsync(LastOfUnwritten, job.Sequence),
        { Child.Index: var index } => session.NumberAsync(LastOfChild, job.Sequence, index),
    }) ?? 0;
}
