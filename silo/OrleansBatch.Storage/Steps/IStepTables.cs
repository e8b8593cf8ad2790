using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>The tables of one open transaction, as the rules of a step read and write them. Nothing here decides anything.</summary>
internal interface IStepTables
{
    IJobTable Jobs { get; }

    IArrayTable Arrays { get; }

    IWaitTable Waits { get; }

    IConsumableTable Consumables { get; }

    IEventTable Events { get; }

    /// <summary>The newest epoch of a key; 0 when none was taken.</summary>
    long NewestEpoch(string key);

    /// <summary>The recorded answer of a client's call; null when there is none.</summary>
    string? FindInvocation(string key);

    void Insert(InvocationRecord record);

    /// <summary>Adds a log stream; one that is there already stays as it is.</summary>
    void Insert(LogStreamRow stream);

    /// <summary>Writes a host, a new one or a known one. Its cost counts once, however often its end is written.</summary>
    void Write(PreparedHost host);
}

/// <summary>Jobs, array children and nodes of multi-node jobs.</summary>
internal interface IJobTable
{
    /// <summary>A job that is nobody's part, as it was before the open transaction; null when there is none.</summary>
    JobRow? Find(string jobId);

    /// <summary>A child or node that has a row, as it was before the open transaction; null when it has none.</summary>
    JobRow? FindPart(JobRow parent, string jobId, int index);

    /// <summary>Whether there is a job with this id.</summary>
    bool Exists(string jobId);

    /// <summary>The id of a job.</summary>
    string IdOf(long sequence);

    /// <summary>The number that stands for a queue; given at its first job.</summary>
    long QueueOf(ScopedName queue);

    /// <summary>The new row's sequence.</summary>
    long Insert(PreparedInsert job, JobRow row);

    /// <summary>Writes a job, or a part that has a row.</summary>
    void Update(JobRow old, JobRow row, PreparedUpdate update);

    /// <summary>Writes the first row of a part.</summary>
    void InsertPart(JobRow old, JobRow row, PreparedUpdate update);

    /// <summary>The parts in a status that have rows, as they are now.</summary>
    IReadOnlyList<(int Index, JobState State)> PartsIn(JobRow parent, JobStatus status);

    void InsertUse(JobRow row, ShareUse used);
}

/// <summary>The counts of arrays and multi-node jobs.</summary>
internal interface IArrayTable
{
    /// <summary>An array's counts as they are now: the same object each time.</summary>
    ArrayRow Find(long sequence);

    void Insert(long sequence, ArrayRow row, GangNeeds? gang);

    /// <summary>It has changed, and is written before the commit.</summary>
    void Changed(long sequence, ArrayRow row);
}

/// <summary>Who waits for what, and who owes a look.</summary>
internal interface IWaitTable
{
    /// <summary>Whether anyone waits at all: most jobs end without a look at the table.</summary>
    bool Any { get; }

    void Insert(long job, int child, long dependent);

    void Delete(long job, int child);

    IReadOnlyList<long> Dependents(long job, int child);

    /// <summary>The children of an array that are waited for by themselves.</summary>
    IReadOnlyList<int> AwaitedChildren(long job);

    void Owe(long dependent, int look, long stamp);

    /// <summary>A look is owed no more, unless it became due again.</summary>
    void Looked(long dependent, int look, long stamp);
}

/// <summary>What attempts have taken of consumable resources.</summary>
internal interface IConsumableTable
{
    long Taken(string key);

    /// <summary>Adds to what is taken; a negative number gives back.</summary>
    void Take(string key, long quantity);

    void InsertClaim(JobRow row, ConsumableClaim claim);

    IReadOnlyList<(string Key, long Quantity, bool IsReplenishable)> Claims(JobRow row);

    void DeleteClaims(JobRow row);

    void InsertNeed(JobRow job, string resource, long quantity, bool isOpen);

    /// <summary>A job needs nothing any more.</summary>
    void CloseNeeds(JobRow job);
}

/// <summary>Events in the order of their keys.</summary>
internal interface IEventTable
{
    /// <summary>The key of the newest event; 0 when there is none.</summary>
    long Newest { get; }

    /// <summary>Inserts the event after <see cref="Newest"/>, which it is then.</summary>
    /// <param name="job">Its job's sequence; of a part its parent's.</param>
    /// <param name="child">A part's index, <see cref="EventBook.OfJob"/> or <see cref="EventBook.OfUnwritten"/>.</param>
    /// <param name="mark">Its key and number.</param>
    /// <param name="previous">The key of the event before it of the same job.</param>
    /// <param name="change">What happened.</param>
    void Insert(long job, int child, EventMark mark, long previous, JobChange change);
}
