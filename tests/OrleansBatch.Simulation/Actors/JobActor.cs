using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>JobGrain</c>, method for method: asks the transition table, stores, then acts.</summary>
internal sealed partial class JobActor(Silo silo, string jobId)
{
    private const int MostTries = 5;
    private static readonly StepResult Unchanged = new(StepOutcome.Committed);

    private readonly Gate _gate = new();
    private JobRecord? _job;
    private bool _isActive;
    private bool _isLeaving;
    private bool _isGone;

    public string JobId => jobId;

    public bool IsBusy => _gate.IsBusy;

    /// <summary>False when the activation left before the call's turn came.</summary>
    public async Task<bool> EnterAsync()
    {
        await _gate.EnterAsync();
        if (_isGone)
        {
            _gate.Leave();
        }

        return !_isGone;
    }

    public void Leave()
    {
        if (_isLeaving && !_isGone)
        {
            _isGone = true;
            silo.Remove(this);
        }

        _gate.Leave();
    }

    public async Task ActivateAsync()
    {
        if (!_isActive)
        {
            _job = await silo.ReadAsync(store => store.Read(jobId));
            _isActive = true;
        }
    }

    public async Task<PlaceAnswer> PlaceAsync(PlaceOrder order)
    {
        if (_job is null)
        {
            return new(null);
        }

        if (IsPlacedBy(order))
        {
            return new(LaunchOrders.For(_job, "EC2"));
        }

        if (_job.State.Status != JobStatus.Runnable)
        {
            await ReadAgainAsync();
            if (IsPlacedBy(order))
            {
                return new(LaunchOrders.For(_job, "EC2"));
            }
        }

        if (_job.State.Status != JobStatus.Runnable)
        {
            LeaveIfEnded();
            return new(null);
        }

        var placement = Placements.New(
            _job.Scope,
            _job.Spec,
            silo.World.NewId().ToString("N"),
            order.Environment.Name,
            order.ClusterName,
            order.Epoch,
            order.ReservationId,
            order.NodeId,
            order.Incarnation);
        var result = await MoveAsync(state => state.Status == JobStatus.Runnable ? [new JobEvent.Placed(placement)] : [], new(order.Environment.Key, order.Epoch), claims: order.Claims);
        if ((silo.Bug == PlantedBug.LaunchedThoughRefused && _job.State.Placement is null)
            || (silo.Bug == PlantedBug.LaunchedThoughExhausted && result.Outcome == StepOutcome.Exhausted))
        {
            return new(LaunchOrders.For(_job with { State = _job.State with { Fence = _job.State.Fence + 1, Placement = placement } }, "EC2"));
        }

        if (result.Outcome is StepOutcome.StaleEpoch or StepOutcome.Exhausted)
        {
            return new(null, IsStillRunnable: true);
        }

        LeaveIfEnded();
        return new(IsPlacedBy(order) ? LaunchOrders.For(_job, "EC2") : null);
    }

    /// <summary>Reservations are unique within their environment only.</summary>
    private bool IsPlacedBy(PlaceOrder order) => _job!.State.Placement is { } live && live.ReservationId == order.ReservationId
        && (live.Environment == order.Environment.Name || silo.Bug == PlantedBug.ReservationOfAnyEnvironment);

    public async Task<ReportAnswer> ReportAsync(ImmutableArray<AttemptReport> reports)
    {
        if (_job is null)
        {
            return new() { IsAttemptOver = true };
        }

        if (silo.Bug == PlantedBug.ReportOfAnyFenceCounts)
        {
            reports = [.. reports.Select(report => report with { Attempt = new(jobId, _job.State.Fence) })];
        }

        var fence = reports.Max(report => report.Attempt.Fence);
        if (fence > _job.State.Fence)
        {
            // Another activation began the attempt.
            await ReadAgainAsync();
        }

        var held = _job.State.Fence == fence && _job.State.Placement is { } placement
            ? new HeldReservation(new ScopedName(_job.Scope, placement.Environment).Key, placement.ReservationId)
            : null;
        ImmutableArray<JobEvent> events = [.. reports.SelectMany(report => JobEvent.From(report).AsEnumerable())];
        await MoveAsync(_ => events);
        var isOver = _job.State.Fence != fence || _job.State.Placement is null;
        LeaveIfEnded();
        return new()
        {
            IsAttemptOver = isOver,
            Queue = new(_job.Scope, QueueName),
            Requeue = isOver && _job.State.Status == JobStatus.Runnable && silo.Bug != PlantedBug.RequeueForgotten ? Entry() : null,
            Held = held,
        };
    }

    public Task<LaunchOrder?> RelaunchAsync(long fence) => Task.FromResult(
        _job?.State is { Placement: not null } state && state.Fence == fence && silo.Bug != PlantedBug.NothingIsLaunchedAgain
            ? LaunchOrders.For(_job, "EC2")
            : null);

    public Task CancelAsync(string reason) => EndAsync(new JobEvent.Cancelled(reason, silo.Now));

    public Task TerminateAsync(string reason) => EndAsync(new JobEvent.Terminated(reason, silo.Now));

    public async Task<bool> EndWithQueueAsync()
    {
        await EndAsync(new JobEvent.QueueDeleted(silo.Now));
        return _job is null || _job.State.Status.IsTerminal();
    }

    public async Task LookAtChildrenAsync()
    {
        await EndIfFullAsync();
        LeaveIfEnded();
    }

    public async Task SetBlockedAsync(string? statusReason)
    {
        if (_job?.State.Status == JobStatus.Runnable)
        {
            await MoveAsync(state => state.Status == JobStatus.Runnable ? [statusReason is null ? new JobEvent.Unblocked() : new JobEvent.Blocked(statusReason, silo.Now)] : []);
        }
    }

    public async Task ChangeTagsAsync(IReadOnlyDictionary<string, string> tags)
    {
        if (_job is not null)
        {
            await MoveAsync(_ => [new JobEvent.Retagged(tags)]);
        }

        LeaveIfEnded();
    }

    private async Task EndAsync(JobEvent happened)
    {
        if (_job is null)
        {
            LeaveIfEnded();
            return;
        }

        var before = _job.State;
        var result = await MoveAsync(_ => [happened]);
        if (_job.State.Unwritten is not null)
        {
            await EndArrayAsync(before, result);
        }
        else if (before.Status == JobStatus.Runnable && _job.State.Status.IsTerminal())
        {
            silo.Post.Remove(QueueName, Entry());
        }

        StopIfNeeded(jobId, _job.State);
        LeaveIfEnded();
    }

    private async Task<StepResult> MoveAsync(
        Func<JobState, ImmutableArray<JobEvent>> decide, EpochGuard? guard = null, OwedLooks? looked = null, ImmutableArray<ConsumableClaim> claims = default)
    {
        for (var tries = 1; ; tries++)
        {
            var before = _job!.State;
            var events = decide(before);
            var after = events.Aggregate(before, Next);
            if (after == before && looked is null)
            {
                return Unchanged;
            }

            var step = new JobStep
            {
                Writes = after == before ? [] : [new(jobId, _job.Version, after, ParentVersion: ParentVersion(after)) { Claims = claims.IsDefault ? [] : claims }],
                Epoch = guard,
                Sweep = Sweep(events),
                Looked = looked,
            };
            var result = await CommitAsync(step);
            switch (result.Outcome)
            {
                case StepOutcome.StaleEpoch or StepOutcome.Exhausted:
                    return result;
                case StepOutcome.Committed:
                    _job = after == before ? _job : _job with { State = after, Version = _job.Version + 1 };
                    Tell(result);
                    return result;
                case var _ when tries < MostTries:
                    _job = (await silo.ReadAsync(store => store.Read(jobId)))!;
                    break;
                default:
                    _isLeaving = true;
                    throw new LostException();
            }
        }
    }

    /// <summary>What says no without a write asks the row first: a second activation would not know that it is behind.</summary>
    private async Task ReadAgainAsync()
    {
        if (silo.Bug != PlantedBug.MemoryTrusted)
        {
            _job = await silo.ReadAsync(store => store.Read(jobId)) ?? _job;
        }
    }

    private JobState Next(JobState state, JobEvent happened)
    {
        var strategy = _job!.Spec.RetryStrategy;
        switch (silo.Bug)
        {
            case PlantedBug.RetryAfterCancel when happened is JobEvent.OfAttempt && state.IsCancelled:
                var asIfNot = JobTransitions.Next(state with { IsCancelled = false }, strategy, happened);
                return asIfNot with { IsCancelled = true };
            case PlantedBug.OneAttemptTooMany:
                strategy = strategy with { Attempts = strategy.Attempts + 1 };
                break;
            case PlantedBug.TerminatedMaySucceed when happened is JobEvent.Exited { ExitCode: 0 }:
                state = state with { StopReason = null };
                break;
        }

        return JobTransitions.Next(state, strategy, happened);
    }

    private async Task<StepResult> CommitAsync(JobStep step)
    {
        try
        {
            return await silo.CommitAsync(step);
        }
        catch
        {
            // Nobody knows what the row holds now; the next activation reads it.
            _isLeaving = true;
            throw;
        }
    }

    private long? ParentVersion(JobState after) =>
        _job!.Child is { } child && (_job.Version == 0 || after.Status == JobStatus.Starting) ? child.ParentVersion : null;

    private ArraySweep? Sweep(ImmutableArray<JobEvent> events) =>
        _job!.State.Unwritten is not null && events is [var happened, ..] && ArrayJobs.Reached(happened) is { IsEmpty: false } reached
            ? new(jobId, reached, child => JobChanges.Fold(child, _job.Spec.RetryStrategy, [happened], silo.Now))
            : null;

    private void Tell(StepResult result)
    {
        foreach (var dependent in result.Owed)
        {
            silo.Post.LookAtDependencies(dependent);
        }

        foreach (var array in result.FullArrays)
        {
            silo.Post.LookAtChildren(array);
        }
    }

    private async Task EndArrayAsync(JobState before, StepResult result)
    {
        if (!before.Status.IsTerminal() && (!ReferenceEquals(result, Unchanged) || silo.Bug == PlantedBug.DeletionSpins))
        {
            silo.Post.Remove(QueueName, Entry());
        }

        foreach (var child in result.Swept.IsDefault ? [] : result.Swept)
        {
            StopIfNeeded(JobPartIds.Child(jobId, child.Index), child.After);
        }

        await EndIfFullAsync();
    }

    private void StopIfNeeded(string id, JobState state)
    {
        if (JobTransitions.NeedsStop(state))
        {
            silo.Post.Stop(state.Placement!.NodeId, new(new(id, state.Fence)));
        }
    }

    private string QueueName => _job!.Spec.JobQueue;

    private QueueEntry Entry() => new()
    {
        JobId = jobId,
        Sequence = _job!.Sequence,
        TriedBefore = _job.State.Fence > 0,
        Needs = _job.Spec.Needs,
        Index = _job.Child?.Index ?? -1,
        ArraySize = _job.State.Unwritten is null ? 0 : _job.Spec.ArraySize!.Value,
        Consumables = _job.Spec.ConsumableResources,
    };

    private void LeaveIfEnded() => _isLeaving |= _job is null || _job.State.Status.IsTerminal();
}
