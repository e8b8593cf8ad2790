using System.Collections.Immutable;
using OrleansBatch.Core.JobQueues;
using OrleansBatch.Core.Scheduling.FairShare;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>Shares, consumable resources and what a snapshot shows.</summary>
internal sealed partial class JobQueueGrain
{
    /// <summary>How long after a snapshot the queue still notes when jobs come to their positions.</summary>
    private static readonly TimeSpan FrontIsNoted = TimeSpan.FromMinutes(10);

    /// <summary>Names of resources that its jobs have needed since it was activated.</summary>
    private readonly HashSet<string> _consumables = new(StringComparer.Ordinal);

    private ImmutableArray<FrontPosition> _front = [];
    private DateTimeOffset _noteFrontUntil;
    private FairsharePolicy? _policy;

    public Task Pending(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            (_line as ShareLine)?.AddPending(job.Share!, job.Sequence);
        }

        return Task.CompletedTask;
    }

    public Task Ended(ImmutableArray<string> jobIds, CancellationToken cancellationToken)
    {
        foreach (var jobId in jobIds)
        {
            (_line as ShareLine)?.Ended(jobId);
        }

        return Task.CompletedTask;
    }

    public Task<bool> Admits(string share, CancellationToken cancellationToken) => Task.FromResult(_line is not ShareLine shares || shares.Admits(share));

    public async Task<GetJobQueueSnapshotResponse?> Snapshot(CancellationToken cancellationToken)
    {
        if (Configuration is not { } queue)
        {
            return null;
        }

        var placed = await Task.WhenAll(queue.Environments.Select(environment =>
            store.ReadPlacedInEnvironmentAsync(new(Name.Scope, environment), cancellationToken)));
        _noteFrontUntil = time.GetUtcNow() + FrontIsNoted;
        NoteFront();
        return QueueFronts.Describe(
            Name.Scope,
            _front,
            placed.SelectMany(jobs => jobs).Where(job => job.Queue == Name).Select(job => (job.Share, job.Needs.VcpuMillis)),
            (_line as ShareLine)?.ActiveShares,
            time.GetUtcNow());
    }

    public Task<int?> Before(string jobId, int most, CancellationToken cancellationToken)
    {
        var before = 0;
        var parent = jobId + ":";
        foreach (var job in _line.InOrder(time.GetUtcNow()))
        {
            if (before == most || job.JobId == jobId || job.JobId.StartsWith(parent, StringComparison.Ordinal))
            {
                return Task.FromResult<int?>(before);
            }

            before++;
        }

        return Task.FromResult<int?>(null);
    }

    /// <summary>Notes who stands where, while anyone has asked for it of late.</summary>
    private void NoteFront()
    {
        var now = time.GetUtcNow();
        _front = now < _noteFrontUntil
            ? QueueFronts.Next(_front, _line.InOrder(now).Take(QueueFronts.Most).Select(job => job.JobId), now)
            : [];
    }

    private void NoteConsumables(QueueEntry job)
    {
        foreach (var need in job.Consumables ?? [])
        {
            _consumables.Add(need.ResourceName);
        }
    }

    /// <summary>What there is of the resources that jobs here need, by name.</summary>
    private async Task<Dictionary<string, ConsumableLook>> LookAtConsumablesAsync(CancellationToken cancellationToken)
    {
        if (_consumables.Count == 0)
        {
            return [];
        }

        string[] names = [.. _consumables];
        var looks = await Task.WhenAll(names.Select(name =>
            GrainFactory.Refer<IConsumableResourceGrain>(new ScopedName(Name.Scope, name).Key).Look(Name.Key, cancellationToken)));
        return names.Zip(looks).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!);
    }

    private static ImmutableArray<ConsumableClaim> Claims(QueueEntry job, Dictionary<string, ConsumableLook> looks) => job.Consumables is null ? [] :
    [
        .. job.Consumables.Select(need =>
        {
            var look = looks[need.ResourceName];
            return new ConsumableClaim(look.Key, need.Quantity, look.Limit, look.IsReplenishable);
        }),
    ];

    /// <summary>A policy counts from the next round after its change.</summary>
    private async Task ApplyPolicyAsync(JobQueueConfiguration queue, CancellationToken cancellationToken)
    {
        if (_line is ShareLine shares && queue.SchedulingPolicy is { } name
            && (await Policy(name).Read(cancellationToken))?.Configuration.FairsharePolicy is { } policy && policy != _policy)
        {
            _policy = policy;
            shares.Apply(FairShareSettings.Of(policy));
        }
    }

    private ShareLine NewShares(SchedulingPolicyConfiguration policy)
    {
        _policy = policy.FairsharePolicy;
        return new(FairShareSettings.Of(policy.FairsharePolicy), time);
    }

    /// <summary>What shares have used and hold, from the rows.</summary>
    private async Task RebuildSharesAsync(string policyName, CancellationToken cancellationToken)
    {
        if ((await Policy(policyName).Read(cancellationToken))?.Configuration is not { } policy)
        {
            return;
        }

        var shares = NewShares(policy);
        _line = shares;
        var now = time.GetUtcNow();
        foreach (var use in await store.ReadShareUseAsync(Name, now - FairShareSettings.Of(policy.FairsharePolicy).Window, cancellationToken))
        {
            shares.Used(use.Share, use.VcpuMillis, use.From, use.To);
        }

        foreach (var environment in Configuration!.Environments)
        {
            // A multi-node job is charged as one.
            var placed = await store.ReadPlacedInEnvironmentAsync(new(Name.Scope, environment), cancellationToken);
            foreach (var job in placed.Where(job => job.Queue == Name && job.Share is not null).GroupBy(job => JobPartIds.OwnerOf(job.JobId)))
            {
                var any = job.First();
                shares.Runs(job.Key, any.Share!, (any.OfGang ?? any.Needs).VcpuMillis, job.Min(part => part.State.Placement!.StartedAt ?? now));
            }
        }

        foreach (var pending in await store.ReadPendingSharesAsync(Name, cancellationToken))
        {
            shares.AddPending(pending.Share, pending.Sequence);
        }
    }
}
