using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.JobQueues;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Owns one job's life: asks the transition table, stores, then acts.</summary>
internal sealed partial class JobGrain(IJobStore store, Post post, IFailpoints failpoints, TimeProvider time, ILogger<JobGrain> logger) : Grain, IJobGrain
{
    /// <summary>How often a step is decided anew because a row was changed in between.</summary>
    private const int MostTries = 5;

    private static readonly StepResult Unchanged = new(StepOutcome.Committed);

    /// <summary>How long what had ended before it was asked for waits for others who ask.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The row as this activation last read or wrote it; null: there is no such job.</summary>
    private JobRecord? _job;
    private IGrainTimer? _leaving;

    private string JobId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _job = await store.ReadAsync(JobId, cancellationToken);
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

        if (_job.State.Status != JobStatus.Runnable && !IsPlacedBy(order))
        {
            // What says no without a write asks the row first: an activation that another has replaced would not know.
            await ReadAgainAsync(cancellationToken);
        }

        if (IsPlacedBy(order))
        {
            return new(LaunchOrders.For(_job, Platform(order.IsFargate)));
        }

        if (_job.State.Status != JobStatus.Runnable)
        {
            DeactivateIfEnded();
            return new(null);
        }

        var placement = Placements.New(
            _job.Scope,
            _job.Spec,
            // In the order of time, so that the names of one prefix's streams grow.
            Guid.CreateVersion7(time.GetUtcNow()).ToString("N"),
            order.Environment.Name,
            order.ClusterName,
            order.Epoch,
            order.ReservationId,
            order.NodeId,
            order.Incarnation,
            order.IsFargate,
            order.Host,
            order.UsdPerHour);
        var result = await MoveAsync(
            // A cancel of the whole array may have come first.
            state => state.Status == JobStatus.Runnable ? [new JobEvent.Placed(placement)] : [],
            cancellationToken,
            new EpochGuard(order.Environment.Key, order.Epoch),
            claims: order.Claims);
        if (result.Outcome is StepOutcome.StaleEpoch or StepOutcome.Exhausted)
        {
            return new(null, IsStillRunnable: true);
        }

        DeactivateIfEnded();
        return new(IsPlacedBy(order) ? LaunchOrders.For(_job, Platform(order.IsFargate)) : null);
    }

    public async Task<ReportAnswer> Report(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        if (_job is null)
        {
            // The row is gone for good (a data folder put back from a backup): nothing is owed to it.
            LogUnknownAttempt(JobId);
            return new() { IsAttemptOver = true };
        }

        if (IsGang)
        {
            return await ReportNodeAsync(reports, cancellationToken);
        }

        var fence = reports.Max(report => report.Attempt.Fence);
        if (fence > _job.State.Fence)
        {
            // Another activation began the attempt.
            await ReadAgainAsync(cancellationToken);
        }

        var held = _job.State.Fence == fence && _job.State.Placement is { } placement
            ? new HeldReservation(new ScopedName(_job.Scope, placement.Environment).Key, placement.ReservationId)
            : null;
        await MoveAsync([.. reports.SelectMany(report => JobEvent.From(report).AsEnumerable())], cancellationToken);
        var isOver = _job.State.Fence != fence || _job.State.Placement is null;
        DeactivateIfEnded();
        return new()
        {
            IsAttemptOver = isOver,
            Queue = QueueName,
            Requeue = isOver && _job.State.Status == JobStatus.Runnable ? Entry() : null,
            Held = held,
            Uncharged = isOver && HasShare ? JobId : null,
            ConsumableResources = isOver ? ConsumableKeys() : [],
        };
    }

    public Task<LaunchOrder?> Relaunch(AttemptId attempt, CancellationToken cancellationToken)
    {
        if (IsGang)
        {
            return Task.FromResult(RelaunchNode(attempt));
        }

        var order = _job?.State is { Placement: { } placement } state && state.Fence == attempt.Fence
            ? LaunchOrders.For(_job, Platform(placement.ContainerInstanceArn is null))
            : null;
        return Task.FromResult(order);
    }

    public async Task ReclaimHost(AttemptId attempt, CancellationToken cancellationToken)
    {
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
        await EndIfFullAsync(cancellationToken);
        LeaveSoonIfEnded();
    }

    public async Task SetBlocked(string? statusReason, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (_job?.State.Status == JobStatus.Runnable)
        {
            await MoveAsync(
                state => state.Status == JobStatus.Runnable ? [statusReason is null ? new JobEvent.Unblocked() : new JobEvent.Blocked(statusReason, since)] : [],
                cancellationToken);
        }
    }

    public async Task<bool> ChangeTags(Scope scope, TagChange change, CancellationToken cancellationToken)
    {
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

    private async Task EndAsync(Scope scope, JobEvent happened, CancellationToken cancellationToken)
    {
        if (_job is null || !IsIn(scope))
        {
            // Unknown to this caller: as AWS Batch answers, nothing happens.
            LeaveSoonIfEnded();
            return;
        }

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

    private Task<StepResult> MoveAsync(ImmutableArray<JobEvent> events, CancellationToken cancellationToken, OwedLooks? looked = null) =>
        MoveAsync(_ => events, cancellationToken, looked: looked);

    /// <summary>Decides and stores. When it returns, memory and row are one.</summary>
    /// <param name="decide">What happens to the job, asked again when its row was changed in between: an array's parent writes its children's rows, too.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="guard">The epoch that must still be the newest.</param>
    /// <param name="looked">Looks that are done with this step.</param>
    /// <param name="claims">What the attempt that begins takes of consumable resources.</param>
    private async Task<StepResult> MoveAsync(
        Func<JobState, ImmutableArray<JobEvent>> decide, CancellationToken cancellationToken, EpochGuard? guard = null, OwedLooks? looked = null, ImmutableArray<ConsumableClaim> claims = default)
    {
        if (IsGang)
        {
            return await MoveGangAsync(
                gang => GangMoves.Happen(gang, _job!.Spec.RetryStrategy, decide(gang.Job), time.GetUtcNow()), cancellationToken, guard, looked, claims);
        }

        for (var tries = 1; ; tries++)
        {
            var before = _job!.State;
            var events = decide(before);
            var move = JobChanges.Fold(before, _job.Spec.RetryStrategy, events, time.GetUtcNow());
            var after = move.State;
            if (after == before && looked is null)
            {
                return Unchanged;
            }

            var step = new JobStep
            {
                Writes = after == before ? [] :
                [
                    new(JobId, _job.Version, after, EndedLog(_job, after), ParentVersion(after))
                    {
                        OtherEndedLogs = OtherEndedLogs(_job, after),
                        Used = Used(after),
                        Claims = claims.IsDefault ? [] : claims,
                        Changes = move.Changes,
                        UnwrittenChanges = move.UnwrittenChanges,
                    },
                ],
                Epoch = guard,
                Sweep = Sweep(events),
                Looked = looked,
            };
            var result = await CommitAsync(step, cancellationToken);
            switch (result.Outcome)
            {
                case StepOutcome.StaleEpoch or StepOutcome.Exhausted:
                    return result;
                case StepOutcome.Committed:
                    if (_job is { Version: 0, Child.Index: var index } && index == _job.Spec.ArraySize / 2)
                    {
                        failpoints.Reach(Failpoint.ArrayHalfWritten);
                    }

                    _job = after == before ? _job : _job with { State = after, Version = _job.Version + 1 };
                    LetShareGo(before);
                    LogMoved(JobId, before.Status, after.Status);
                    Tell(result);
                    return result;
                case var _ when tries < MostTries:
                    await ReadAgainAsync(cancellationToken);
                    break;
                default:
                    DeactivateOnIdle();
                    throw new JobStoreException($"Job {JobId} was changed by another activation while it moved from {before.Status} to {after.Status}.");
            }
        }
    }

    private async Task<StepResult> CommitAsync(JobStep step, CancellationToken cancellationToken)
    {
        try
        {
            return await store.CommitAsync(step, cancellationToken);
        }
        catch
        {
            // Nobody knows what the row holds now; the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }

    private async Task ReadAgainAsync(CancellationToken cancellationToken)
    {
        if (IsGang)
        {
            (_job, _nodes) = await store.ReadGangAsync(JobId, cancellationToken) is { } gang ? (gang.Job, gang.Nodes) : throw Gone();
        }
        else
        {
            _job = await store.ReadAsync(JobId, cancellationToken) ?? throw Gone();
        }
    }

    private JobStoreException Gone() => new($"Job {JobId} is gone from the store.");

    private bool IsArray => _job?.State is { Unwritten: not null, Role: JobRole.Job };

    /// <summary>A child that starts, or gets its row, does so only while its parent is as it was read.</summary>
    private long? ParentVersion(JobState after) =>
        _job!.Child is { } child && (_job.Version == 0 || after.Status == JobStatus.Starting) ? child.ParentVersion : null;

    /// <summary>What the children with rows take from what happens to their array; in the same step.</summary>
    private ArraySweep? Sweep(ImmutableArray<JobEvent> events) => IsArray && _job is not null && events is [var happened, ..] && ArrayJobs.Reached(happened) is { IsEmpty: false } reached
        ? new(JobId, reached, child => JobChanges.Fold(child, _job.Spec.RetryStrategy, [happened], time.GetUtcNow()))
        : null;

    private void Tell(StepResult result)
    {
        if (!result.Owed.IsEmpty || !result.FullArrays.IsEmpty)
        {
            failpoints.Reach(Failpoint.EndedNotTold);
        }

        foreach (var dependent in result.Owed)
        {
            post.LookAtDependencies(dependent);
        }

        foreach (var array in result.FullArrays)
        {
            post.LookAtChildren(array);
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

    private LogStreamRow? EndedLog(JobRecord job, JobState after) => AttemptFacts.EndedLog(job, after) is { } ended
        ? new(new(job.Scope, LogNames.Group(MultiNodeJobs.SpecOf(job))), ended.LogStream!, ended.StartedAt ?? ended.StoppedAt, time.GetUtcNow())
        : null;

    private bool HasShare => _job!.Spec.ShareIdentifier is not null;

    /// <summary>What the attempt that ends with a step has used of its share.</summary>
    private ShareUse? Used(JobState after) => HasShare && after.Attempts.Length > _job!.State.Attempts.Length
        ? new(_job.Spec.ShareIdentifier!, _job.Spec.Needs.VcpuMillis, after.Attempts[^1].StartedAt ?? after.Attempts[^1].StoppedAt, after.Attempts[^1].StoppedAt)
        : null;

    /// <summary>An array's parent that has ended keeps its share active no more.</summary>
    private void LetShareGo(JobState before)
    {
        if (HasShare && IsArray && !before.Status.IsTerminal() && _job!.State.Status.IsTerminal())
        {
            post.Remove(QueueName!.Key, Entry());
        }
    }

    private ImmutableArray<LogStreamRow> OtherEndedLogs(JobRecord job, JobState after) =>
        MultiNodeJobs.SpecOf(job) is { EcsTask: not null } spec && AttemptFacts.EndedLog(job, after) is { } ended
            ? [.. LogNames.Streams(spec, ended.TaskArn).Skip(1).Select(log =>
                new LogStreamRow(new(job.Scope, log.Group), log.Stream, ended.StartedAt ?? ended.StoppedAt, time.GetUtcNow()))]
            : [];

    private ImmutableArray<string> ConsumableKeys() =>
        [.. (_job!.Spec.ConsumableResources ?? []).Select(need => new ScopedName(_job.Scope, need.ResourceName).Key)];

    private ScopedName? QueueName => _job is null ? null : new(_job.Scope, _job.Spec.JobQueue);

    private QueueEntry Entry() => QueueEntries.Of(_job!);

    /// <summary>Reservations are unique within their environment only.</summary>
    private bool IsPlacedBy(PlaceOrder order) =>
        _job!.State.Placement is { } live && live.ReservationId == order.ReservationId && live.Environment == order.Environment.Name;

    private bool IsIn(Scope scope) => _job!.Scope == scope;

    private static string Platform(bool isFargate) => isFargate ? "FARGATE" : "EC2";

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
