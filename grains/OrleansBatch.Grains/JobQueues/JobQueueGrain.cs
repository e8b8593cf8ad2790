using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.JobQueues;
using OrleansBatch.Core.Names;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>Owns the order of one queue's RUNNABLE jobs, and matches them to environments in rounds.</summary>
/// <remarks>Its order is in memory only: an activation reads it from the jobs' rows.</remarks>
[Reentrant, KeepAlive]
internal sealed partial class JobQueueGrain(
    [PersistentState("job-queue", StorageNames.Configuration)] IPersistentState<JobQueueGrainState> stored,
    IJobStore store,
    IFailpoints failpoints,
    TimeProvider time,
    ILogger<JobQueueGrain> logger) : Grain, IJobQueueGrain
{
    private const int RowsPerRead = 5_000;

    private ILine _line = new WaitingLine();
    private readonly OneAtATime _changes = new();
    private IGrainTimer? _forgetting;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private JobQueueConfiguration? Configuration => stored.State.Configuration;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Configuration?.SchedulingPolicy is { } policy)
        {
            await RebuildSharesAsync(policy, cancellationToken);
        }

        RunnableJob? last = null;
        while (true)
        {
            var rows = await store.ReadRunnableAsync(Name, last, RowsPerRead, cancellationToken);
            foreach (var row in rows)
            {
                var entry = Entry(row);
                _line.Add(entry, row.ArraySize > 0 ? await WithoutRowsAsync(row.JobId, cancellationToken) : null);
                NoteConsumables(entry);
                if (row.HasStatusReason && _blocked is null)
                {
                    // Its clock runs on.
                    var state = (await store.ReadAsync(row.JobId, cancellationToken))?.State;
                    _blocked = new(entry, new(row.JobId, state?.StatusReason ?? string.Empty, state?.BlockedSince ?? time.GetUtcNow()));
                }
            }

            if (rows.Count < RowsPerRead)
            {
                break;
            }

            last = rows[^1];
        }

        if (Configuration is null && !stored.State.Calls.IsEmpty)
        {
            ForgetCallsLater();
        }

        if (Configuration?.Status == "DELETING")
        {
            // A deletion that was cut off goes on as soon as anyone asks for the queue.
            StartRoundsSoon();
        }
    }

    public Task<JobQueueConfiguration?> Read(CancellationToken cancellationToken) => Task.FromResult(Configuration);

    public Task<JobEnvironment> JobEnvironment(CancellationToken cancellationToken) =>
        Task.FromResult(stored.State.JobEnvironment ?? Model.JobEnvironment.None);

    public Task SetJobEnvironment(JobEnvironment environment, CancellationToken cancellationToken) => _changes.RunAsync(() => Configuration is null
        ? throw Arns.DoesNotExist(ResourceKind.JobQueue, Name.Name)
        : StoreAsync(stored.State with { JobEnvironment = environment }, cancellationToken));

    public Task<JobQueueResponse> Create(CreateJobQueueRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
        _changes.RunAsync(async () =>
        {
            if (stored.State.Calls.Has(invocation))
            {
                return JobQueueRules.Answer(Name);
            }

            if (Configuration is not null)
            {
                throw new BatchClientException($"Object already exists: job queue {Name.Name}.");
            }

            var environments = await EnvironmentsAsync(JobQueueRules.EnvironmentNames(request, Name.Scope), cancellationToken);
            var policy = await PolicyAsync(request.SchedulingPolicyArn, cancellationToken);
            var created = JobQueueRules.Create(request, Name.Scope, environments, policy);
            await Catalogue.JobQueues(GrainFactory, Name.Scope).Add(Name.Name, cancellationToken);
            await AttachAsync(created.Environments, cancellationToken);
            await AttachPolicyAsync(created.SchedulingPolicy, cancellationToken);
            _line = policy is null ? new WaitingLine() : NewShares(policy);
            await StoreAsync(created, stored.State.Calls.With(invocation, time.GetUtcNow()), cancellationToken);
            failpoints.Reach(Failpoint.CreatedNotAnswered);
            return JobQueueRules.Answer(Name);
        });

    public Task<JobQueueConfiguration> Update(UpdateJobQueueRequest request, CancellationToken cancellationToken) =>
        _changes.RunAsync(async () =>
        {
            var before = Configuration ?? throw Arns.DoesNotExist(ResourceKind.JobQueue, Name.Name);
            var environments = await EnvironmentsAsync(JobQueueRules.EnvironmentNames(request, Name.Scope), cancellationToken);
            var policy = await PolicyAsync(request.SchedulingPolicyArn, cancellationToken);
            var updated = JobQueueRules.Update(before, request, environments, policy);
            await AttachAsync(updated.Environments, cancellationToken);
            await AttachPolicyAsync(updated.SchedulingPolicy, cancellationToken);
            await StoreAsync(updated, cancellationToken);
            await DetachAsync(before.Environments.Except(updated.Environments), cancellationToken);
            if (before.SchedulingPolicy != updated.SchedulingPolicy)
            {
                await DetachPolicyAsync(before.SchedulingPolicy, cancellationToken);
            }

            StartRounds();
            return updated;
        });

    public Task Delete(CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (Configuration is null)
        {
            return;
        }

        JobQueueRules.CheckDelete(Configuration);
        await StoreAsync(Configuration with { Status = "DELETING", StatusReason = null }, cancellationToken);
        StartRounds();
    });

    public Task<bool> ChangeTags(TagChange change, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (Configuration is null)
        {
            return false;
        }

        var tags = TagChanges.Apply(Configuration.Tags, change);
        if (!ReferenceEquals(tags, Configuration.Tags))
        {
            await StoreAsync(Configuration with { Tags = tags }, cancellationToken);
        }

        return true;
    });

    public Task Enqueue(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            _line.Add(job);
            NoteConsumables(job);
        }

        StartRounds();
        return Task.CompletedTask;
    }

    public Task Remove(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            _line.Remove(job);
        }

        // The head may have been among them.
        StartRounds();
        return Task.CompletedTask;
    }

    public async Task Settle(CancellationToken cancellationToken)
    {
        // They come first. Nobody else would tell of one whose report died with its reporter.
        foreach (var row in (await store.ReadRunnableAsync(Name, null, MostPerRound, cancellationToken)).TakeWhile(row => row.TriedBefore))
        {
            _line.Add(Entry(row));
        }

        await Wake(cancellationToken);
    }

    public Task Wake(CancellationToken cancellationToken)
    {
        _nextRound ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        var looked = _nextRound.Task;
        StartRounds();
        return looked;
    }

    private static QueueEntry Entry(RunnableJob row) => new()
    {
        JobId = row.JobId,
        Sequence = row.Sequence,
        TriedBefore = row.TriedBefore,
        Needs = row.Needs,
        Index = row.Index,
        ArraySize = row.ArraySize,
        Consumables = row.Consumables,
        Share = row.Share,
        Priority = row.Priority,
        Gang = row.Gang,
    };

    /// <summary>Which children of an array wait as the array: the others have rows, and those that wait are read as themselves.</summary>
    private async Task<IEnumerable<int>> WithoutRowsAsync(string arrayJobId, CancellationToken cancellationToken) =>
        await store.ReadArrayAsync(arrayJobId, cancellationToken) is { } array
            ? array.Rows.Index().Where(child => child.Item is null).Select(child => child.Index)
            : [];

    /// <summary>Ends the jobs of a queue that is deleted, and the queue with the last of them.</summary>
    /// <returns>Whether it is gone.</returns>
    private async Task<bool> EndJobsAsync(CancellationToken cancellationToken)
    {
        var open = 0;
        for (var last = 0L; ;)
        {
            var rows = await store.ReadOpenAsync(Name, last, RowsPerRead, cancellationToken);
            if (rows.Count == 0)
            {
                break;
            }

            foreach (var chunk in rows.Chunk(MostPerRound))
            {
                var areOver = await Task.WhenAll(chunk.Select(job => GrainFactory.Refer<IJobGrain>(job.JobId).EndWithQueue(cancellationToken)));
                open += areOver.Count(isOver => !isOver);
            }

            last = rows[^1].Sequence;
        }

        if (open > 0 || Configuration is null)
        {
            return false;
        }

        await _changes.RunAsync(() => RemoveAsync(cancellationToken));
        return true;
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await DetachAsync(Configuration!.Environments, cancellationToken);
        await DetachPolicyAsync(Configuration.SchedulingPolicy, cancellationToken);
        await Catalogue.JobQueues(GrainFactory, Name.Scope).Remove(Name.Name, cancellationToken);
        var calls = stored.State.Calls.Fresh(time.GetUtcNow());
        await StoreAsync(null, calls, cancellationToken);
        LogDeleted(Name.Key);
        ForgetCallsLater();
    }

    /// <summary>A name without a queue keeps the calls that created one, until they are too old to come again.</summary>
    private void ForgetCallsLater()
    {
        _forgetting ??= this.RegisterGrainTimer(
            cancellationToken => _changes.RunAsync(async () =>
            {
                if (Configuration is null && stored.State.Calls.Fresh(time.GetUtcNow()).IsEmpty)
                {
                    await stored.ClearStateAsync(cancellationToken);
                    stored.State = new();
                    DeactivateOnIdle();
                }
            }),
            new() { DueTime = RecordedCalls.Kept, Period = RecordedCalls.Kept, KeepAlive = true });
    }

    private Task AttachAsync(IEnumerable<string> environments, CancellationToken cancellationToken) =>
        Task.WhenAll(environments.Select(environment => Environment(environment).Attach(Name.Key, cancellationToken)));

    private Task DetachAsync(IEnumerable<string> environments, CancellationToken cancellationToken) =>
        Task.WhenAll(environments.Select(environment => Environment(environment).Detach(Name.Key, cancellationToken)));

    private Task AttachPolicyAsync(string? policy, CancellationToken cancellationToken) =>
        policy is null ? Task.CompletedTask : Policy(policy).Attach(Name.Key, cancellationToken);

    private Task DetachPolicyAsync(string? policy, CancellationToken cancellationToken) =>
        policy is null ? Task.CompletedTask : Policy(policy).Detach(Name.Key, cancellationToken);

    private async Task<SchedulingPolicyConfiguration?> PolicyAsync(string? arn, CancellationToken cancellationToken) =>
        JobQueueRules.PolicyName(arn, Name.Scope) is { } name ? (await Policy(name).Read(cancellationToken))?.Configuration : null;

    private ISchedulingPolicyGrain Policy(string name) => GrainFactory.Refer<ISchedulingPolicyGrain>(new ScopedName(Name.Scope, name).Key);

    private IComputeEnvironmentGrain Environment(string name) =>
        GrainFactory.Refer<IComputeEnvironmentGrain>(new ScopedName(Name.Scope, name).Key);

    private async Task<Dictionary<string, ComputeEnvironmentConfiguration?>> EnvironmentsAsync(
        IReadOnlyList<string> names,
        CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(names.Select(name => Environment(name).Read(cancellationToken)));
        return names.Zip(read).ToDictionary(pair => pair.First, pair => pair.Second?.Configuration);
    }

    private Task StoreAsync(JobQueueConfiguration configuration, CancellationToken cancellationToken) =>
        StoreAsync(configuration, stored.State.Calls, cancellationToken);

    private Task StoreAsync(JobQueueConfiguration? configuration, ImmutableArray<RecordedCall> calls, CancellationToken cancellationToken)
    {
        // The operator's variables go with the queue.
        var jobEnvironment = configuration is null ? null : stored.State.JobEnvironment;
        return StoreAsync(new JobQueueGrainState { Configuration = configuration, Calls = calls, JobEnvironment = jobEnvironment }, cancellationToken);
    }

    private async Task StoreAsync(JobQueueGrainState state, CancellationToken cancellationToken)
    {
        stored.State = state;
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            // Memory is ahead of storage; the next activation reads the truth.
            DeactivateOnIdle();
            throw;
        }
    }
}
