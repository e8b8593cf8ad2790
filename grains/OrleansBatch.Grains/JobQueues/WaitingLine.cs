using OrleansBatch.GrainInterfaces.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>First in, first out: those tried before first, then by sequence, children of an array by index.</summary>
/// <remarks>An array is one entry, however many of its children wait.</remarks>
internal sealed class WaitingLine : ILine
{
    private readonly SortedSet<QueueEntry> _line = new(Ordering.Instance);
    private readonly Dictionary<long, WaitingArray> _arrays = [];
    private readonly HashSet<(long Sequence, int Index)> _beingPlaced = [];

    public bool IsEmpty => _line.Count == 0;

    public IEnumerable<QueueEntry> InOrder(DateTimeOffset now) => _line.SelectMany(entry => entry.ArraySize == 0 ? [entry] : _arrays[entry.Sequence].Children);

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

    public bool TakeOut(QueueEntry job) => (_line.Remove(job) || TakeFromArray(job)) && _beingPlaced.Add(KeyOf(job));

    public void Placed(QueueEntry job) => LetGo(job);

    public void LetGo(QueueEntry job) => _ = _beingPlaced.Remove(KeyOf(job));

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

    private sealed class Ordering : IComparer<QueueEntry>
    {
        public static readonly Ordering Instance = new();

        public int Compare(QueueEntry? x, QueueEntry? y)
        {
            var tried = y!.TriedBefore.CompareTo(x!.TriedBefore);
            var sequence = tried != 0 ? tried : x.Sequence.CompareTo(y.Sequence);
            return sequence != 0 ? sequence : x.Index.CompareTo(y.Index);
        }
    }
}
