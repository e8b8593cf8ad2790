using OrleansBatch.Core.Jobs;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Simulation.Machines;
using OrleansBatch.Simulation.Stores;

namespace OrleansBatch.Simulation.Properties;

/// <summary>Looks at every effect as it happens, and at everything at rest. Knows rows, processes and answers, nothing of who made them.</summary>
internal sealed partial class Watch(World world)
{
    private readonly Dictionary<Property, string> _violations = [];
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);

    /// <summary>Jobs whose end was acknowledged, with the last attempt that may run.</summary>
    private readonly Dictionary<string, long> _ended = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<Property, string> Violations => _violations;

    public void Violate(Property property, string what) => _violations.TryAdd(property, what);

    /// <summary>A step was committed.</summary>
    public void Committed(IReadOnlyList<RowChange> changes)
    {
        var isPlaced = false;
        foreach (var change in changes)
        {
            CheckMove(change);
            CheckDependencies(change);
            CheckEnd(change);
            isPlaced |= change.Job.State.Status == JobStatus.Starting;
        }

        foreach (var arrayId in changes.Select(change => change.Job.Child?.ParentId ?? (change.Job.State.Unwritten is null ? null : change.Job.JobId)).OfType<string>().Distinct())
        {
            CheckArray(arrayId);
        }

        if (isPlaced)
        {
            CheckCapacity();
        }

        if (world.Store.HasConsumables)
        {
            CheckConsumables();
        }
    }

    /// <summary>A process is up.</summary>
    public void Started(Machine machine, Attempt attempt)
    {
        var jobId = attempt.Key.JobId;
        var job = world.Store.Read(jobId)!;
        if (world.Machines.SelectMany(one => one.Processes).Count(process => process.Key.JobId == jobId) > 1)
        {
            Violate(Property.OneLiveProcess, $"{jobId} has two processes");
        }

        CheckProcess(attempt, job);
        _starts[jobId] = _starts.GetValueOrDefault(jobId) + 1;
        if (_starts[jobId] > job.Spec.RetryStrategy.Attempts)
        {
            Violate(Property.NoMoreStartsThanAttempts, $"{jobId} was started {_starts[jobId]} times");
        }

        if (_ended.TryGetValue(jobId, out var last) && attempt.Key.Fence > last)
        {
            Violate(Property.NoStartAfterAcknowledgedEnd, $"attempt {attempt.Key} was started after the answer");
        }

        var index = world.Machines.Index().First(one => one.Item == machine).Index;
        var used = machine.Processes.Aggregate(default(ResourceNeeds), (sum, process) => sum + world.Store.Read(process.Key.JobId)!.Spec.Needs);
        if (!world.CapacityOf($"environment-{index}").Covers(used))
        {
            Violate(Property.CapacityHolds, $"processes use {used.VcpuMillis} on {machine.NodeId}");
        }
    }

    /// <summary>A cancel or terminate was answered.</summary>
    public void EndAcknowledged(string jobId)
    {
        foreach (var leaf in world.Store.LeavesOf(world.Store.Read(jobId)!))
        {
            _ended.TryAdd(leaf.JobId, leaf.State.Fence);
            if (leaf.State.Status is JobStatus.Submitted or JobStatus.Pending or JobStatus.Runnable)
            {
                Violate(Property.NoStartAfterAcknowledgedEnd, $"{leaf.JobId} still waits as {leaf.State.Status} after the answer");
            }
        }
    }

    /// <summary>A queue took jobs out of its line.</summary>
    public void Matched(IReadOnlyList<QueueEntry> taken, IEnumerable<QueueEntry> left)
    {
        if (taken.Count == 0)
        {
            return;
        }

        var last = taken.Select(PlaceOf).Max();
        foreach (var entry in left)
        {
            var place = PlaceOf(entry);
            if (place.CompareTo(last) < 0 && place.Tried >= 0 && !taken.Any(job => job.JobId == entry.JobId))
            {
                Violate(Property.FirstInFirstOut, $"{entry.JobId} was passed over");
            }
        }
    }

    /// <summary>All that was pending was delivered, and nobody has said anew what it has.</summary>
    public void LossesTold()
    {
        foreach (var job in world.Store.Leaves)
        {
            if (job.State.Placement is { } placement && placement.Incarnation != world.Machine(placement.NodeId).Incarnation)
            {
                Violate(Property.LossesAreTold, $"attempt {job.State.Fence} of {job.JobId} was lost with its machine, and its job is {job.State.Status}");
            }
        }
    }

    /// <summary>Whoever was told to stop has had its time.</summary>
    public void Stopped()
    {
        foreach (var process in world.Machines.SelectMany(machine => machine.Processes))
        {
            var job = world.Store.Read(process.Key.JobId)!;
            if (job.State.Fence != process.Key.Fence || job.State.Placement is null || job.State.StopReason is not null)
            {
                Violate(Property.StoppedIsStopped, $"attempt {process.Key} still runs, and its job is {job.State.Status}");
            }
        }
    }

    /// <summary>Nothing moves any more.</summary>
    public void AtRest()
    {
        foreach (var (invocation, jobId) in world.Client.Answers)
        {
            if (world.Store.Read(jobId) is null || world.Store.Jobs.Count(job => job.Spec.JobName == invocation) != 1)
            {
                Violate(Property.AcknowledgedIsKept, $"{invocation} is not there once");
            }
        }

        foreach (var queue in world.Queues.Keys)
        {
            CheckStuck(queue);
        }

        CheckNothingIsHeld();
        foreach (var environment in world.Silo!.Environments)
        {
            var held = Placed(environment.Name);
            if (environment.InUse != held)
            {
                Violate(Property.LedgerIsExact, $"{environment.Name} thinks that {environment.InUse.VcpuMillis} are in use, the rows say {held.VcpuMillis}");
            }
        }
    }

    private void CheckMove(RowChange change)
    {
        var (job, before) = change;
        var isArray = job.State.Unwritten is not null;
        if (before is null)
        {
            if (!LegalMoves.MayBegin(job.State, isArray))
            {
                Violate(Property.OnlyLegalMoves, $"{job.JobId} begins as {job.State.Status}");
            }

            return;
        }

        if (LegalMoves.Problem(before, job.State, isArray) is { } problem)
        {
            Violate(before.Status.IsTerminal() ? Property.FinishedIsFinal : Property.OnlyLegalMoves, $"{job.JobId} from {before.Status} to {job.State.Status}: {problem}");
        }

        if (before.Status.IsTerminal() && before with { Tags = null, Unwritten = null } != job.State with { Tags = null, Unwritten = null })
        {
            Violate(Property.FinishedIsFinal, $"{job.JobId} changed after its end");
        }

        if (isArray && LegalMoves.Problem(before.Unwritten!, job.State.Unwritten!, isArray: false) is { } ofChildren)
        {
            Violate(Property.OnlyLegalMoves, $"children of {job.JobId} from {before.Unwritten!.Status} to {job.State.Unwritten!.Status}: {ofChildren}");
        }

        if (job.State.Status == JobStatus.Starting && before.Status != JobStatus.Starting && _ended.ContainsKey(job.JobId))
        {
            Violate(Property.NoStartAfterAcknowledgedEnd, $"{job.JobId} is STARTING after the answer");
        }
    }

    private void CheckDependencies(RowChange change)
    {
        var job = change.Job;
        if (job.Spec.DependsOn.Count == 0 || change.Before?.Status == job.State.Status)
        {
            return;
        }

        if (job.State.Status is JobStatus.Runnable or JobStatus.Starting && Needed(job).Any(status => status != JobStatus.Succeeded))
        {
            Violate(Property.NeverEarly, $"{job.JobId} is {job.State.Status} before what it waits for");
        }

        if (job.State is { Status: JobStatus.Failed, StatusReason: "Dependent Job failed", Unwritten: null } && !Needed(job).Contains(JobStatus.Failed))
        {
            Violate(Property.FailsOnlyForAFailedDependency, $"{job.JobId} failed for a dependency that did not");
        }
    }

    /// <summary>The statuses of all that a job waits for.</summary>
    private IEnumerable<JobStatus> Needed(JobRecord job)
    {
        foreach (var entry in job.Spec.DependsOn)
        {
            if (entry.JobId is null)
            {
                if (job.Child is { Index: > 0 } child)
                {
                    yield return world.Store.Read($"{child.ParentId}:{child.Index - 1}")!.State.Status;
                }
            }
            else if (entry.Type != "N_TO_N")
            {
                yield return world.Store.Read(entry.JobId)!.State.Status;
            }
            else if (job.Child is { } child)
            {
                yield return world.Store.Read($"{entry.JobId}:{child.Index}")!.State.Status;
            }
        }
    }

    private void CheckEnd(RowChange change)
    {
        var (job, before) = change;
        if (!job.State.Status.IsTerminal() || before?.Status.IsTerminal() == true)
        {
            return;
        }

        if (job.State.Unwritten is not null)
        {
            CheckParentEnd(job);
        }
        else if (job.State.IsTerminated && (job.State.Status != JobStatus.Failed || !IsReason(job.State, "terminate", StatusReasons.QueueDeleted)))
        {
            Violate(Property.TerminatedFails, $"{job.JobId} was terminated and is {job.State.Status}: {job.State.StatusReason}");
        }
    }

    private void CheckParentEnd(JobRecord job)
    {
        var children = world.Store.LeavesOf(job).Select(child => child.State.Status).ToList();
        if (!children.TrueForAll(status => status.IsTerminal()))
        {
            Violate(Property.ParentEndsLast, $"{job.JobId} is {job.State.Status} before its children");
        }

        var expected = children.TrueForAll(status => status == JobStatus.Succeeded) ? JobStatus.Succeeded : JobStatus.Failed;
        var isGood = job.State.Status == expected && (job.State switch
        {
            { Status: JobStatus.Succeeded } => job.State.StatusReason is null,
            { IsTerminated: true } => IsReason(job.State, "terminate"),
            { IsCancelled: true } => IsReason(job.State, "cancel", StatusReasons.QueueDeleted, StatusReasons.DependencyFailed),
            _ when world.Queues[job.Spec.JobQueue] is { Status: "VALID" } => job.State.StatusReason == StatusReasons.ChildFailed
                || (job.State.StatusReason == StatusReasons.DependencyFailed && Needed(job).Contains(JobStatus.Failed)),
            _ => IsReason(job.State, StatusReasons.QueueDeleted, StatusReasons.ChildFailed, StatusReasons.DependencyFailed),
        });
        if (!isGood)
        {
            Violate(Property.ParentSaysWhy, $"{job.JobId} is {job.State.Status}: {job.State.StatusReason}");
        }
    }

    private static bool IsReason(JobState state, params ReadOnlySpan<string> beginnings)
    {
        foreach (var beginning in beginnings)
        {
            if (state.StatusReason?.StartsWith(beginning, StringComparison.Ordinal) == true)
            {
                return true;
            }
        }

        return false;
    }

    private void CheckArray(string arrayId)
    {
        var counts = world.Store.Counts(arrayId);
        var counted = new int[7];
        foreach (var child in world.Store.LeavesOf(world.Store.Read(arrayId)!))
        {
            counted[(int)child.State.Status]++;
        }

        if (!counts.ByStatus.SequenceEqual(counted))
        {
            Violate(Property.CountsAreExact, $"{arrayId} counts {string.Join(' ', counts.ByStatus)}, it has {string.Join(' ', counted)}");
        }
    }

    private void CheckCapacity()
    {
        for (var index = 0; index < world.Machines.Count; index++)
        {
            var used = Placed($"environment-{index}");
            if (!world.CapacityOf($"environment-{index}").Covers(used))
            {
                Violate(Property.CapacityHolds, $"jobs use {used.VcpuMillis} of environment-{index}");
            }
        }
    }

    private ResourceNeeds Placed(string environment) => world.Store.Leaves
        .Where(job => job.State.Placement?.Environment == environment)
        .Aggregate(default(ResourceNeeds), (sum, job) => sum + job.Spec.Needs);

    /// <summary>At rest, only a job that fits nowhere may wait at a head, others behind it, and those that wait for any of them.</summary>
    private void CheckStuck(string queue)
    {
        if (world.Queues[queue] is { Status: "DELETING" })
        {
            Violate(Property.NothingIsStuck, $"{queue} is being deleted for ever");
        }

        var head = world.Store.ReadRunnable(queue) is [var first, ..] ? first : null;
        if (head is not null && Consumables.All.All(key => Consumables.Of(head.Consumables, key) <= Left(key)) && Enumerable.Range(0, world.Machines.Count).Any(index => world.CapacityOf($"environment-{index}").Covers(head.Needs)))
        {
            Violate(Property.NothingIsStuck, $"{head.JobId} could start");
        }

        foreach (var job in world.Store.Jobs.Where(job => job.Spec.JobQueue == queue))
        {
            foreach (var leaf in world.Store.LeavesOf(job))
            {
                var isStuck = leaf.State.Status switch
                {
                    JobStatus.Starting or JobStatus.Running => true,
                    JobStatus.Pending => !IsWaiting(leaf),
                    _ => false,
                };
                if (isStuck)
                {
                    Violate(Property.NothingIsStuck, $"{leaf.JobId} is {leaf.State.Status} for ever");
                }
            }

            if (job.State is { Unwritten: not null, Status: JobStatus.Pending } && world.Store.Counts(job.JobId).IsOver)
            {
                Violate(Property.NothingIsStuck, $"{job.JobId} has no open child and does not end");
            }

            if (world.Queues[queue] is not { Status: "VALID" } && !job.State.Status.IsTerminal()
                && !world.Store.LeavesOf(job).Any(leaf => leaf.State.Status == JobStatus.Pending && IsWaiting(leaf)))
            {
                Violate(Property.NothingIsStuck, $"{job.JobId} outlives its queue");
            }
        }
    }

    /// <summary>Whether it rightly waits: for what it waits for as a whole, and then for what its own index waits for.</summary>
    private bool IsWaiting(JobRecord job)
    {
        var whole = Dependencies.Whole(job.Spec.DependsOn).Select(id => world.Store.Read(id)!.State.Status).ToList();
        var statuses = whole.TrueForAll(status => status == JobStatus.Succeeded) ? [.. Needed(job)] : whole;
        return !statuses.Contains(JobStatus.Failed) && statuses.Exists(status => !status.IsTerminal());
    }

    private (int Tried, long Sequence, int Index) PlaceOf(QueueEntry entry)
    {
        // What is in the line by mistake, because its removal is under way, has no place.
        var job = world.Store.Read(entry.JobId)!;
        return job.State.Status == JobStatus.Runnable && job.State.Fence > 0 == entry.TriedBefore
            ? (entry.TriedBefore ? 0 : 1, job.Sequence, job.Child?.Index ?? -1)
            : (-1, 0, 0);
    }
}
