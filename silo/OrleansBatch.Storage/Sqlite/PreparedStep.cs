using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>A step with its JSON made: by the caller's thread, so that the writer's does nothing but write.</summary>
internal sealed class PreparedStep(JobStep step, CancellationToken cancellationToken)
    : PendingWrite<StepResult>(step.Inserts.Length + step.Writes.Length + 1, cancellationToken)
{
    private static readonly StepResult Conflict = new(StepOutcome.VersionConflict, []);
    private static readonly StepResult Stale = new(StepOutcome.StaleEpoch, []);
    private static readonly StepResult Exhausted = new(StepOutcome.Exhausted, []);
    private static readonly StepResult CommittedWithoutInserts = new(StepOutcome.Committed, []);

    private readonly ImmutableArray<PreparedInsert> _inserts = ImmutableArray.CreateRange(step.Inserts, insert => new PreparedInsert(insert));
    private readonly ImmutableArray<PreparedUpdate> _updates = ImmutableArray.CreateRange(step.Writes, write => new PreparedUpdate(write));

    // Everything that could refuse the step is looked at before its first row is written: a refusal leaves nothing to undo.
    protected override StepResult Write(WriteTables tables)
    {
        // First, for a repeated call meets the rows that it wrote itself.
        if (step.Invocation is { } invocation && tables.Invocations.Find(invocation.Key) is { } recorded
#if PLANTED_BUGS
            && !PlantedBugs.Planted.Is("forget-the-invocation")
#endif
            )
        {
            return new(StepOutcome.AlreadyInvoked, [], recorded);
        }

        if (step.Epoch is { } guard && tables.Epochs.Newest(guard.Key) != guard.Epoch
#if PLANTED_BUGS
            && !PlantedBugs.Planted.Is("forget-the-epoch")
#endif
            )
        {
            return Stale;
        }

        if (!CanWrite(tables.Jobs))
        {
            return Conflict;
        }

        if (_updates.Any(update => !update.Claims.IsEmpty) && !tables.Consumables.CanTake(_updates.SelectMany(update => update.Claims)))
        {
            return Exhausted;
        }

        tables.IsChanged |= !_inserts.IsEmpty || !_updates.IsEmpty || step.Invocation is not null || step.Looked is not null;
        var effects = new StepEffects();
        var sequences = Insert(tables.Jobs, effects);
        foreach (var update in _updates)
        {
            tables.Jobs.Update(update, effects);
            if (update.EndedHost is { } host)
            {
                tables.Hosts.Write(host);
            }

            foreach (var log in update.EndedLogs)
            {
                tables.Logs.Insert(log);
            }
        }

        if (step.Invocation is not null)
        {
            tables.Invocations.Insert(step.Invocation);
        }

        ImmutableArray<SweptChild> swept = step.Sweep is { } sweep ? [.. tables.Jobs.Sweep(sweep, effects)] : [];
        if (step.Looked is { } looked && tables.Jobs.Find(looked.JobId) is { } looker)
        {
            tables.Waits.Looked(looker.Sequence, looked.Looks);
        }

        return sequences.IsEmpty && swept.IsEmpty && effects.Owed.Count == 0 && effects.FullArrays.Count == 0
            ? CommittedWithoutInserts
            : new(StepOutcome.Committed, sequences)
            {
                Owed = tables.Jobs.IdsOf(effects.Owed),
                FullArrays = tables.Jobs.IdsOf(effects.FullArrays),
                Swept = swept,
            };
    }

    private bool CanWrite(JobRows jobs)
    {
        // Most steps write one row: only those of several can meet themselves.
        var versions = _inserts.Length + _updates.Length > 1 ? new Dictionary<string, long>(StringComparer.Ordinal) : null;
        foreach (var insert in _inserts)
        {
            if (jobs.Exists(insert.JobId) || versions?.TryAdd(insert.JobId, 1) == false)
            {
                return false;
            }
        }

        foreach (var update in _updates)
        {
            var known = 0L;
            var version = versions?.TryGetValue(update.JobId, out known) == true ? known : jobs.Find(update.JobId)?.Version;
#if PLANTED_BUGS
            if (PlantedBugs.Planted.Is("forget-the-version"))
            {
                continue;
            }

#endif
            if (version != update.ExpectedVersion || !HasParent(jobs, update))
            {
                return false;
            }

            versions?[update.JobId] = update.ExpectedVersion + 1;
        }

        return true;
    }

    private static bool HasParent(JobRows jobs, PreparedUpdate update) =>
        update.ParentVersion is not { } expected
        || (JobPartIds.TryParsePart(update.JobId, out var parentId, out _, out _) && jobs.Find(parentId)?.Version == expected);

    private ImmutableArray<long> Insert(JobRows jobs, StepEffects effects)
    {
        if (_inserts.IsEmpty)
        {
            return [];
        }

        var sequences = ImmutableArray.CreateBuilder<long>(_inserts.Length);
        foreach (var insert in _inserts)
        {
            sequences.Add(jobs.Insert(insert));
            if (jobs.InsertWaits(insert))
            {
                effects.Owed.Add(sequences[^1]);
            }
        }

        return sequences.MoveToImmutable();
    }
}

/// <summary>A row to insert.</summary>
internal sealed class PreparedInsert(NewJob job)
{
    public string JobId => job.JobId;

    public Scope Scope => job.Scope;

    public JobSpec Spec => job.Spec;

    public ScopedName Queue { get; } = new(job.Scope, job.Spec.JobQueue);

    public ImmutableArray<Wait> Waits => job.Waits;

    /// <summary>To the millisecond, as it is stored.</summary>
    public DateTimeOffset CreatedAt { get; } = DateTimeOffset.FromUnixTimeMilliseconds(job.CreatedAt.ToUnixTimeMilliseconds());

    public string FoldedName { get; } = job.Spec.JobName.ToLowerInvariant();

    public byte[] SpecJson { get; } = StoreJson.Write(job.Spec);

    public JobState State => job.State;

    public ImmutableArray<JobChange> Changes => job.Changes;

    public ImmutableArray<JobChange> UnwrittenChanges => job.UnwrittenChanges;

    public byte[] StateJson { get; } = StoreJson.Write(job.State);
}

/// <summary>A row to change.</summary>
internal sealed class PreparedUpdate(JobWrite write)
{
    public string JobId => write.JobId;

    public long ExpectedVersion => write.ExpectedVersion;

    public JobState State => write.State;

    public ImmutableArray<LogStreamRow> EndedLogs => write.EndedLog is { } first ? [first, .. write.OtherEndedLogs] : [];

    public long? ParentVersion => write.ParentVersion;

    public ShareUse? Used => write.Used;

    public PreparedHost? EndedHost { get; } = write.EndedHost is { } ended ? new(ended) : null;

    public ImmutableArray<ConsumableClaim> Claims => write.Claims;

    public ImmutableArray<JobChange> Changes => write.Changes;

    public ImmutableArray<JobChange> UnwrittenChanges => write.UnwrittenChanges;

    public byte[] StateJson { get; } = StoreJson.Write(write.State);
}
