using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Stores;

/// <summary>Who waits for what, and who was not seen to look since it ended.</summary>
internal sealed class WaitRows
{
    public const int Whole = -1;
    private const int EachToEach = -2;
    private const int Sequence = -3;

    private readonly HashSet<(string Job, int Child, string Dependent)> _waits = [];
    private readonly SortedDictionary<(string Dependent, int Child), long> _owed = [];
    private long _stamps;

    public IEnumerable<string> Dependents => _owed.Keys.Select(look => look.Dependent).Distinct();

    public IEnumerable<(int Child, long Stamp)> Owed(string dependent) =>
        _owed.Where(look => look.Key.Dependent == dependent).Select(look => (look.Key.Child, look.Value));

    /// <summary>Notes what a new job waits for. True when it owes itself a look.</summary>
    public bool Insert(string dependent, IEnumerable<(string Job, int Child, JobStatus Status, WaitKind Kind)> waits)
    {
        var isOwed = false;
        foreach (var (job, child, status, kind) in waits)
        {
            var isOver = kind == WaitKind.Whole && status.IsTerminal();
            if (!isOver)
            {
                _waits.Add((job, kind switch { WaitKind.EachToEach => EachToEach, WaitKind.Sequence => Sequence, _ => child }, dependent));
            }

            isOwed |= isOver || kind != WaitKind.Whole;
        }

        if (isOwed)
        {
            Owe(dependent, Whole);
        }

        return isOwed;
    }

    /// <summary>A single job or an array has ended.</summary>
    public void Ended(string job, List<string> owed)
    {
        Tell(job, Whole, Whole, owed, isTaken: true);
        Tell(job, EachToEach, Whole, owed, isTaken: true);
    }

    /// <summary>A child has ended.</summary>
    public void Ended(string parent, int index, List<string> owed)
    {
        Tell(parent, index, Whole, owed, isTaken: true);
        Tell(parent, EachToEach, index, owed, isTaken: false);
        Tell(parent, Sequence, index + 1, owed, isTaken: false);
    }

    /// <summary>All children without rows have ended with their parent's.</summary>
    public void UnwrittenEnded(string parent, List<string> owed, bool areChildrenForgotten)
    {
        Tell(parent, EachToEach, Whole, owed, isTaken: false);
        foreach (var child in areChildrenForgotten ? [] : _waits.Where(wait => wait.Job == parent && wait.Child >= 0).Select(wait => wait.Child).Distinct().ToList())
        {
            Tell(parent, child, Whole, owed, isTaken: false);
        }
    }

    public void Looked(string dependent, int child) => _owed.Remove((dependent, child));

    public void Forget() => _owed.Clear();

    private void Tell(string job, int child, int look, List<string> owed, bool isTaken)
    {
        foreach (var wait in _waits.Where(wait => wait.Job == job && wait.Child == child).ToList())
        {
            owed.Add(wait.Dependent);
            Owe(wait.Dependent, look);
            if (isTaken)
            {
                _waits.Remove(wait);
            }
        }
    }

    private void Owe(string dependent, int look) => _owed[(dependent, look)] = ++_stamps;
}
