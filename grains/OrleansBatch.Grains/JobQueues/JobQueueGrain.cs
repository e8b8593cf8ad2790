using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.JobQueues;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>Owns the order of one queue's RUNNABLE jobs, and matches them to environments in rounds.</summary>
/// <remarks>Its order is in memory only: an activation reads it from the jobs' rows.</remarks>
[Reentrant, KeepAlive]
internal sealed partial class JobQueueGrain(
    [PersistentState("job-queue", StorageNames.Configuration)] IPersistentState<JobQueueGrainState> stored,
    IJobStore store,
    IFailpoints failpoints,
    ILogger<JobQueueGrain> logger) : Grain, IJobQueueGrain
{
    private const int RowsPerRead = 5_000;

    private readonly WaitingLine _line = new();

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private JobQueueConfiguration? Configuration => stored.State.Configuration;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        RunnableJob? last = null;
        while (true)
        {
            var rows = await store.ReadRunnableAsync(Name, last, RowsPerRead, cancellationToken);
            foreach (var row in rows)
            {
                var entry = new QueueEntry { JobId = row.JobId, Sequence = row.Sequence, TriedBefore = row.TriedBefore, Needs = row.Needs };
                _line.Add(entry);
                if (row.HasStatusReason)
                {
                    _blocked ??= (entry, string.Empty);
                }
            }

            if (rows.Count < RowsPerRead)
            {
                break;
            }

            last = rows[^1];
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

    public Task SetJobEnvironment(JobEnvironment environment, CancellationToken cancellationToken) => Configuration is null
        ? throw new BatchClientException($"Job queue {Name.Name} does not exist.")
        : StoreAsync(stored.State with { JobEnvironment = environment }, cancellationToken);

    public async Task<JobQueueConfiguration> Create(
        CreateJobQueueRequest request,
        ImmutableArray<ComputeEnvironmentConfiguration> environments,
        CancellationToken cancellationToken)
    {
        if (Configuration is not null)
        {
            throw new BatchClientException($"Object already exists: job queue {Name.Name}.");
        }

        var created = JobQueueRules.Create(request, Name.Scope, ByName(environments));
        await AttachAsync(created.Environments, cancellationToken);
        await StoreAsync(created, cancellationToken);
        return created;
    }

    public async Task<JobQueueConfiguration> Update(
        UpdateJobQueueRequest request,
        ImmutableArray<ComputeEnvironmentConfiguration> environments,
        CancellationToken cancellationToken)
    {
        var before = Configuration ?? throw new BatchClientException($"Job queue {Name.Name} does not exist.");
        var updated = JobQueueRules.Update(before, request, ByName(environments));
        await AttachAsync(updated.Environments, cancellationToken);
        await StoreAsync(updated, cancellationToken);
        await DetachAsync(before.Environments.Except(updated.Environments), cancellationToken);
        StartRounds();
        return updated;
    }

    public async Task Delete(CancellationToken cancellationToken)
    {
        if (Configuration is null)
        {
            return;
        }

        JobQueueRules.CheckDelete(Configuration);
        await StoreAsync(Configuration with { Status = "DELETING", StatusReason = null }, cancellationToken);
        StartRounds();
    }

    public Task Enqueue(ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            _line.Add(job);
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

    public Task Wake(CancellationToken cancellationToken)
    {
        StartRounds();
        return Task.CompletedTask;
    }

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
                await Task.WhenAll(chunk.Select(job => GrainFactory.Refer<IJobGrain>(job.JobId).EndWithQueue(cancellationToken)));
            }

            open += rows.Count(row => row.Status is Model.Jobs.JobStatus.Starting or Model.Jobs.JobStatus.Running);
            last = rows[^1].Sequence;
        }

        if (open > 0 || Configuration is null)
        {
            return false;
        }

        await DetachAsync(Configuration.Environments, cancellationToken);
        await Catalogue.JobQueues(GrainFactory, Name.Scope).Remove(Name.Name, cancellationToken);
        await stored.ClearStateAsync(cancellationToken);
        stored.State = new();
        LogDeleted(Name.Key);
        DeactivateOnIdle();
        return true;
    }

    private Task AttachAsync(IEnumerable<string> environments, CancellationToken cancellationToken) =>
        Task.WhenAll(environments.Select(environment => Environment(environment).Attach(Name.Key, cancellationToken)));

    private Task DetachAsync(IEnumerable<string> environments, CancellationToken cancellationToken) =>
        Task.WhenAll(environments.Select(environment => Environment(environment).Detach(Name.Key, cancellationToken)));

    private IComputeEnvironmentGrain Environment(string name) =>
        GrainFactory.Refer<IComputeEnvironmentGrain>(new ScopedName(Name.Scope, name).Key);

    private static Dictionary<string, ComputeEnvironmentConfiguration?> ByName(ImmutableArray<ComputeEnvironmentConfiguration> environments) =>
        environments.ToDictionary(environment => environment.Name.Name, ComputeEnvironmentConfiguration? (environment) => environment);

    private Task StoreAsync(JobQueueConfiguration configuration, CancellationToken cancellationToken) =>
        StoreAsync(stored.State with { Configuration = configuration }, cancellationToken);

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
