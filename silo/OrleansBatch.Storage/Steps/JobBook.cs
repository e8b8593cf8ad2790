using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>Writes jobs, arrays and their children in one open transaction, with all that follows from each move.</summary>
internal sealed class JobBook(IStepTables tables, ArrayBook arrays, WaitBook waits, ConsumableBook consumables, EventBook events)
{
    private readonly IJobTable _table = tables.Jobs;
    private readonly Dictionary<string, TouchedJob> _touched = new(StringComparer.Ordinal);

    /// <summary>What the open transaction has written so far.</summary>
    public IReadOnlyDictionary<string, TouchedJob> Touched => _touched;

    /// <summary>The row as the open transaction sees it; null when there is none. A child without a row has version 0.</summary>
    public JobRow? Find(string jobId) => _touched.TryGetValue(jobId, out var touched) ? touched.Row
        : JobPartIds.TryParsePart(jobId, out var parentId, out var index, out var isNode) ? FindPart(jobId, parentId, index, isNode)
        : _table.Find(jobId);

    /// <summary>Whether the open transaction sees a job with this id.</summary>
    public bool Exists(string jobId) => _touched.ContainsKey(jobId) || _table.Exists(jobId);

    public long Insert(PreparedInsert job)
    {
        var spec = job.Spec;
        var row = JobRow.Of(0, _table.QueueOf(job.Queue), job.Scope, version: 1, job.State) with
        {
            Size = MultiNodeJobs.PartsOf(spec) ?? 0,
            IsGang = spec.Nodes is not null,
            NeedsConsumables = spec.ConsumableResources is { Count: > 0 },
            LastEvent = events.After(default, job.Changes),
        };
        row = row with { Sequence = _table.Insert(job, row) };
        _ = events.Insert(row.Sequence, EventBook.OfJob, default, job.Changes);
        row = row with { UnwrittenEvent = events.Insert(row.Sequence, EventBook.OfUnwritten, default, job.UnwrittenChanges) };
        _touched[job.JobId] = new(row, job, job.State);
        if (row.Size > 0)
        {
            arrays.Insert(row.Sequence, row.Size, job.State, row.UnwrittenEvent, MultiNodeJobs.HostsOf(spec));
        }

        if (row.NeedsConsumables)
        {
            consumables.Insert(row, spec.ConsumableResources!);
        }

        return row.Sequence;
    }

    /// <summary>Notes what an inserted job waits for. True when it owes itself a look.</summary>
    public bool InsertWaits(PreparedInsert job)
    {
        if (job.Waits.IsEmpty)
        {
            return false;
        }

        var row = Find(job.JobId)!;
        // What is gone will never tell; the look finds that out.
        return waits.Insert(row.Sequence, job.Waits.Select(wait => (wait.Kind == WaitKind.Sequence ? row : Find(wait.JobId) ?? row with { Status = JobStatus.Failed }, wait.Kind)));
    }

    /// <summary>Writes the row, which the caller found at the expected version.</summary>
    public void Update(PreparedUpdate update, StepEffects effects)
    {
        var old = Find(update.JobId)!;
        if (update.Used is { } used)
        {
            _table.InsertUse(old, used);
        }

        if (old.Index >= 0)
        {
            UpdatePart(old, update, effects);
            return;
        }

        var row = old.With(update.State) with
        {
            LastEvent = events.Insert(old.Sequence, EventBook.OfJob, old.LastEvent, update.Changes),
            UnwrittenEvent = events.Insert(old.Sequence, EventBook.OfUnwritten, old.UnwrittenEvent, update.UnwrittenChanges),
        };
        _table.Update(old, row, update);
        _touched[update.JobId] = new(row, _touched.GetValueOrDefault(update.JobId)?.Insert, update.State);
        if (row.Size > 0)
        {
            if (arrays.MoveUnwritten(row.Sequence, update.State, row.UnwrittenEvent, row.IsGang))
            {
                effects.FullArrays.Add(row.Sequence);
            }

            if (row.Unwritten.IsTerminal() && !old.Unwritten.IsTerminal())
            {
                waits.UnwrittenEnded(row, effects.Owed);
            }
        }

        NoteMove(old, row, update, effects);
    }

    /// <summary>Applies a change to an array's children that have rows; those that were changed.</summary>
    public IEnumerable<SweptChild> Sweep(ArraySweep sweep, StepEffects effects)
    {
        var parent = Find(sweep.ParentId)!;
        List<(int Index, JobStatus Before, JobMove Move)> changed = [];
        foreach (var status in sweep.In)
        {
            foreach (var (index, before) in _table.PartsIn(parent, status))
            {
                var move = sweep.Next(before);
                if (move.State != before)
                {
                    changed.Add((index, status, move));
                }
            }
        }

        foreach (var (index, _, move) in changed)
        {
            var jobId = JobPartIds.Child(sweep.ParentId, index);
            UpdatePart(Find(jobId)!, new(new(jobId, 0, move.State) { Changes = move.Changes }), effects);
        }

        return changed.Select(child => new SweptChild(child.Index, child.Before, child.Move.State));
    }

    /// <summary>The ids of jobs, each once.</summary>
    public ImmutableArray<string> IdsOf(List<long> sequences) => [.. sequences.Distinct().Select(_table.IdOf)];

    /// <summary>After the commit.</summary>
    public void Forget() => _touched.Clear();

    private JobRow? FindPart(string jobId, string parentId, int index, bool isNode) =>
        Find(parentId) is not { } parent || index >= parent.Size || parent.IsGang != isNode
            ? null
            : _table.FindPart(parent, jobId, index) ?? parent.UnwrittenPart(index);

    private void UpdatePart(JobRow old, PreparedUpdate update, StepEffects effects)
    {
        var row = old.With(update.State) with { LastEvent = events.Insert(old.Sequence, old.Index, old.LastEvent, update.Changes) };
        if (old.Version == 0)
        {
            _table.InsertPart(old, row, update);
        }
        else
        {
            _table.Update(old, row, update);
        }

        _touched[update.JobId] = new(row, null, update.State);
        if (arrays.Move(row.Sequence, old.Status, update.State, isFirstRow: old.Version == 0, isNode: update.State.Role == JobRole.Node))
        {
            effects.FullArrays.Add(row.Sequence);
        }

        NoteMove(old, row, update, effects);
    }

    private void NoteMove(JobRow old, JobRow row, PreparedUpdate update, StepEffects effects)
    {
        if (row.NeedsConsumables)
        {
            consumables.Moved(old, row, update.Claims);
        }

        if (row.Status.IsTerminal() && !old.Status.IsTerminal())
        {
            waits.Ended(row, effects.Owed);
        }
    }
}

/// <summary>A job that the open transaction has written.</summary>
/// <param name="Row">As it is now.</param>
/// <param name="Insert">If it was inserted, too.</param>
/// <param name="State">Its state now.</param>
internal sealed record TouchedJob(JobRow Row, PreparedInsert? Insert, JobState State);
