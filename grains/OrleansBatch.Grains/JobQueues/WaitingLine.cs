using OrleansBatch.GrainInterfaces.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>First in, first out: those tried before first, then by sequence, children of an array by index.</summary>
/// <remarks>An array is one entry, however many of its children wait.</remarks>
internal sealed class WaitingLine : ILine
{
    private readonly SortedSet<QueueEntry> _line = new(Ordering.Instance);
    private readonly Dictionary<long, WaitingArray> _arrays = [];

    /// <summary>With what came while it was being placed: its attempt may be over before anyone hears that it began.</summary>
    private readonly Dictionary<(long Sequence, int Index), QueueEntry?> _beingPlaced = [];

    public bool IsEmpty => _line.Count == 0;

    public WaitingCounts Counts { get; } = new();

    public IEnumerable<QueueEntry> InOrder(DateTimeOffset now) => _line.SelectMany(entry => entry.ArraySize == 0 ? [entry] : _arrays[entry.Sequence].Children);

    public void Add(QueueEntry job, IEnumerable<int>? waiting = null)
    {
        if (job.ArraySize > 0)
        {
            AddArray(job, waiting ?? Enumerable.Range(0, job.ArraySize));
        }
        else if (!_beingPlaced.ContainsKey(KeyOf(job)))
        {
            AddOne(job);
        }
        else if (job.TriedBefore)
        {
            _beingPlaced[KeyOf(job)] = job;
        }
    }

    public void Remove(QueueEntry job)
    {
        if (job.ArraySize > 0)
        {
            if (_arrays.Remove(job.Sequence, out var array))
            {
                _ = _line.Remove(array.Entry);
                Counts.Add(job, -array.Count);
            }

            foreach (var tried in new[] { true, false })
            {
                var first = job with { TriedBefore = tried, Index = -1 };
                var children = _line.GetViewBetween(first, first with { Index = int.MaxValue });
                Counts.Add(job, -children.Count);
                children.Clear();
            }

            return;
        }

        _ = RemoveOne(job);
        _ = RemoveOne(job with { TriedBefore = !job.TriedBefore });
        _ = TakeFromArray(job);
    }

    public bool TakeOut(QueueEntry job) => (RemoveOne(job) || TakeFromArray(job)) && _beingPlaced.TryAdd(KeyOf(job), null);

    public void Placed(QueueEntry job) => LetGo(job);

    public void LetGo(QueueEntry job)
    {
        if (_beingPlaced.Remove(KeyOf(job), out var again) && again is not null)
        {
            AddOne(again);
        }
    }

    public void PutBack(QueueEntry job)
    {
        if (_beingPlaced.Remove(KeyOf(job), out var again) && again is not null)
        {
            job = again;
        }

        if (!job.TriedBefore && job.Index >= 0 && _arrays.TryGetValue(job.Sequence, out var array))
        {
            // Before those of its array that come after it.
            Counts.Add(job, array.PutBack(job.Index) ? 1 : 0);
        }
        else
        {
            Add(job);
        }
    }

    private static (long Sequence, int Index) KeyOf(QueueEntry job) => (job.Sequence, job.Index);

    private void AddArray(QueueEntry entry, IEnumerable<int> waiting)
    {
        if (_arrays.ContainsKey(entry.Sequence))
        {
            // Told more than once.
            return;
        }

        var array = new WaitingArray(entry, waiting.Where(index => !_beingPlaced.ContainsKey((entry.Sequence, index))));
        if (!array.IsEmpty)
        {
            _arrays.Add(entry.Sequence, array);
            _line.Add(entry);
            Counts.Add(entry, array.Count);
        }
    }

    private bool TakeFromArray(QueueEntry child)
    {
        if (child.TriedBefore || child.Index < 0 || !_arrays.TryGetValue(child.Sequence, out var array) || !array.Take(child.Index))
        {
            return false;
        }

        Counts.Add(child, -1);
        if (array.IsEmpty)
        {
            _arrays.Remove(child.Sequence);
            _line.Remove(array.Entry);
        }

        return true;
    }

    private void AddOne(QueueEntry job) => Counts.Add(job, _line.Add(job) ? 1 : 0);

    private bool RemoveOne(QueueEntry job)
    {
        var was = _line.Remove(job);
        Counts.Add(job, was ? -1 : 0);
        return was;
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
