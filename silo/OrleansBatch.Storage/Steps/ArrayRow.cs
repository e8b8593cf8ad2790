using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>The counts of an array, or of a multi-node job's nodes: they move as its parts are written, and are written once before the commit.</summary>
internal sealed class ArrayRow(int size)
{
    /// <summary>How many statuses are counted.</summary>
    public const int Statuses = 7;

    public int Size => size;

    /// <summary>Parts that have rows.</summary>
    public int Written { get; set; }

    /// <summary>The status of those that have none.</summary>
    public JobStatus Unwritten { get; set; }

    public int[] Counts { get; } = new int[Statuses];

    public long UpdatedAt { get; set; }

    public long? FirstStartedAt { get; set; }

    public long? LastStoppedAt { get; set; }

    /// <summary>Whether its parent owes a look, because the last child has ended.</summary>
    public bool IsOwed { get; set; }

    /// <summary>The last event of the parts without rows.</summary>
    public EventMark LastEvent { get; set; }

    public bool IsFull => Counts[(int)JobStatus.Succeeded] + Counts[(int)JobStatus.Failed] == size;
}
