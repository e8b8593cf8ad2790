using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.JobQueues;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Grains.Telemetry;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Owns one job's life: asks the transition table, stores, then acts.</summary>
internal sealed partial class JobGrain(IJobStore store, Post post, IFailpoints failpoints, BatchMetrics metrics, TimeProvider time, ILogger<JobGrain> logger) : Grain, IJobGrain
{
    /// <summary>How long what had ended before it was asked for waits for others who ask.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly JobTelemetry _telemetry = new(metrics, time);

    /// <summary>The row as this activation last read or wrote it; null: there is no such job.</summary>
    private JobRecord? _job;

    /// <summary>Whether another silo may have written the row before this activation was: only a step may begin with it.</summary>
    private bool _isAsInserted;
    private IGrainTimer? _leaving;

    private string JobId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Most are called to begin the attempt for which they were inserted a moment ago.
        _job = store.FindInserted(JobId);
        _isAsInserted = _job is not null;
        _job ??= await store.ReadAsync(JobId, cancellationToken);
        if (IsGang)
        {
            await ReadAgainAsync(cancellationToken);
        }
    }

    public async Task<PlaceAnswer> Place(PlaceOrder order, CancellationToken cancellationToken)
    {
        if (_job is null || !IsIn(order.Environment.Scope))
        {
            return new(null);
        }

        return await PlaceAsync(() => IsPlacedBy(order), BeginAsync, () => LaunchOrders.For(_job, Platform(order.Fargate)), cancellationToken);

        Task<StepResult> BeginAsync()
        {
            var placement = Placements.New(
                _job.Scope,
                _job.Spec,
                // In the order of time, so that the names of one prefix's streams grow.
                NodeMarks.TaskId(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), order.NodeId),
                order.Environment.Name,
                order.ClusterName,
                order.Epoch,
                order.ReservationId,
                order.NodeId,
                order.Incarnation,
                order.Fargate,
                order.Host,
                order.UsdPerHour,
                gpus: order.Gpus);
            return MoveAsync(
                // A cancel of the whole array may have come first.
                state => state.Status == JobStatus.Runnable ? [new JobEvent.Placed(placement)] : [],
                cancellationToken,
                new EpochGuard(order.Environment.Key, order.Epoch),
                claims: order.Claims);
        }
    }

    public async Task<ReportAnswer> Report(string nodeId, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        if (_job is null)
        {
            // The row is gone for good (a data folder put back from a backup): nothing is owed to it.
            LogUnknownAttempt(JobId);
            return new() { IsAttemptOver = true };
        }

        await ReadIfAsInsertedAsync(cancellationToken);
        var attempt = reports[0].Attempt;
        var fence = reports.Max(report => report.Attempt.Fence);
        if (StateOf(attempt) is { } known && fence > known.Fence)
        {
            // Another activation began the attempt.
            await ReadAgainAsync(cancellationToken);
        }

        if (StateOf(attempt) is not { } before)
        {
            LogUnknownAttempt(attempt.JobId);
            return new() { IsAttemptOver = true };
        }

        if (Placements.IsElsewhere(before, fence, nodeId))
        {
            // It has no such attempt, and is told to forget it.
            LogReportedElsewhere(attempt.JobId, fence, nodeId);
            return new() { IsAttemptOver = true };
        }

        var held = before.Fence == fence && before.Placement is { } placement
            ? new HeldReservation(new ScopedName(_job.Scope, placement.Environment).Key, placement.ReservationId)
            : null;
        ImmutableArray<JobEvent> events = [.. reports.SelectMany(report => JobEvent.From(report).AsEnumerable())];
        _ = await (FindNode(attempt) is { } node ? MoveNodeAsync(node, events, cancellationToken) : MoveAsync(events, cancellationToken));
        var isOver = StateOf(attempt) is not { Placement: not null } after || after.Fence != fence;
        // A multi-node job holds what is its own until its last node's attempt is over.
        var isJobsOver = IsGang ? !_job.State.Status.IsPlaced() : isOver;
        DeactivateIfEnded();
        return new()
        {
            IsAttemptOver = isOver,
            Queue = QueueName,
            Requeue = isOver && _job.State.Status == JobStatus.Runnable ? Entry() : null,
            Held = held,
            Uncharged = isJobsOver && HasShare ? JobId : null,
            ConsumableResources = isJobsOver ? [.. (_job.Spec.ConsumableResources ?? []).Select(need => new ScopedName(_job.Scope, need.ResourceName).Key)] : [],
        };
    }

    public async Task<LaunchOrder?> Relaunch(AttemptId attempt, CancellationToken cancellationToken)
    {
        if (IsGang)
        {
            return RelaunchNode(attempt);
        }

        await ReadIfAsInsertedAsync(cancellationToken);
        return _job?.State is { Placement: { } placement } state && state.Fence == attempt.Fence
            ? LaunchOrders.For(_job, Platform(placement.Fargate))
            : null;
    }

    public async Task ReclaimHost(AttemptId attempt, CancellationToken cancellationToken)
    {
        await ReadIfAsInsertedAsync(cancellationToken);
        if (IsGang)
        {
            if (FindNode(attempt) is { } node)
            {
                await MoveNodeAsync(node, [new JobEvent.HostReclaimed(attempt.Fence)], cancellationToken);
            }
        }
        else if (_job is not null)
        {
            await MoveAsync([new JobEvent.HostReclaimed(attempt.Fence)], cancellationToken);
            StopIfNeeded(JobId, _job.State);
        }

        LeaveSoonIfEnded();
    }

    public Task Cancel(Scope scope, string reason, CancellationToken cancellationToken) =>
        EndAsync(scope, new JobEvent.Cancelled(reason, time.GetUtcNow()), cancellationToken);

    public Task Terminate(Scope scope, string reason, CancellationToken cancellationToken) =>
        EndAsync(scope, new JobEvent.Terminated(reason, time.GetUtcNow()), cancellationToken);

    public async Task<bool> EndWithQueue(CancellationToken cancellationToken)
    {
        if (_job is not null)
        {
            await EndAsync(_job.Scope, new JobEvent.QueueDeleted(time.GetUtcNow()), cancellationToken);
        }

        return _job is null || _job.State.Status.IsTerminal();
    }

    public async Task LookAtChildren(CancellationToken cancellationToken)
    {
        await ReadIfAsInsertedAsync(cancellationToken);
        await EndIfFullAsync(cancellationToken);
        LeaveSoonIfEnded();
    }

    public async Task SetBlocked(string? statusReason, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await ReadIfAsInsertedAsync(cancellationToken);
        if (_job?.State.Status == JobStatus.Runnable)
        {
            await MoveAsync(
                state => state.Status == JobStatus.Runnable ? [statusReason is null ? new JobEvent.Unblocked() : new JobEvent.Blocked(statusReason, since)] : [],
                cancellationToken);
        }
    }

    public async Task<bool> ChangeTags(Scope scope, TagChange change, CancellationToken cancellationToken)
    {
        await ReadIfAsInsertedAsync(cancellationToken);
        var isKnown = _job is not null && IsIn(scope);
        if (isKnown)
        {
            var tags = JobDescriptions.Tags(_job!);
            var changed = TagChanges.Apply(tags, change);
            if (!ReferenceEquals(changed, tags))
            {
                await MoveAsync([new JobEvent.Retagged(changed)], cancellationToken);
            }
        }

        LeaveSoonIfEnded();
        return isKnown;
    }

    /// <summary>Begins an attempt, unless this order has begun it before.</summary>
    private async Task<PlaceAnswer> PlaceAsync(Func<bool> isPlaced, Func<Task<StepResult>> begin, Func<LaunchOrder> order, CancellationToken cancellationToken)
    {
        if (_job!.State.Status != JobStatus.Runnable && !isPlaced())
        {
            // What says no without a write asks the rows first: an activation that another has replaced would not know.
            await ReadAgainAsync(cancellationToken);
        }

        if (!isPlaced() && _job.State.Status == JobStatus.Runnable && (await begin()).Outcome is StepOutcome.StaleEpoch or StepOutcome.Exhausted)
        {
            return new(null, IsStillRunnable: true);
        }

        DeactivateIfEnded();
        return new(isPlaced() ? order() : null);
    }

    private async Task EndAsync(Scope scope, JobEvent happened, CancellationToken cancellationToken)
    {
        if (_job is null || !IsIn(scope))
        {
            // Unknown to this caller: as AWS Batch answers, nothing happens.
            LeaveSoonIfEnded();
            return;
        }

        await ReadIfAsInsertedAsync(cancellationToken);
        var before = _job.State;
        var result = await MoveAsync([happened], cancellationToken);
        if (IsArray)
        {
            await EndArrayAsync(before, result, cancellationToken);
        }
        else if (!before.Status.IsPlaced() && !before.Status.IsTerminal() && _job.State.Status.IsTerminal() && (before.Status == JobStatus.Runnable || HasShare))
        {
            post.Remove(QueueName!.Key, Entry());
        }

        StopIfNeeded(JobId, _job.State);

        if (before.Status.IsTerminal())
        {
            LeaveSoonIfEnded();
        }
        else
        {
            DeactivateIfEnded();
        }
    }

    /// <summary>After an array was told to end: the queue lets go of it, what runs is stopped, and with nothing left it is over at once.</summary>
    private async Task EndArrayAsync(JobState before, StepResult result, CancellationToken cancellationToken)
    {
        if (!before.Status.IsTerminal() && !ReferenceEquals(result, Unchanged))
        {
            post.Remove(QueueName!.Key, Entry());
        }

        foreach (var child in result.Swept)
        {
            StopIfNeeded(JobPartIds.Child(JobId, child.Index), child.After);
        }

        await EndIfFullAsync(cancellationToken);
    }

    private void StopIfNeeded(string jobId, JobState state)
    {
        if (JobTransitions.NeedsStop(state))
        {
            post.Stop(state.Placement!.NodeId, new(new(jobId, state.Fence)));
        }
    }

    private bool IsArray => _job?.State is { Unwritten: not null, Role: JobRole.Job };

    private bool HasShare => _job!.Spec.ShareIdentifier is not null;

    private ScopedName? QueueName => _job is null ? null : new(_job.Scope, _job.Spec.JobQueue);

    private QueueEntry Entry() => QueueEntries.Of(_job!);

    /// <summary>Reservations are unique within their environment only.</summary>
    private bool IsPlacedBy(PlaceOrder order) =>
        _job!.State.Placement is { } live && live.ReservationId == order.ReservationId && live.Environment == order.Environment.Name;

    /// <summary>The job's own state, or that of its node whose attempt it is; null when there is no such node.</summary>
    private JobState? StateOf(AttemptId attempt) => !IsGang ? _job!.State : FindNode(attempt) is { } node ? _nodes[node].State : null;

    private bool IsIn(Scope scope) => _job!.Scope == scope;

    private static string Platform(FargateHost? fargate) => fargate is null ? "EC2" : "FARGATE";

    /// <summary>
    /// What had ended before it was asked for stays a moment: several may ask at once, and each would otherwise be handed
    /// from one activation that leaves to the next, until the runtime gives up.
    /// </summary>
    private void LeaveSoonIfEnded()
    {
        if (_job is null || _job.State.Status.IsTerminal())
        {
            _leaving ??= this.RegisterGrainTimer(
                _ =>
                {
                    DeactivateOnIdle();
                    return Task.CompletedTask;
                },
                new() { DueTime = Patience, Period = Timeout.InfiniteTimeSpan });
        }
    }

    /// <summary>What has ended, or never was, leaves memory at once.</summary>
    private void DeactivateIfEnded()
    {
        if (_job is null || _job.State.Status.IsTerminal())
        {
            DeactivateOnIdle();
        }
    }
}
