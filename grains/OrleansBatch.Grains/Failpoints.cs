namespace OrleansBatch.Grains;

/// <summary>Places between two durable steps, where a test may kill the program.</summary>
/// <remarks>In production every one of them does nothing. What puts each right is in ARCHITECTURE.md, "Whatever dies".</remarks>
public interface IFailpoints
{
    /// <summary>The program is at this point.</summary>
    void Reach(Failpoint point);
}

/// <summary>The points.</summary>
public enum Failpoint
{
    /// <summary>A submission is committed; its caller has no answer and its queue does not know.</summary>
    CommittedNotAnswered,

    /// <summary>A queue, an environment or a job definition is stored; its caller has no answer.</summary>
    CreatedNotAnswered,

    /// <summary>Capacity is reserved; no job has taken it.</summary>
    Reserved,

    /// <summary>STARTING is stored; nothing has been launched.</summary>
    StartingNotLaunched,

    /// <summary>A process is up; nobody has been told.</summary>
    LaunchedNotConfirmed,

    /// <summary>A process has ended; nobody has been told.</summary>
    ExitedNotReported,

    /// <summary>A job's end is stored; its capacity is still taken.</summary>
    EndedNotReleased,

    /// <summary>A job's end is stored; those who wait for it, or its array, have not been told.</summary>
    EndedNotTold,

    /// <summary>Half of an array's children have rows; the others have not.</summary>
    ArrayHalfWritten,

    /// <summary>The nodes of a multi-node job are placed, and its main node runs; not all of the others have been launched.</summary>
    GangHalfLaunched,

    /// <summary>An update of an environment is stored; hosts of before still take jobs.</summary>
    UpdatedNotReplaced,

    /// <summary>Rows of hosts are stored, of new ones or of ended ones; nobody counts with that yet.</summary>
    HostStored,

    /// <summary>The loss of a node is stored; the jobs that had attempts there have not been told.</summary>
    LostNotTold,

    /// <summary>Events are stored and were read for a webhook; none of them has been sent.</summary>
    RecordedNotDelivered,

    /// <summary>A webhook's receiver has taken an event; nothing is stored of that.</summary>
    DeliveredNotStored,
}

/// <summary>The production case: goes on.</summary>
public sealed class NoFailpoints : IFailpoints
{
    /// <inheritdoc/>
    public void Reach(Failpoint point)
    {
    }
}
