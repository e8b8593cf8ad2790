using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>
/// The tables of one transaction, in memory: what was loaded, and what is to be written. A row that changes several times is written once,
/// and everything together, see <see cref="PendingRows"/>.
/// </summary>
internal sealed class PostgresTables(LoadedRows loaded) : IStepTables, IJobTable, IArrayTable, IWaitTable, IConsumableTable, IEventTable
{
    private static readonly IReadOnlyList<(string, long, bool)> NoClaims = [];

    /// <summary>What is to be written.</summary>
    public PendingRows Pending { get; } = new(loaded);

    /// <summary>Revisions of job definitions that there are, and whether each is active.</summary>
    public Dictionary<RevisionKey, bool> Revisions => loaded.Revisions;

    public long Newest => loaded.LastEvent;

    public bool Any => loaded.AnyWaits;

    IJobTable IStepTables.Jobs => this;

    IArrayTable IStepTables.Arrays => this;

    IWaitTable IStepTables.Waits => this;

    IConsumableTable IStepTables.Consumables => this;

    IEventTable IStepTables.Events => this;

    public long NewestEpoch(string key) => loaded.Epochs.GetValueOrDefault(key);

    /// <summary>Takes the next epoch of a key.</summary>
    public long TakeEpoch(string key)
    {
        var epoch = NewestEpoch(key) + 1;
        loaded.Epochs[key] = epoch;
        Pending.Epochs[key] = epoch;
        return epoch;
    }

    public string? FindInvocation(string key) => loaded.Invocations.GetValueOrDefault(key);

    public void Insert(InvocationRecord record)
    {
        loaded.Invocations[record.Key] = record.Answer;
        Pending.Invocations.Add(record);
    }

    public void Insert(LogStreamRow stream) => Pending.LogStreams.Add(stream);

    public void Write(PreparedHost host) => Pending.Hosts.Add(host);

    JobRow? IJobTable.Find(string jobId) => loaded.Jobs.GetValueOrDefault(jobId);

    JobRow? IJobTable.FindPart(JobRow parent, string jobId, int index) => loaded.Parts.TryGetValue((parent.Sequence, index), out var part)
        ? new JobRow(parent.Sequence, parent.Queue, parent.Scope, part.Version, part.Status, part.Rank, part.Environment, part.Node)
        {
            Index = index,
            NeedsConsumables = parent.PartsNeedConsumables,
            LastEvent = part.LastEvent,
        }
        : null;

    bool IJobTable.Exists(string jobId) => loaded.Jobs.ContainsKey(jobId);

    string IJobTable.IdOf(long sequence) => loaded.JobIds[sequence];

    long IJobTable.QueueOf(ScopedName queue) => loaded.Queues[queue];

    long IJobTable.Insert(PreparedInsert job, JobRow row)
    {
        var sequence = ++loaded.LastSequence;
        loaded.JobIds[sequence] = job.JobId;
        Pending.Insert(job, row with { Sequence = sequence });
        return sequence;
    }

    void IJobTable.Update(JobRow old, JobRow row, PreparedUpdate update)
    {
        if (row.Index < 0)
        {
            Pending.Update(row, update.StateJson, update.State.StatusReason is not null);
        }
        else
        {
            Part(row, update, isNew: false, shared: 0);
        }
    }

    void IJobTable.InsertPart(JobRow old, JobRow row, PreparedUpdate update) => Part(row, update, isNew: true, shared: old.LastEvent.Id);

    IReadOnlyList<(int Index, JobState State)> IJobTable.PartsIn(JobRow parent, JobStatus status) =>
        [.. loaded.Parts.Where(part => part.Key.Parent == parent.Sequence && part.Value.Status == status).Select(part => (part.Key.Index, part.Value.State!)).OrderBy(part => part.Index)];

    void IJobTable.InsertUse(JobRow row, ShareUse used) => Pending.Uses.Add(((int)row.Queue, used));

    ArrayRow IArrayTable.Find(long sequence) => loaded.Arrays[sequence];

    void IArrayTable.Insert(long sequence, ArrayRow row, GangNeeds? gang)
    {
        loaded.Arrays.Add(sequence, row);
        Pending.NewArrays.Add(sequence, gang);
    }

    void IArrayTable.Changed(long sequence, ArrayRow row) => _ = Pending.ChangedArrays.Add(sequence);

    void IWaitTable.Insert(long job, int child, long dependent)
    {
        loaded.AnyWaits = true;
        var dependents = DependentsOf(job, child, orAdd: true)!;
        if (!dependents.Contains(dependent))
        {
            dependents.Add(dependent);
            _ = Pending.NewWaits.Add((job, child, dependent));
        }
    }

    void IWaitTable.Delete(long job, int child)
    {
        if (DependentsOf(job, child, orAdd: false) is { Count: > 0 } dependents)
        {
            foreach (var dependent in dependents)
            {
                _ = Pending.NewWaits.Remove((job, child, dependent));
            }

            dependents.Clear();
            _ = Pending.DeletedWaits.Add((job, child));
        }
    }

    IReadOnlyList<long> IWaitTable.Dependents(long job, int child) => DependentsOf(job, child, orAdd: false) is { } dependents ? [.. dependents] : [];

    IReadOnlyList<int> IWaitTable.AwaitedChildren(long job) => loaded.Waits.TryGetValue(job, out var waits)
        ? [.. waits.Where(wait => wait.Key >= 0 && wait.Value.Count > 0).Select(wait => wait.Key)]
        : [];

    void IWaitTable.Owe(long dependent, int look, long stamp) => Pending.Owed[(dependent, look)] = stamp;

    void IWaitTable.Looked(long dependent, int look, long stamp)
    {
        // What became due again in this very transaction stays.
        Pending.Looked.Add((dependent, look, stamp));
    }

    long IConsumableTable.Taken(string key) => loaded.Taken.GetValueOrDefault(key);

    void IConsumableTable.Take(string key, long quantity)
    {
        loaded.Taken[key] = loaded.Taken.GetValueOrDefault(key) + quantity;
        Pending.Taken[key] = Pending.Taken.GetValueOrDefault(key) + quantity;
    }

    void IConsumableTable.InsertClaim(JobRow row, ConsumableClaim claim)
    {
        var key = (row.Sequence, row.Index);
        if (!loaded.Claims.TryGetValue(key, out var claims))
        {
            loaded.Claims.Add(key, claims = []);
        }

        claims.Add((claim.Key, claim.Quantity, claim.IsReplenishable));
        _ = Pending.ChangedClaims.Add(key);
    }

    IReadOnlyList<(string Key, long Quantity, bool IsReplenishable)> IConsumableTable.Claims(JobRow row) =>
        loaded.Claims.TryGetValue((row.Sequence, row.Index), out var claims) ? claims : NoClaims;

    void IConsumableTable.DeleteClaims(JobRow row)
    {
        if (loaded.Claims.Remove((row.Sequence, row.Index)))
        {
            _ = Pending.ChangedClaims.Add((row.Sequence, row.Index));
        }
    }

    void IConsumableTable.InsertNeed(JobRow job, string resource, long quantity, bool isOpen) => Pending.Needs[(job.Sequence, resource)] = (quantity, isOpen);

    void IConsumableTable.CloseNeeds(JobRow job) => _ = Pending.ClosedNeeds.Add(job.Sequence);

    void IEventTable.Insert(long job, int child, EventMark mark, long previous, JobChange change)
    {
        loaded.LastEvent = mark.Id;
        Pending.Events.Add(new(job, child, mark, previous, change));
    }

    private void Part(JobRow row, PreparedUpdate update, bool isNew, long shared)
    {
        loaded.Parts[(row.Sequence, row.Index)] = new(row.Version, row.Status, (short?)row.Rank, row.Environment, row.Node, row.LastEvent, update.State);
        Pending.Part(row, update.StateJson, update.State.StatusReason is not null, isNew, shared);
    }

    private List<long>? DependentsOf(long job, int child, bool orAdd)
    {
        if (!loaded.Waits.TryGetValue(job, out var waits))
        {
            if (!orAdd)
            {
                return null;
            }

            loaded.Waits.Add(job, waits = []);
        }

        if (!waits.TryGetValue(child, out var dependents) && orAdd)
        {
            waits.Add(child, dependents = []);
        }

        return dependents;
    }
}
