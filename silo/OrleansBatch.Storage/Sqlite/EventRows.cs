using OrleansBatch.Core.Events;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Writes events: each at the end of the table, with the next key.</summary>
internal sealed class EventRows(SqliteSession session) : IEventTable
{
    private const string InsertRow =
        """
        INSERT INTO job_events (id, job, child, number, previous, at, what, attempts, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """;

    private long? _newest;

    public long Newest => _newest ??= session.Prepare("SELECT last_event FROM commit_mark WHERE id = 1").Number() ?? 0;

    public void Insert(long job, int child, EventMark mark, long previous, JobChange change)
    {
        session.Prepare(InsertRow)
            .Bind(1, mark.Id)
            .Bind(2, job)
            .Bind(3, child == EventBook.OfJob ? null : child)
            .Bind(4, mark.Number)
            .Bind(5, previous)
            .Bind(6, change.At.ToUnixTimeMilliseconds())
            .Bind(7, EventBits.Of(change))
            .Bind(8, change.Attempts)
            .Bind(9, change.StatusReason)
            .Run();
        _newest = mark.Id;
    }
}
