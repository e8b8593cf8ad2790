using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Who waits for what, and who was not seen to look since it ended.</summary>
internal sealed class WaitRows(SqliteSession session) : IWaitTable
{
    private bool? _any;

    public bool Any => _any ??= session.Prepare("SELECT max(job) FROM waits").Number() is not null;

    public void Insert(long job, int child, long dependent)
    {
        _any = true;
        session.Prepare("INSERT OR IGNORE INTO waits (job, child, dependent) VALUES (?1, ?2, ?3)").Bind(1, job).Bind(2, child).Bind(3, dependent).Run();
    }

    public void Delete(long job, int child)
    {
        session.Prepare("DELETE FROM waits WHERE job = ?1 AND child = ?2").Bind(1, job).Bind(2, child).Run();
        // There may be nobody left.
        _any = null;
    }

    public IReadOnlyList<long> Dependents(long job, int child)
    {
        List<long> dependents = [];
        var select = session.Prepare("SELECT dependent FROM waits WHERE job = ?1 AND child = ?2").Bind(1, job).Bind(2, child);
        while (select.Step())
        {
            dependents.Add(select.Int64(0));
        }

        select.Reset();
        return dependents;
    }

    public IReadOnlyList<int> AwaitedChildren(long job)
    {
        List<int> children = [];
        var select = session.Prepare("SELECT DISTINCT child FROM waits WHERE job = ?1 AND child >= 0").Bind(1, job);
        while (select.Step())
        {
            children.Add((int)select.Int64(0));
        }

        select.Reset();
        return children;
    }

    public void Owe(long dependent, int look, long stamp) =>
        session.Prepare("INSERT INTO owed_looks (dependent, child, stamp) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET stamp = ?3")
            .Bind(1, dependent)
            .Bind(2, look)
            .Bind(3, stamp)
            .Run();

    public void Looked(long dependent, int look, long stamp) =>
        session.Prepare("DELETE FROM owed_looks WHERE dependent = ?1 AND child = ?2 AND stamp = ?3").Bind(1, dependent).Bind(2, look).Bind(3, stamp).Run();
}
