using OrleansBatch.GrainInterfaces.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>A queue's RUNNABLE jobs in their order: those tried before first, then by sequence.</summary>
/// <remarks>A job that is being placed is out of the line, and cannot come in a second time until it is let go.</remarks>
internal sealed class WaitingLine
{
    private readonly SortedSet<QueueEntry> _line = new(InOrder.Instance);
    private readonly HashSet<long> _beingPlaced = [];

    public bool IsEmpty => _line.Count == 0;

    /// <summary>In order; read only as far as needed.</summary>
    public IEnumerable<QueueEntry> Jobs => _line;

    /// <summary>Comes into the line, unless it is there already or is just being placed.</summary>
    public void Add(QueueEntry job)
    {
        if (!_beingPlaced.Contains(job.Sequence))
        {
            _ = _line.Add(job);
        }
    }

    /// <summary>Leaves the line for good.</summary>
    public void Remove(QueueEntry job)
    {
        _ = _line.Remove(job);
        _ = _line.Remove(job with { TriedBefore = !job.TriedBefore });
    }

    /// <summary>Leaves the line to be placed. False when it has left it before.</summary>
    public bool TakeOut(QueueEntry job) => _line.Remove(job) && _beingPlaced.Add(job.Sequence);

    /// <summary>Was placed, or refused: it is not RUNNABLE any more.</summary>
    public void LetGo(QueueEntry job) => _ = _beingPlaced.Remove(job.Sequence);

    /// <summary>Could not be placed: back to where it was.</summary>
    public void PutBack(QueueEntry job)
    {
        LetGo(job);
        Add(job);
    }

    private sealed class InOrder : IComparer<QueueEntry>
    {
        public static readonly InOrder Instance = new();

        public int Compare(QueueEntry? x, QueueEntry? y)
        {
            var tried = y!.TriedBefore.CompareTo(x!.TriedBefore);
            return tried != 0 ? tried : x.Sequence.CompareTo(y.Sequence);
        }
    }
}
