using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Who waits for what, and who was not seen to look since it ended.</summary>
internal sealed class WaitRows(SqliteSession session)
{
    public const int Whole = -1;
    private const int EachToEach = -2;
    private const int Sequence = -3;

    /// <summary>Whether anyone waits at all: most jobs end without a look at the table.</summary>
    private bool? _any;

    private bool Any => _any ??= session.Prepare("SELECT max(job) FROM waits").Number() is not null;

    /// <summary>Notes what a new job waits for. True when some of it has ended already: the job owes itself a look.</summary>
    public bool Insert(long dependent, IEnumerable<(JobRow Target, WaitKind Kind)> waits)
    {
        var isOwed = false;
        foreach (var (target, kind) in waits)
        {
            var isOver = kind == WaitKind.Whole && target.Status is Model.Jobs.JobStatus.Succeeded or Model.Jobs.JobStatus.Failed;
            if (!isOver)
            {
                _any = true;
                session.Prepare("INSERT OR IGNORE INTO waits (job, child, dependent) VALUES (?1, ?2, ?3)")
                    .Bind(1, target.Sequence)
                    .Bind(2, kind switch { WaitKind.EachToEach => EachToEach, WaitKind.Sequence => Sequence, _ => target.Index })
                    .Bind(3, dependent)
                    .Run();
            }

            // Whether children of the other array have ended is seen by the look; a sequence begins with one.
            isOwed |= isOver || kind != WaitKind.Whole;
        }

        if (isOwed)
        {
            Owe(dependent, Whole);
        }

        return isOwed;
    }

    /// <summary>A job has ended: those who wait for it owe a look. Adds them to the list.</summary>
    public void Ended(JobRow job, List<long> owed)
    {
        if (!Any)
        {
            return;
        }

        if (job.Index < 0)
        {
            Take(job.Sequence, Whole, Whole, owed);
            Take(job.Sequence, EachToEach, Whole, owed);
            Forget(job.Sequence, Sequence);
            return;
        }

        Take(job.Sequence, job.Index, Whole, owed);
        Tell(job.Sequence, EachToEach, job.Index, owed);
        Tell(job.Sequence, Sequence, job.Index + 1, owed);
    }

    /// <summary>All children of an array that had no rows have ended with their parent's.</summary>
    public void UnwrittenEnded(JobRow parent, List<long> owed)
    {
        if (!Any)
        {
            return;
        }

        Tell(parent.Sequence, EachToEach, Whole, owed);
        foreach (var child in AwaitedChildren(parent.Sequence))
        {
            Tell(parent.Sequence, child, Whole, owed);
        }
    }

    private List<int> AwaitedChildren(long job)
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

    public void Looked(long dependent, IReadOnlyList<OwedLook> looks)
    {
        foreach (var look in looks)
        {
            session.Prepare("DELETE FROM owed_looks WHERE dependent = ?1 AND child = ?2 AND stamp = ?3")
                .Bind(1, dependent)
                .Bind(2, look.Child)
                .Bind(3, look.Stamp)
                .Run();
        }
    }

    private void Take(long job, int child, int look, List<long> owed)
    {
        if (Tell(job, child, look, owed))
        {
            Forget(job, child);
        }
    }

    private void Forget(long job, int child)
    {
        session.Prepare("DELETE FROM waits WHERE job = ?1 AND child = ?2").Bind(1, job).Bind(2, child).Run();
        // There may be nobody left.
        _any = null;
    }

    private bool Tell(long job, int child, int look, List<long> owed)
    {
        var first = owed.Count;
        var select = session.Prepare("SELECT dependent FROM waits WHERE job = ?1 AND child = ?2").Bind(1, job).Bind(2, child);
        while (select.Step())
        {
            owed.Add(select.Int64(0));
        }

        select.Reset();
        for (var i = first; i < owed.Count; i++)
        {
            Owe(owed[i], look);
        }

        return owed.Count > first;
    }

    private void Owe(long dependent, int look) =>
        session.Prepare("INSERT INTO owed_looks (dependent, child, stamp) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET stamp = ?3")
            .Bind(1, dependent)
            .Bind(2, look)
            .Bind(3, Random.Shared.NextInt64())
            .Run();
}
