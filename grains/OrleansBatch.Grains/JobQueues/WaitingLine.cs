using OrleansBatch.GrainInterfaces.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>A queue's RUNNABLE jobs in their order: those tried before first, then by sequence, children of an array by index.</summary>
/// <remarks>
/// A job that is being placed is out of the line, and cannot come in a second time until it is let go. An array is one entry, however
/// many of its children wait.
/// </remarks>
internal sealed class WaitingLine
{
    private readonly SortedSet<QueueEntry> _line = new(InOrder.Instance);
    private readonly Dictionary<long, WaitingArray> _arrays = [];
    private readonly HashSet<(long Sequence, int Index)> _beingPlaced = [];

    public bool IsEmpty => _line.Count == 0;

    /// <summary>In order; read only as far as needed.</summary>
    public IEnumerable<QueueEntry> Jobs => _line.SelectMany(entry => entry.ArraySize == 0 ? [entry] : _arrays[entry.Sequence].Children);

    /// <summary>Comes into the line, unless it is there already or is just being placed.</summary>
    /// <param name="job">A job or an array.</param>
    /// <param name="waiting">Of an array: which of its children wait; null: all that are not being placed.</param>
    public void Add(QueueEntry job, IEnumerable<int>? waiting = null)
    {
        if (job.ArraySize > 0)
        {
            AddArray(job, waiting ?? Enumerable.Range(0, job.ArraySize));
        }
        else if (!_beingPlaced.Contains(KeyOf(job)))
        {
            _ = _line.Add(job);
        }
    }

    /// <summary>Leaves the line for good; an array with all its children.</summary>
    public void Remove(QueueEntry job)
    {
        if (job.ArraySize > 0)
        {
            _arrays.Remove(job.Sequence);
            foreach (var tried in new[] { true, false })
            {
                var first = job with { TriedBefore = tried, Index = -1 };
                _line.GetViewBetween(first, first with { Index = int.MaxValue }).Clear();
            }

            return;
        }

        _ = _line.Remove(job);
        _ = _line.Remove(job with { TriedBefore = !job.TriedBefore });
        _ = TakeFromArray(job);
    }

    /// <summary>Leaves the line to be placed. False when it has left it before.</summary>
    public bool TakeOut(QueueEntry job) => (_line.Remove(job) || TakeFromArray(job)) && _beingPlaced.Add(KeyOf(job));

    /// <summary>Was placed, or refused: it is not RUNNABLE any more.</summary>
    public void LetGo(QueueEntry job) => _ = _beingPlaced.Remove(KeyOf(job));

    /// <summary>Could not be placed: back to where it was.</summary>
    public void PutBack(QueueEntry job)
    {
        LetGo(job);
        // A child goes back as itself: it has the same place, whether its array is still there or not.
        Add(job);
    }

    private static (long Sequence, int Index) KeyOf(QueueEntry job) => (job.Sequence, job.Index);

    private void AddArray(QueueEntry entry, IEnumerable<int> waiting)
    {
        if (_arrays.ContainsKey(entry.Sequence))
        {
            // Told more than once.
            return;
        }

        var array = new WaitingArray(entry, waiting.Where(index => !_beingPlaced.Contains((entry.Sequence, index))));
        if (!array.IsEmpty)
        {
            _arrays.Add(entry.Sequence, array);
            _line.Add(entry);
        }
    }

    private bool TakeFromArray(QueueEntry child)
    {
        if (child.TriedBefore || child.Index < 0 || !_arrays.TryGetValue(child.Sequence, out var array) || !array.Take(child.Index))
        {
            return false;
        }

        if (array.IsEmpty)
        {
            _arrays.Remove(child.Sequence);
            _line.Remove(array.Entry);
        }

        return true;
    }

    private sealed class InOrder : IComparer<QueueEntry>
    {
        public static readonly InOrder Instance = new();

        public int Compare(QueueEntry? x, QueueEntry? y)
        {
            var tried = y!.TriedBefore.CompareTo(x!.TriedBefore);
            var sequence = tried != 0 ? tried : x.Sequence.CompareTo(y.Sequence);
            return sequence != 0 ? sequence : x.Index.CompareTo(y.Index);
        }
    }
}
