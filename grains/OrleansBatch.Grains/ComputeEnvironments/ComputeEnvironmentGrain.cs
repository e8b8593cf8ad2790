using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Core.Names;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>Hands out one environment's capacity, and nobody else does.</summary>
/// <remarks>
/// An activation first takes the next epoch, then rebuilds what is held from the jobs' rows. From then on every placement made on an
/// older activation's reservations is refused by the store, so that two activations cannot spend the same capacity.
/// </remarks>
[Reentrant, KeepAlive]
internal sealed partial class ComputeEnvironmentGrain(
    [PersistentState("compute-environment", StorageNames.Configuration)] IPersistentState<ComputeEnvironmentGrainState> stored,
    IJobStore store,
    IHostStore hosts,
    CapacityModel model,
    Post post,
    TimeProvider time,
    IFailpoints failpoints,
    ILogger<ComputeEnvironmentGrain> logger) : Grain, IComputeEnvironmentGrain
{
    private readonly OneAtATime _changes = new();
    private IGrainTimer? _forgetting;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private ComputeEnvironmentConfiguration? Configuration => stored.State.Configuration;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Hosts of one that was deleted stay until their last job has ended.
        if (Configuration is not null || (await hosts.ReadLiveAsync(Name, cancellationToken)).Count > 0)
        {
            await WatchNodesAsync(cancellationToken);
            await RebuildAsync(cancellationToken);
            ScaleAt(time.GetUtcNow());
        }

        if (Configuration is null && !stored.State.Calls.IsEmpty)
        {
            ForgetCallsLater();
        }
    }

    public Task<EnvironmentReading?> Read(CancellationToken cancellationToken)
    {
        if (Configuration is null)
        {
            return Task.FromResult<EnvironmentReading?>(null);
        }

        var (now, all) = (time.GetUtcNow(), _ledger.Snapshot());
        return Task.FromResult<EnvironmentReading?>(new()
        {
            Configuration = Configuration,
            InUse = _ledger.InUse,
            Queues = [.. stored.State.Queues],
            DesiredvCpus = DesiredCapacity.Of(Configuration, all),
            HostCount = all.Length,
            CostUsd = all.Sum(host => CostRules.OfHost(host, now)),
        });
    }

    public Task<JobEnvironment> JobEnvironment(CancellationToken cancellationToken) =>
        Task.FromResult(stored.State.JobEnvironment ?? Model.JobEnvironment.None);

    public Task SetJobEnvironment(JobEnvironment environment, CancellationToken cancellationToken) => _changes.RunAsync(() =>
    {
        _ = Existing();
        return StoreAsync(stored.State with { JobEnvironment = environment }, cancellationToken);
    });

    public Task<ComputeEnvironmentResponse> Create(
        CreateComputeEnvironmentRequest request, Invocation? invocation, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
        {
            if (stored.State.Calls.Has(invocation))
            {
                return ComputeEnvironmentRules.Answer(Name);
            }

            if (Configuration is not null)
            {
                throw new BatchClientException($"Object already exists: compute environment {Name.Name}.");
            }

            var created = ComputeEnvironmentRules.Create(request, Name.Scope, Guid.NewGuid().ToString());
            CapacityOffers.CheckNew(created, model.Catalogue);
            await Catalogue.ComputeEnvironments(GrainFactory, Name.Scope).Add(Name.Name, cancellationToken);
            await WatchNodesAsync(cancellationToken);
            await RebuildAsync(cancellationToken);
            await StoreAsync(
                stored.State with
                {
                    Configuration = created,
                    Calls = stored.State.Calls.With(invocation, time.GetUtcNow()),
                    AskedvCpus = created.ComputeResources?.DesiredvCpus ?? 0,
                },
                cancellationToken);
            failpoints.Reach(Failpoint.CreatedNotAnswered);
            UseNodes();
            ScaleAt(time.GetUtcNow());
            return ComputeEnvironmentRules.Answer(Name);
        });

    public Task<ComputeEnvironmentConfiguration> Update(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken) =>
        _changes.RunAsync(async () =>
        {
            var before = Existing();
            var updated = ComputeEnvironmentRules.Update(before, request, DesiredCapacity.Of(before, _ledger.Snapshot()));
            if (request.ComputeResources?.InstanceTypes is not null)
            {
                CapacityOffers.CheckNew(updated, model.Catalogue);
            }

            var state = stored.State with { Configuration = updated, AskedvCpus = request.ComputeResources?.DesiredvCpus ?? stored.State.AskedvCpus };
            await StoreAsync(
                ComputeEnvironmentRules.ReplacesHosts(before, updated, request)
                    ? state with
                    {
                        Configuration = updated with { Status = "UPDATING" },
                        Generation = state.Generation + 1,
                        ReplacesAt = time.GetUtcNow() + ComputeEnvironmentRules.JobsMayRun(updated.UpdatePolicy),
                    }
                    : state,
                cancellationToken);
            failpoints.Reach(Failpoint.UpdatedNotReplaced);
            ScaleAt(time.GetUtcNow());

            // More may fit now, or another reason may hold for what waits.
            foreach (var queue in stored.State.Queues)
            {
                post.Wake(queue);
            }

            return updated;
        });

    public Task Delete(ImmutableArray<string> detachedQueues, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (Configuration is not null)
        {
            ComputeEnvironmentRules.CheckDelete(
                Configuration,
                isAttached: !stored.State.Queues.Except(detachedQueues).IsEmpty,
                hasRunningFargateJobs: _ledger.Count > 0 && ComputeEnvironmentRules.Platform(Configuration) == "FARGATE");
            await StoreAsync(new ComputeEnvironmentGrainState { Calls = stored.State.Calls.Fresh(time.GetUtcNow()) }, cancellationToken);
            await DrainAsync(_ => true, "its environment was deleted", cancellationToken);
            await ScaleAsync(cancellationToken);
            ForgetCallsLater();
        }

        // Also when a deletion was cut off here.
        await Catalogue.ComputeEnvironments(GrainFactory, Name.Scope).Remove(Name.Name, cancellationToken);
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
            NodePools.Check(tags);
            await StoreAsync(Configuration with { Tags = tags }, cancellationToken);
            UseNodes();
        }

        return true;
    });

    public Task Attach(string queueKey, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        _ = Existing();
        if (!stored.State.Queues.Contains(queueKey))
        {
            await StoreAsync(stored.State with { Queues = stored.State.Queues.Add(queueKey) }, cancellationToken);
        }
    });

    public Task Detach(string queueKey, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        Waiting.Remove(queueKey);
        _demand.Forget(queueKey);
        ScaleAt(time.GetUtcNow());
        if (Configuration is not null && stored.State.Queues.Contains(queueKey))
        {
            await StoreAsync(stored.State with { Queues = stored.State.Queues.Remove(queueKey) }, cancellationToken);
        }
    });

    private ComputeEnvironmentConfiguration Existing() =>
        Configuration ?? throw Arns.DoesNotExist(ResourceKind.ComputeEnvironment, Name.Name);

    /// <summary>A name without an environment keeps the calls that created one, until they are too old to come again.</summary>
    private void ForgetCallsLater() => _forgetting ??= this.RegisterGrainTimer(
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

    private Task StoreAsync(ComputeEnvironmentConfiguration configuration, CancellationToken cancellationToken) =>
        StoreAsync(stored.State with { Configuration = configuration }, cancellationToken);

    private async Task StoreAsync(ComputeEnvironmentGrainState state, CancellationToken cancellationToken)
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
