using OrleansBatch.GrainInterfaces.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>A queue's RUNNABLE jobs in their order.</summary>
/// <remarks>A job that is being placed is out of the line, and cannot come in a second time until it is let go.</remarks>
internal interface ILine
{
    /// <summary>Whether nothing waits.</summary>
    bool IsEmpty { get; }

    /// <summary>How many wait with which needs; those that are being placed are not among them.</summary>
    WaitingCounts Counts { get; }

    /// <summary>In order; read only as far as needed. The same time gives the same order while nothing changes.</summary>
    IEnumerable<QueueEntry> InOrder(DateTimeOffset now);

    /// <summary>Comes into the line, unless it is there already or is just being placed.</summary>
    /// <param name="job">A job or an array.</param>
    /// <param name="waiting">Of an array: which of its children wait; null: all that are not being placed.</param>
    void Add(QueueEntry job, IEnumerable<int>? waiting = null);

    /// <summary>Leaves the line for good; an array with all its children.</summary>
    void Remove(QueueEntry job);

    /// <summary>Leaves the line to be placed. False when it has left it before.</summary>
    bool TakeOut(QueueEntry job);

    /// <summary>Was placed.</summary>
    void Placed(QueueEntry job);

    /// <summary>Was refused: it is not RUNNABLE any more.</summary>
    void LetGo(QueueEntry job);

    /// <summary>Could not be placed: back to where it was.</summary>
    void PutBack(QueueEntry job);
}
