using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>A range of jobs that one index holds by time of creation and sequence, read from the newest on.</summary>
/// <remarks>
/// Two statements: what is left of the cursor's own millisecond, then what is earlier. SQLite would take only the time of a
/// comparison <c>(created_at, sequence) &lt; (?, ?)</c> to the index, and walk through all that were created in that millisecond, such as a whole array.
/// </remarks>
/// <param name="select">Up to the conditions that hold the range, on table <c>j</c>. Its own parameters begin with 5, the queue is 1.</param>
internal sealed class NewestFirst(string select)
{
    private readonly string _sameTime = select + " AND j.created_at = ?2 AND j.sequence < ?3 ORDER BY j.sequence DESC LIMIT ?4";
    private readonly string _earlier = select + " AND j.created_at < ?2 ORDER BY j.created_at DESC, j.sequence DESC LIMIT ?4";

    /// <summary>The rest of the cursor's own millisecond.</summary>
    public Statement SameTime(SqliteSession session, long queue, JobCursor after, int limit) =>
        session.Prepare(_sameTime).Bind(1, queue).Bind(2, after.CreatedAt).Bind(3, after.Sequence).Bind(4, limit);

    /// <summary>All that is earlier than the cursor.</summary>
    public Statement Earlier(SqliteSession session, long queue, JobCursor after, int limit) =>
        session.Prepare(_earlier).Bind(1, queue).Bind(2, after.CreatedAt).Bind(4, limit);
}
