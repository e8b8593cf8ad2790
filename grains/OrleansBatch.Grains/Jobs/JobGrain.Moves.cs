using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

/// <summary>The steps of a job's life: decided, stored, and only then true in memory.</summary>
internal sealed partial class JobGrain
{
    /// <summary>How often a step is decided anew because a row was changed in between.</summary>
    private const int MostTries = 5;

    private static readonly StepResult Unchanged = new(StepOutcome.Committed);

    private Task<StepResult> MoveAsync(ImmutableArray<JobEvent> events, CancellationToken cancellationToken, OwedLooks? looked = null) =>
        MoveAsync(_ => events, cancellationToken, looked: looked);

    /// <summary>Decides and stores. When it returns, memory and row are one.</summary>
    /// <param name="decide">What happens to the job, asked again when its row was changed in between: an array's parent writes its children's rows, too.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="guard">The epoch that must still be the newest.</param>
    /// <param name="looked">Looks that are done with this step.</param>
    /// <param name="claims">What the attempt that begins takes of consumable resources.</param>
    private Task<StepResult> MoveAsync(
        Func<JobState, ImmutableArray<JobEvent>> decide, CancellationToken cancellationToken, EpochGuard? guard = null, OwedLooks? looked = null, ImmutableArray<ConsumableClaim> claims = default) => IsGang
        ? MoveGangAsync(gang => GangMoves.Happen(gang, _job!.Spec.RetryStrategy, decide(gang.Job), time.GetUtcNow()), cancellationToken, guard, looked, claims)
        : StoreAsync(() => Decided(decide(_job!.State), guard, looked, claims), cancellationToken);

    /// <summary>What the events come to; null: nothing.</summary>
    private DecidedStep? Decided(ImmutableArray<JobEvent> events, EpochGuard? guard, OwedLooks? looked, ImmutableArray<ConsumableClaim> claims)
    {
        var before = _job!.State;
        var move = JobChanges.Fold(before, _job.Spec.RetryStrategy, events, time.GetUtcNow());
        var after = move.State;
        if (after == before && looked is null)
        {
            return null;
        }

        var step = new JobStep
        {
            Writes = after == before ? [] :
            [
                new(JobId, _job.Version, after, EndedLog(_job, after), ParentVersion(after))
                {
                    OtherEndedLogs = OtherEndedLogs(_job, after),
                    Used = Used(after),
                    EndedHost = EndedHost(after),
                    Claims = claims.IsDefault ? [] : claims,
                    Changes = move.Changes,
                    UnwrittenChanges = move.UnwrittenChanges,
                },
            ],
            Epoch = guard,
            Sweep = Sweep(events),
            Looked = looked,
        };
        return new(step, () =>
        {
            if (_job is { Version: 0, Child.Index: var index } && index == _job.Spec.ArraySize / 2)
            {
                failpoints.Reach(Failpoint.ArrayHalfWritten);
            }

            if (after != before)
            {
                _telemetry.Moved(_job, after);
                _job = _job with { State = after, Version = _job.Version + 1 };
            }

            LetShareGo(before);
        });
    }

    /// <summary>Stores what is decided, and decides anew when a row was changed in between.</summary>
    private async Task<StepResult> StoreAsync(Func<DecidedStep?> decide, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var before = _job!.State.Status;
            if (OrLeave(decide) is not { } decided)
            {
                return Unchanged;
            }

            var result = await CommitAsync(decided.Step, cancellationToken);
            switch (result.Outcome)
            {
                case StepOutcome.StaleEpoch or StepOutcome.Exhausted:
                    return result;
                case StepOutcome.Committed:
                    _isAsInserted = false;
                    decided.Stored();
                    LogMoved(JobId, before, _job.State.Status);
                    Tell(result);
                    return result;
                case var _ when tries < MostTries:
                    await ReadAgainAsync(cancellationToken);
                    break;
                default:
                    DeactivateOnIdle();
                    throw new JobStoreException($"Job {JobId} was changed by another activation while it moved from {before}.");
            }
        }
    }

    private DecidedStep? OrLeave(Func<DecidedStep?> decide)
    {
        try
        {
            return decide();
        }
        catch
        {
            // Memory may be what is wrong: whoever asks again is answered from the rows.
            DeactivateOnIdle();
            throw;
        }
    }

    private async Task<StepResult> CommitAsync(JobStep step, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        using var span = JobTraces.Start("store.commit", JobId);
        try
        {
            var result = await store.CommitAsync(step, cancellationToken);
            metrics.Committed(time.GetElapsedTime(begun));
            return result;
        }
        catch
        {
            // Nobody knows what the row holds now; the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>What is answered without a write is answered from the rows.</summary>
    private Task ReadIfAsInsertedAsync(CancellationToken cancellationToken) => _isAsInserted ? ReadAgainAsync(cancellationToken) : Task.CompletedTask;

    private async Task ReadAgainAsync(CancellationToken cancellationToken)
    {
        _isAsInserted = false;
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

    private LogStreamRow? EndedLog(JobRecord job, JobState after) => AttemptFacts.EndedLog(job, after) is { } ended
        ? new(new(job.Scope, LogNames.Group(MultiNodeJobs.SpecOf(job))), ended.LogStream!, ended.StartedAt ?? ended.StoppedAt, time.GetUtcNow())
        : null;

    /// <summary>What the attempt that ends with a step has used of its share.</summary>
    private ShareUse? Used(JobState after) => HasShare && after.Attempts.Length > _job!.State.Attempts.Length
        ? new(_job.Spec.ShareIdentifier!, _job.Spec.Needs.VcpuMillis, after.Attempts[^1].StartedAt ?? after.Attempts[^1].StoppedAt, after.Attempts[^1].StoppedAt)
        : null;

    /// <summary>The host on Fargate that goes with the attempt that ends with a step.</summary>
    private HostRow? EndedHost(JobState after)
    {
        if (_job!.State.Placement is not { Fargate: not null } placement || after.Attempts.Length == _job.State.Attempts.Length)
        {
            return null;
        }

        var ended = after.Attempts[^1];
        return HostRow.EndedOnFargate(
            FargateHosts.HostOf(placement, _job.Spec.Needs, ended.StartedAt ?? ended.StoppedAt)!,
            new(_job.Scope, placement.Environment),
            JobId,
            new(placement.NodeId, placement.Incarnation),
            ended.StoppedAt);
    }

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

    /// <summary>A step, and what makes memory follow once it is stored.</summary>
    private sealed record DecidedStep(JobStep Step, Action Stored);
}
