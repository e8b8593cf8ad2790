using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Writes the rows of log streams whose attempts are over.</summary>
internal sealed class LogRows(SqliteSession session)
{
    private readonly Dictionary<ScopedName, long> _groups = [];

    /// <summary>Adds a stream; one that is there already stays as it is.</summary>
    public void Insert(LogStreamRow stream) => session
        .Prepare("INSERT OR IGNORE INTO log_streams (log_group, ended_at, name, created_at) VALUES (?1, ?2, ?3, ?4)")
        .Bind(1, IdOf(stream))
        .Bind(2, stream.EndedAt!.Value.ToUnixTimeMilliseconds())
        .Bind(3, stream.Stream)
        .Bind(4, stream.CreatedAt.ToUnixTimeMilliseconds())
        .Run();

    private long IdOf(LogStreamRow stream)
    {
        if (!_groups.TryGetValue(stream.Group, out var id))
        {
            id = session.Prepare("SELECT id FROM log_groups WHERE key = ?1").Bind(1, stream.Group.Key).Number() ?? InsertGroup(stream);
            _groups.Add(stream.Group, id);
        }

        return id;
    }

    private long InsertGroup(LogStreamRow first)
    {
        session.Prepare("INSERT INTO log_groups (key, created_at) VALUES (?1, ?2)")
            .Bind(1, first.Group.Key)
            .Bind(2, first.CreatedAt.ToUnixTimeMilliseconds())
            .Run();
        return session.LastInsertedKey;
    }
}
