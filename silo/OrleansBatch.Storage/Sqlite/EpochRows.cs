namespace OrleansBatch.Storage.Sqlite;

/// <summary>The newest epoch of each key; remembered, so that a guard costs no read.</summary>
internal sealed class EpochRows(SqliteSession session)
{
    private readonly Dictionary<string, long> _newest = new(StringComparer.Ordinal);

    /// <summary>The newest epoch; 0 when none was taken.</summary>
    public long Newest(string key)
    {
        if (!_newest.TryGetValue(key, out var epoch))
        {
            epoch = session.Prepare("SELECT epoch FROM epochs WHERE key = ?1").Bind(1, key).Number() ?? 0;
            _newest.Add(key, epoch);
        }

        return epoch;
    }

    public long Take(string key)
    {
        var epoch = Newest(key) + 1;
        session.Prepare("INSERT INTO epochs (key, epoch) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch")
            .Bind(1, key)
            .Bind(2, epoch)
            .Run();
        _newest[key] = epoch;
        return epoch;
    }
}
