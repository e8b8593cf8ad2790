using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Owns one job's life: asks the transition table, stores, then acts.</summary>
internal sealed partial class JobGrain(IJobStore store, Post post, TimeProvider time, ILogger<JobGrain> logger) : Grain, IJobGrain
{
    /// <summary>How long what had ended before it was asked for waits for others who ask.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The row as this activation last read or wrote it; null: there is no such job.</summary>
    private JobRecord? _job;
    private IGrainTimer? _leaving;

    private string JobId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _job = await store.ReadAsync(JobId, cancellationToken);

    public async Task<PlaceAnswer> Place(PlaceOrder order, CancellationToken cancellationToken)
    {
        if (_job is null || !IsIn(order.Environment.Scope))
        {
            return new(null);
        }

        if (_job.State.Placement?.ReservationId == order.ReservationId)
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
            order.IsFargate);
        var guard = new EpochGuard(order.Environment.Key, order.Epoch);
        return await MoveAsync([new JobEvent.Placed(placement)], guard, cancellationToken) == StepOutcome.StaleEpoch
            ? new(null, IsStillRunnable: true)
            : new(LaunchOrders.For(_job, Platform(order.IsFargate)));
    }

    public async Task<ReportAnswer> Report(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        if (_job is null)
        {
            // The row is gone for good (a data folder put back from a backup): nothing is owed to it.
            LogUnknownAttempt(JobId);
            return new() { IsAttemptOver = true };
        }

        var fence = reports.Max(report => report.Attempt.Fence);
        var held = _job.State.Fence == fence && _job.State.Placement is { } placement
            ? new HeldReservation(new ScopedName(_job.Scope, placement.Environment).Key, placement.ReservationId)
            : null;
        await MoveAsync([.. reports.SelectMany(report => JobEvent.From(report).AsEnumerable())], null, cancellationToken);
        var isOver = _job.State.Fence != fence || _job.State.Placement is null;
        DeactivateIfEnded();
        return new()
        {
            IsAttemptOver = isOver,
            Queue = QueueName,
            Requeue = isOver && _job.State.Status == JobStatus.Runnable ? Entry() : null,
            Held = held,
        };
    }

    public Task<LaunchOrder?> Relaunch(long fence, CancellationToken cancellationToken)
    {
        var order = _job?.State is { Placement: { } placement } state && state.Fence == fence
            ? LaunchOrders.For(_job, Platform(placement.ContainerInstanceArn is null))
            : null;
        return Task.FromResult(order);
    }

    public Task Cancel(Scope scope, string reason, CancellationToken cancellationToken) =>
        EndAsync(scope, new JobEvent.Cancelled(reason, time.GetUtcNow()), cancellationToken);

    public Task Terminate(Scope scope, string reason, CancellationToken cancellationToken) =>
        EndAsync(scope, new JobEvent.Terminated(reason, time.GetUtcNow()), cancellationToken);

    public Task EndWithQueue(CancellationToken cancellationToken) =>
        _job is null ? Task.CompletedTask : EndAsync(_job.Scope, new JobEvent.QueueDeleted(time.GetUtcNow()), cancellationToken);

    public async Task SetBlocked(string? statusReason, CancellationToken cancellationToken)
    {
        if (_job?.State.Status == JobStatus.Runnable)
        {
            await MoveAsync([statusReason is null ? new JobEvent.Unblocked() : new JobEvent.Blocked(statusReason)], null, cancellationToken);
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
                await MoveAsync([new JobEvent.Retagged(changed)], null, cancellationToken);
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
        await MoveAsync([happened], null, cancellationToken);
        if (before.Status == JobStatus.Runnable && _job.State.Status.IsTerminal())
        {
            post.Remove(QueueName!.Key, Entry());
        }

        if (JobTransitions.NeedsStop(_job.State))
        {
            post.Stop(_job.State.Placement!.NodeId, new(new(JobId, _job.State.Fence)));
        }

        if (before.Status.IsTerminal())
        {
            LeaveSoonIfEnded();
        }
        else
        {
            DeactivateIfEnded();
        }
    }

    /// <summary>Decides and stores. When it returns, memory and row are one.</summary>
    private async Task<StepOutcome> MoveAsync(ImmutableArray<JobEvent> events, EpochGuard? guard, CancellationToken cancellationToken)
    {
        var before = _job!.State;
        var after = events.Aggregate(before, (state, happened) => JobTransitions.Next(state, _job.Spec.RetryStrategy, happened));
        if (after == before)
        {
            return StepOutcome.Committed;
        }

        StepResult result;
        try
        {
            result = await store.CommitAsync(
                new() { Writes = [new(JobId, _job.Version, after, EndedLog(after))], Epoch = guard },
                cancellationToken);
        }
        catch
        {
            // Nobody knows what the row holds now; the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        if (result.Outcome == StepOutcome.StaleEpoch)
        {
            return result.Outcome;
        }

        if (result.Outcome != StepOutcome.Committed)
        {
            DeactivateOnIdle();
            throw new JobStoreException($"Job {JobId} was changed by another activation while it moved from {before.Status} to {after.Status}.");
        }

        _job = _job with { State = after, Version = _job.Version + 1 };
        LogMoved(JobId, before.Status, after.Status);
        return result.Outcome;
    }

    private LogStreamRow? EndedLog(JobState after) => AttemptFacts.EndedLog(_job!, after) is { } ended
        ? new(new(_job!.Scope, LogNames.Group(_job.Spec)), ended.LogStream!, ended.StartedAt ?? ended.StoppedAt, time.GetUtcNow())
        : null;

    private ScopedName? QueueName => _job is null ? null : new(_job.Scope, _job.Spec.JobQueue);

    private QueueEntry Entry() => new()
    {
        JobId = JobId,
        Sequence = _job!.Sequence,
        TriedBefore = _job.State.Fence > 0,
        Needs = _job.Spec.Needs,
    };

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
