using System.Collections.Immutable;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>A step with its JSON made: by the caller's thread, so that the writer's does nothing but write.</summary>
internal sealed class PreparedStep(JobStep step)
{
    private static readonly StepResult Conflict = new(StepOutcome.VersionConflict, []);
    private static readonly StepResult Stale = new(StepOutcome.StaleEpoch, []);
    private static readonly StepResult Exhausted = new(StepOutcome.Exhausted, []);
    private static readonly StepResult CommittedWithoutInserts = new(StepOutcome.Committed, []);

    public JobStep Step => step;

    /// <summary>How many rows it writes, about.</summary>
    public int Rows => step.Inserts.Length + step.Writes.Length + 1;

    public ImmutableArray<PreparedInsert> Inserts { get; } = ImmutableArray.CreateRange(step.Inserts, insert => new PreparedInsert(insert));

    public ImmutableArray<PreparedUpdate> Updates { get; } = ImmutableArray.CreateRange(step.Writes, write => new PreparedUpdate(write));

    /// <summary>Whether it writes anything, when it is not refused.</summary>
    public bool IsChange => !Inserts.IsEmpty || !Updates.IsEmpty || step.Invocation is not null || step.Looked is not null;

    /// <summary>Does it in the open transaction, or refuses it and leaves nothing to undo.</summary>
    public StepResult Write(StepBooks books)
    {
        // Everything that could refuse the step is looked at before its first row is written.
        // First, for a repeated call meets the rows that it wrote itself.
        var tables = books.Tables;
        if (step.Invocation is { } invocation && tables.FindInvocation(invocation.Key) is { } recorded
#if PLANTED_BUGS
            && !PlantedBugs.Planted.Is("forget-the-invocation")
#endif
            )
        {
            return new(StepOutcome.AlreadyInvoked, [], recorded);
        }

        if (step.Epoch is { } guard && tables.NewestEpoch(guard.Key) != guard.Epoch
#if PLANTED_BUGS
            && !PlantedBugs.Planted.Is("forget-the-epoch")
#endif
            )
        {
            return Stale;
        }

        if (!CanWrite(books.Jobs))
        {
            return Conflict;
        }

        if (Updates.Any(update => !update.Claims.IsEmpty) && !books.Consumables.CanTake(Updates.SelectMany(update => update.Claims)))
        {
            return Exhausted;
        }

        var effects = new StepEffects();
        var sequences = Insert(books.Jobs, effects);
        foreach (var update in Updates)
        {
            books.Jobs.Update(update, effects);
            if (update.EndedHost is { } host)
            {
                tables.Write(host);
            }

            foreach (var log in update.EndedLogs)
            {
                tables.Insert(log);
            }
        }

        if (step.Invocation is not null)
        {
            tables.Insert(step.Invocation);
        }

        ImmutableArray<SweptChild> swept = step.Sweep is { } sweep ? [.. books.Jobs.Sweep(sweep, effects)] : [];
        if (step.Looked is { } looked && books.Jobs.Find(looked.JobId) is { } looker)
        {
            books.Waits.Looked(looker.Sequence, looked.Looks);
        }

        return sequences.IsEmpty && swept.IsEmpty && effects.Owed.Count == 0 && effects.FullArrays.Count == 0
            ? CommittedWithoutInserts
            : new(StepOutcome.Committed, sequences)
            {
                Owed = books.Jobs.IdsOf(effects.Owed),
                FullArrays = books.Jobs.IdsOf(effects.FullArrays),
                Swept = swept,
            };
    }

    private bool CanWrite(JobBook jobs)
    {
        // Most steps write one row: only those of several can meet themselves.
        var versions = Inserts.Length + Updates.Length > 1 ? new Dictionary<string, long>(StringComparer.Ordinal) : null;
        foreach (var insert in Inserts)
        {
            if (jobs.Exists(insert.JobId) || versions?.TryAdd(insert.JobId, 1) == false)
            {
                return false;
            }
        }

        foreach (var update in Updates)
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

    private static bool HasParent(JobBook jobs, PreparedUpdate update) =>
        update.ParentVersion is not { } expected
        || (JobPartIds.TryParsePart(update.JobId, out var parentId, out _, out _) && jobs.Find(parentId)?.Version == expected);

    private ImmutableArray<long> Insert(JobBook jobs, StepEffects effects)
    {
        if (Inserts.IsEmpty)
        {
            return [];
        }

        var sequences = ImmutableArray.CreateBuilder<long>(Inserts.Length);
        foreach (var insert in Inserts)
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
