using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>Moves the counts of arrays with their children.</summary>
internal sealed class ArrayBook(IArrayTable table, TimeProvider time)
{
    public void Insert(long sequence, int size, JobState parent, EventMark lastEvent, GangNeeds? gang)
    {
        var row = new ArrayRow(size) { Unwritten = parent.Unwritten!.Status, LastEvent = lastEvent };
        row.Counts[(int)row.Unwritten] = size;
        Note(row, parent.Unwritten);
        row.IsOwed = gang is null && row.IsFull && !parent.Status.IsTerminal();
        table.Insert(sequence, row, gang);
    }

    /// <summary>A child or node moves. True when it was the last child that had not ended; a multi-node job knows itself when it ends.</summary>
    public bool Move(long sequence, JobStatus from, JobState to, bool isFirstRow, bool isNode)
    {
        var row = table.Find(sequence);
        row.Counts[(int)from]--;
        row.Counts[(int)to.Status]++;
#if PLANTED_BUGS
        if (to.Status == JobStatus.Failed && PlantedBugs.Planted.Is("count-a-failed-child-as-succeeded"))
        {
            row.Counts[(int)JobStatus.Failed]--;
            row.Counts[(int)JobStatus.Succeeded]++;
        }

#endif
        row.Written += isFirstRow ? 1 : 0;
        Note(row, to);
        var isFull = !isNode && row.IsFull && !from.IsTerminal() && to.Status.IsTerminal();
        row.IsOwed |= isFull;
        table.Changed(sequence, row);
        return isFull;
    }

    /// <summary>All children without rows move with their parent's row. True when the array is full thereby, and its parent open.</summary>
    public bool MoveUnwritten(long sequence, JobState parent, EventMark lastEvent, bool isGang)
    {
        var row = table.Find(sequence);
        row.LastEvent = lastEvent;
        var to = parent.Unwritten!;
        var wasFull = row.IsFull;
        if (to.Status != row.Unwritten)
        {
            var count = row.Size - row.Written;
            row.Counts[(int)row.Unwritten] -= count;
            row.Counts[(int)to.Status] += count;
            row.Unwritten = to.Status;
            if (count > 0)
            {
                Note(row, to);
            }
        }

        var isFull = !isGang && row.IsFull && !wasFull && !parent.Status.IsTerminal();
        row.IsOwed = (row.IsOwed || isFull) && !parent.Status.IsTerminal();
        table.Changed(sequence, row);
        return isFull;
    }

    private void Note(ArrayRow row, JobState state)
    {
        row.UpdatedAt = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (state.StartedAt?.ToUnixTimeMilliseconds() is { } started)
        {
            row.FirstStartedAt = Math.Min(row.FirstStartedAt ?? long.MaxValue, started);
        }

        if (state.Status.IsTerminal() && state.StoppedAt?.ToUnixTimeMilliseconds() is { } stopped)
        {
            row.LastStoppedAt = Math.Max(row.LastStoppedAt ?? long.MinValue, stopped);
        }
    }
}
