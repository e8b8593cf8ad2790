using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Stores;

/// <summary>A row that a step wrote.</summary>
/// <param name="Job">As it is now.</param>
/// <param name="Before">What it was; null: it is new.</param>
internal sealed record RowChange(JobRecord Job, JobState? Before);

/// <summary>The rows, by the contract of <see cref="IJobStore"/>. What is in here outlives every crash.</summary>
internal sealed class SimulatedStore(Turns turns, PlantedBug bug, Setup setup, Action<IReadOnlyList<RowChange>> committed)
{
    private readonly Dictionary<string, JobRecord> _jobs = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];
    private readonly Dictionary<string, ArrayRow> _arrays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _epochs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly List<RowChange> _changes = [];
    private readonly WaitRows _waits = new();

    /// <summary>Single jobs and arrays, in the order of their sequence.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>The rows of all single jobs and arrays.</summary>
    public IEnumerable<JobRecord> Jobs => _ids.Select(id => _jobs[id]);

    /// <summary>All single jobs and all children, those without rows among them.</summary>
    public IEnumerable<JobRecord> Leaves => Jobs.SelectMany(LeavesOf);

    public IEnumerable<JobRecord> LeavesOf(JobRecord job) => job.State.Unwritten is null ? [job] : Enumerable.Range(0, job.Spec.ArraySize!.Value).Select(index => Child(job, index));

    /// <summary>Whether any job needs a consumable resource.</summary>
    public bool HasConsumables { get; private set; }

    /// <summary>What attempts have taken of consumable resources.</summary>
    public ConsumableRows Consumables { get; } = new(bug);

    /// <summary>What is left of each consumable resource.</summary>
    public IReadOnlyDictionary<string, long> ConsumablesLeft => Simulation.Consumables.All
        .ToDictionary(key => key, key => Simulation.Consumables.Total(setup, key) - Consumables.Taken(key), StringComparer.Ordinal);

    public ArrayCounts Counts(string arrayId) => _arrays[arrayId].Read();

    public string? Answer(string invocation) => _answers.GetValueOrDefault(invocation);

    public JobRecord? Read(string jobId)
    {
        if (JobPartIds.TryParseChild(jobId, out var parentId, out var index))
        {
            return _jobs.TryGetValue(parentId, out var parent) && index < parent.Spec.ArraySize ? Child(parent, index) : null;
        }

        return _jobs.GetValueOrDefault(jobId) is { } job ? job.State.Unwritten is null ? job : job with { Children = Counts(jobId) } : null;
    }

    public ArrayReading? ReadArray(string jobId) => _arrays.TryGetValue(jobId, out var array)
        ? new(Read(jobId)!, [.. array.Children.Select(child => child?.State.Status)])
        : null;

    public IReadOnlyList<OwedLook> ReadOwedLooks(string jobId) => [.. _waits.Owed(jobId).Select(look => new OwedLook(look.Child, look.Stamp))];

    public IReadOnlyList<RunnableJob> ReadRunnable(string queue) =>
    [
        .. Jobs.Where(job => job.Spec.JobQueue == queue).SelectMany(WaitingOf).OrderBy(job => !job.TriedBefore).ThenBy(job => job.Sequence).ThenBy(job => job.Index),
    ];

    public IReadOnlyList<OpenJob> ReadOpen(string queue) =>
        [.. Jobs.Where(job => job.Spec.JobQueue == queue && !job.State.Status.IsTerminal()).Select(job => new OpenJob(job.Sequence, job.JobId, job.State.Status))];

    public IReadOnlyList<PlacedJob> ReadPlaced(Func<JobPlacement, bool> isWanted) =>
    [
        .. Leaves
            .Where(job => job.State.Status.IsPlaced() && isWanted(job.State.Placement!))
            .Select(job => new PlacedJob(job.JobId, new(job.Scope, job.Spec.JobQueue), job.Spec.Needs, job.State)),
    ];

    public UnfinishedWork ReadUnfinishedWork()
    {
        var placed = Leaves.Where(job => job.State.Status.IsPlaced()).ToList();
        return new(
            [.. Jobs.Where(job => WaitingOf(job).Any()).Select(job => new ScopedName(job.Scope, job.Spec.JobQueue)).Distinct()],
            [.. placed.Select(job => new ScopedName(job.Scope, job.State.Placement!.Environment)).Distinct()],
            [.. placed.Select(job => job.State.Placement!.NodeId).Distinct()],
            [.. _waits.Dependents],
            [.. _ids.Where(id => _arrays.TryGetValue(id, out var array) && array.IsOwed)]);
    }

    public long TakeEpoch(string key) => _epochs[key] = _epochs.GetValueOrDefault(key) + 1;

    /// <summary>The machine lost its power, or the program died: what was never durable is gone.</summary>
    public void Crash()
    {
        if (bug == PlantedBug.OwedLooksForgottenInACrash)
        {
            _waits.Forget();
        }
    }

    /// <summary>Commits a step, whole or not at all.</summary>
    public StepResult Commit(JobStep step)
    {
        if (step.Invocation is { } invocation && _answers.TryGetValue(invocation.Key, out var recorded))
        {
            return new(StepOutcome.AlreadyInvoked, [], recorded);
        }

        if (step.Epoch is { } guard && _epochs.GetValueOrDefault(guard.Key) != guard.Epoch && bug != PlantedBug.EpochNotChecked)
        {
            return new(StepOutcome.StaleEpoch, []);
        }

        if (step.Inserts.Any(job => _jobs.ContainsKey(job.JobId)) || !step.Writes.All(CanWrite))
        {
            return new(StepOutcome.VersionConflict, []);
        }

        // As the last, for a repeated step has taken already what it asks for.
        if (step.Writes.Any(write => !write.Claims.IsEmpty) && !Consumables.CanTake(step.Writes.SelectMany(write => write.Claims)) && bug != PlantedBug.ClaimsNotChecked)
        {
            return new(StepOutcome.Exhausted, []);
        }

        List<string> owed = [];
        List<string> full = [];
        ImmutableArray<long> sequences = [.. step.Inserts.Select(job => Insert(job, owed))];
        foreach (var write in step.Writes)
        {
            Write(write, owed, full);
        }

        if (step.Invocation is { } answered && bug != PlantedBug.InvocationNotRecorded)
        {
            _answers.Add(answered.Key, answered.Answer);
        }

        ImmutableArray<SweptChild> swept = step.Sweep is { } sweep ? Sweep(sweep, owed, full) : [];
        foreach (var look in step.Looked?.Looks ?? [])
        {
            if (bug == PlantedBug.LookTakesLaterEndsAlong || _waits.Owed(step.Looked!.JobId).Contains((look.Child, look.Stamp)))
            {
                _waits.Looked(step.Looked!.JobId, look.Child);
            }
        }

        RowChange[] changes = [.. _changes];
        _changes.Clear();
        committed(changes);
        return new(StepOutcome.Committed, sequences) { Owed = [.. owed.Distinct()], FullArrays = [.. full.Distinct()], Swept = swept };
    }

    private bool CanWrite(JobWrite write)
    {
        var job = Read(write.JobId);
        return job is not null
            && (job.Version == write.ExpectedVersion || bug == PlantedBug.VersionNotChecked)
            && (write.ParentVersion is not { } expected || _jobs[job.Child!.ParentId].Version == expected || bug == PlantedBug.ParentVersionNotChecked);
    }

    private long Insert(NewJob job, List<string> owed)
    {
        var row = new JobRecord
        {
            JobId = job.JobId,
            Scope = job.Scope,
            Sequence = _ids.Count + 1,
            Version = 1,
            CreatedAt = job.CreatedAt,
            Spec = job.Spec,
            State = job.State,
        };
        _jobs.Add(job.JobId, row);
        HasConsumables |= job.Spec.ConsumableResources is not null;
        _ids.Add(job.JobId);
        if (job.State.Unwritten is not null)
        {
            _arrays.Add(job.JobId, new(job.Spec.ArraySize!.Value, job.State, turns.Now));
        }

        _changes.Add(new(row, null));
        if (_waits.Insert(job.JobId, job.Waits.Select(wait => TargetOf(job.JobId, wait))))
        {
            owed.Add(job.JobId);
        }

        return row.Sequence;
    }

    private (string Job, int Child, JobStatus Status, WaitKind Kind) TargetOf(string dependent, Wait wait)
    {
        if (wait.Kind == WaitKind.Sequence)
        {
            return (dependent, WaitRows.Whole, JobStatus.Submitted, wait.Kind);
        }

        var target = Read(wait.JobId);
        return (target?.Child?.ParentId ?? wait.JobId, target?.Child?.Index ?? WaitRows.Whole, target?.State.Status ?? JobStatus.Failed, wait.Kind);
    }

    private void Write(JobWrite write, List<string> owed, List<string> full)
    {
        if (JobPartIds.TryParseChild(write.JobId, out var parentId, out var index))
        {
            Note(write, parentId, index);
            WriteChild(parentId, index, write.State, owed, full);
            return;
        }

        Note(write, write.JobId, -1);
        var old = _jobs[write.JobId];
        var row = _jobs[write.JobId] = old with { State = write.State, Version = old.Version + 1 };
        _changes.Add(new(row, old.State));
        if (write.State.Unwritten is { } unwritten)
        {
            if (_arrays[write.JobId].MoveUnwritten(write.State, turns.Now))
            {
                full.Add(write.JobId);
            }

            if (unwritten.Status.IsTerminal() && !old.State.Unwritten!.Status.IsTerminal())
            {
                _waits.UnwrittenEnded(write.JobId, owed, bug == PlantedBug.UnwrittenChildrenForgotten);
            }
        }

        if (row.State.Status.IsTerminal() && !old.State.Status.IsTerminal())
        {
            _waits.Ended(write.JobId, owed);
        }
    }

    /// <summary>What a job's step takes and gives back; before its row is written.</summary>
    private void Note(JobWrite write, string jobId, int child)
    {
        if (HasConsumables && _jobs[jobId].Spec.ConsumableResources is not null)
        {
            Consumables.Moved(jobId, child, Read(write.JobId)!.State.Status, write.State.Status, write.Claims);
        }
    }

    private void WriteChild(string parentId, int index, JobState state, List<string> owed, List<string> full, int by = 1)
    {
        var parent = _jobs[parentId];
        var old = Child(parent, index);
        var array = _arrays[parentId];
        array.Children[index] = (old.Version + 1, state);
        _changes.Add(new(Child(parent, index), old.State));
        if (array.Move(old.State.Status, state, old.Version == 0, turns.Now, by))
        {
            full.Add(parentId);
        }

        if (state.Status.IsTerminal() && !old.State.Status.IsTerminal())
        {
            _waits.Ended(parentId, index, owed);
        }
    }

    private ImmutableArray<SweptChild> Sweep(ArraySweep sweep, List<string> owed, List<string> full)
    {
        var array = _arrays[sweep.ParentId];
        var swept = ImmutableArray.CreateBuilder<SweptChild>();
        foreach (var status in sweep.In.Where(IsReached))
        {
            for (var index = 0; index < array.Children.Length; index++)
            {
                if (array.Children[index] is { } child && child.State.Status == status && sweep.Next(child.State).State is var after && after != child.State)
                {
                    swept.Add(new(index, status, after));
                }
            }
        }

        foreach (var child in swept)
        {
            WriteChild(sweep.ParentId, child.Index, child.After, owed, full, by: bug == PlantedBug.CountsMovedTwice ? 2 : 1);
        }

        return swept.ToImmutable();
    }

    private bool IsReached(JobStatus status) => (bug, status) switch
    {
        (PlantedBug.SweepForgetsRunnable, JobStatus.Runnable) => false,
        (PlantedBug.SweepForgetsRunning, JobStatus.Starting or JobStatus.Running) => false,
        _ => true,
    };

    private JobRecord Child(JobRecord parent, int index) => _arrays[parent.JobId].Children[index] is { } child
        ? ArrayJobs.Child(parent, index, child.Version, child.State)
        : ArrayJobs.Child(parent, index)!;

    /// <summary>What of a job stands in a queue's line: itself, its children with rows, or all those without.</summary>
    private IEnumerable<RunnableJob> WaitingOf(JobRecord job)
    {
        if (job.State.Status == JobStatus.Runnable || job.State is { Status: JobStatus.Pending, Unwritten.Status: JobStatus.Runnable })
        {
            yield return Waiting(job, -1, job.State.Unwritten is null ? 0 : job.Spec.ArraySize!.Value);
        }

        if (job.State.Unwritten is not null)
        {
            foreach (var child in LeavesOf(job).Where(child => child.Version > 0 && child.State.Status == JobStatus.Runnable))
            {
                yield return Waiting(child, child.Child!.Index, 0);
            }
        }
    }

    private static RunnableJob Waiting(JobRecord job, int index, int size) => new(
        job.Sequence, job.JobId, job.Spec.Needs, job.State.Fence > 0, job.State.StatusReason is not null, index, size)
    {
        Consumables = job.Spec.ConsumableResources,
    };
}
