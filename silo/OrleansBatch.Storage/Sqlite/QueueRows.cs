using OrleansBatch.Model;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The numbers that stand for queue keys in the rows and six indexes of jobs.</summary>
internal sealed class QueueRows(SqliteSession session)
{
    private readonly Dictionary<ScopedName, long> _ids = [];

    /// <summary>The queue's number; given at its first job.</summary>
    public long IdOf(ScopedName queue)
    {
        if (!_ids.TryGetValue(queue, out var id))
        {
            id = session.Prepare("SELECT id FROM queues WHERE key = ?1").Bind(1, queue.Key).Number() ?? Insert(queue);
            _ids.Add(queue, id);
        }

        return id;
    }

    private long Insert(ScopedName queue)
    {
        session.Prepare("INSERT INTO queues (key) VALUES (?1)").Bind(1, queue.Key).Run();
        return session.LastInsertedKey;
    }
}
