using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>Who waits for what, and who was not seen to look since it ended.</summary>
internal sealed class WaitBook(IWaitTable table)
{
    public const int Whole = -1;
    public const int EachToEach = -2;
    public const int Sequence = -3;

    /// <summary>Notes what a new job waits for. True when some of it has ended already: the job owes itself a look.</summary>
    public bool Insert(long dependent, IEnumerable<(JobRow Target, WaitKind Kind)> waits)
    {
        var isOwed = false;
        foreach (var (target, kind) in waits)
        {
            var isOver = kind == WaitKind.Whole && target.Status is JobStatus.Succeeded or JobStatus.Failed;
            if (!isOver)
            {
                table.Insert(target.Sequence, kind switch { WaitKind.EachToEach => EachToEach, WaitKind.Sequence => Sequence, _ => target.Index }, dependent);
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
        if (!table.Any)
        {
            return;
        }

        if (job.Index < 0)
        {
            Take(job.Sequence, Whole, Whole, owed);
            Take(job.Sequence, EachToEach, Whole, owed);
            table.Delete(job.Sequence, Sequence);
            return;
        }

        Take(job.Sequence, job.Index, Whole, owed);
        _ = Tell(job.Sequence, EachToEach, job.Index, owed);
        _ = Tell(job.Sequence, Sequence, job.Index + 1, owed);
    }

    /// <summary>All children of an array that had no rows have ended with their parent's.</summary>
    public void UnwrittenEnded(JobRow parent, List<long> owed)
    {
        if (!table.Any)
        {
            return;
        }

        _ = Tell(parent.Sequence, EachToEach, Whole, owed);
        foreach (var child in table.AwaitedChildren(parent.Sequence))
        {
            _ = Tell(parent.Sequence, child, Whole, owed);
        }
    }

    public void Looked(long dependent, IReadOnlyList<OwedLook> looks)
    {
        foreach (var look in looks)
        {
            table.Looked(dependent, look.Child, look.Stamp);
        }
    }

    private void Take(long job, int child, int look, List<long> owed)
    {
        if (Tell(job, child, look, owed))
        {
            table.Delete(job, child);
        }
    }

    private bool Tell(long job, int child, int look, List<long> owed)
    {
        var dependents = table.Dependents(job, child);
        foreach (var dependent in dependents)
        {
            owed.Add(dependent);
            Owe(dependent, look);
        }

        return dependents.Count > 0;
    }

    private void Owe(long dependent, int look) => table.Owe(dependent, look, Random.Shared.NextInt64());
}
