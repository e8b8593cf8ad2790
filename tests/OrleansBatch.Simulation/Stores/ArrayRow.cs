using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Stores;

/// <summary>An array's counts, moved with its children; the children that have rows beside it.</summary>
internal sealed class ArrayRow
{
    private DateTimeOffset _updatedAt;
    private DateTimeOffset? _firstStartedAt;
    private DateTimeOffset? _lastStoppedAt;
    private int _written;

    public ArrayRow(int size, JobState parent, DateTimeOffset now)
    {
        Children = new (long, JobState)?[size];
        Unwritten = parent.Unwritten!.Status;
        Counts[(int)Unwritten] = size;
        Note(parent.Unwritten, now);
        IsOwed = IsFull && !parent.Status.IsTerminal();
    }

    public (long Version, JobState State)?[] Children { get; }

    public int[] Counts { get; } = new int[7];

    public JobStatus Unwritten { get; private set; }

    /// <summary>Whether its parent has still to end.</summary>
    public bool IsOwed { get; private set; }

    private bool IsFull => Counts[(int)JobStatus.Succeeded] + Counts[(int)JobStatus.Failed] == Children.Length;

    public ArrayCounts Read() => new()
    {
        ByStatus = [.. Counts],
        UpdatedAt = _updatedAt,
        FirstStartedAt = _firstStartedAt,
        LastStoppedAt = _lastStoppedAt,
    };

    /// <summary>A child moves. True when it was the last that had not ended.</summary>
    public bool Move(JobStatus from, JobState to, bool isFirstRow, DateTimeOffset now, int by = 1)
    {
        Counts[(int)from] -= by;
        Counts[(int)to.Status] += by;
        _written += isFirstRow ? 1 : 0;
        Note(to, now);
        var isFull = IsFull && !from.IsTerminal() && to.Status.IsTerminal();
        IsOwed |= isFull;
        return isFull;
    }

    /// <summary>All children without rows move. True when the array is full thereby, and its parent open.</summary>
    public bool MoveUnwritten(JobState parent, DateTimeOffset now)
    {
        var to = parent.Unwritten!;
        var wasFull = IsFull;
        if (to.Status != Unwritten)
        {
            var count = Children.Length - _written;
            Counts[(int)Unwritten] -= count;
            Counts[(int)to.Status] += count;
            Unwritten = to.Status;
            if (count > 0)
            {
                Note(to, now);
            }
        }

        var isFull = IsFull && !wasFull && !parent.Status.IsTerminal();
        IsOwed = (IsOwed || isFull) && !parent.Status.IsTerminal();
        return isFull;
    }

    private void Note(JobState state, DateTimeOffset now)
    {
        _updatedAt = now;
        _firstStartedAt = state.StartedAt < (_firstStartedAt ?? DateTimeOffset.MaxValue) ? state.StartedAt : _firstStartedAt;
        if (state.Status.IsTerminal() && state.StoppedAt is { } stopped && stopped > (_lastStoppedAt ?? DateTimeOffset.MinValue))
        {
            _lastStoppedAt = stopped;
        }
    }
}
