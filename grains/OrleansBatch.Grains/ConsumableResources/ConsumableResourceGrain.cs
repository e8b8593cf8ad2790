using Orleans.Concurrency;
using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.Names;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.ConsumableResources;

/// <summary>Keeps one consumable resource.</summary>
[Reentrant]
internal sealed class ConsumableResourceGrain(
    [PersistentState("consumable-resource", StorageNames.Configuration)] IPersistentState<ConsumableResourceGrainState> stored,
    IConsumableStore use,
    Post post,
    IFailpoints failpoints,
    TimeProvider time) : Grain, IConsumableResourceGrain
{
    private readonly OneAtATime _changes = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private IGrainTimer? _forgetting;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private ConsumableResourceConfiguration? Configuration => stored.State.Configuration;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Configuration is null && !stored.State.Calls.IsEmpty)
        {
            ForgetCallsLater();
        }

        return Task.CompletedTask;
    }

    public async Task<ConsumableResourceReading?> Read(CancellationToken cancellationToken)
    {
        if (Configuration is not { } resource)
        {
            return null;
        }

        var (seen, inUse) = ConsumableResourceRules.Seen(resource, await TakenAsync(resource, cancellationToken));
        return new() { Configuration = seen, InUse = inUse };
    }

    public async Task<ConsumableLook?> Look(string queueKey, CancellationToken cancellationToken)
    {
        // Before it is read: what comes free from here on wakes the queue.
        _waiting.Add(queueKey);
        return Configuration is not { } resource ? null : new()
        {
            Key = ConsumableResourceRules.Key(resource),
            Limit = resource.TotalQuantity,
            Taken = await TakenAsync(resource, cancellationToken),
            IsReplenishable = ConsumableResourceRules.IsReplenishable(resource),
        };
    }

    public Task Released(CancellationToken cancellationToken)
    {
        // A queue that still waits looks again, and so comes back onto this list.
        foreach (var queue in _waiting)
        {
            post.Wake(queue);
        }

        _waiting.Clear();
        return Task.CompletedTask;
    }

    public Task<CreateConsumableResourceResponse> Create(
        CreateConsumableResourceRequest request, Invocation? invocation, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
        {
            if (stored.State.Calls.Has(invocation))
            {
                return ConsumableResourceRules.Created(Name);
            }

            if (Configuration is not null)
            {
                throw new BatchClientException($"Object already exists: consumable resource {Name.Name}.");
            }

            var created = ConsumableResourceRules.Create(request, Name.Scope, time.GetUtcNow());
            await Catalogue.ConsumableResources(GrainFactory, Name.Scope).Add(Name.Name, cancellationToken);
            await StoreAsync(stored.State with { Configuration = created, Calls = stored.State.Calls.With(invocation, time.GetUtcNow()) }, cancellationToken);
            failpoints.Reach(Failpoint.CreatedNotAnswered);
            return ConsumableResourceRules.Created(Name);
        });

    public Task<UpdateConsumableResourceResponse> Update(UpdateConsumableResourceRequest request, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        var (token, payload, now) = (request.ClientToken, ConsumableResourceRules.Payload(request), time.GetUtcNow());
        if (stored.State.Updates.Find(token, now) is { } done)
        {
            return done.Payload == payload
                ? ConsumableResourceRules.Updated(Name, done.Total)
                : throw ConsumableResourceRules.TokenOfAnotherUpdate(token!);
        }

        var taken = await TakenAsync(Existing(), cancellationToken);
        var updated = ConsumableResourceRules.Update(Existing(), request, taken);
        var total = ConsumableResourceRules.Seen(updated, taken).Resource.TotalQuantity;
        await StoreAsync(
            stored.State with
            {
                Configuration = updated,
                Updates = token is null ? stored.State.Updates : stored.State.Updates.With(new(token, payload, total, now)),
            },
            cancellationToken);
        await Released(cancellationToken);
        return ConsumableResourceRules.Updated(Name, total);
    });

    public Task Delete(CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        ConsumableResourceRules.CheckDelete(Existing(), await use.IsNeededAsync(Name, cancellationToken));
        await StoreAsync(new() { Calls = stored.State.Calls.Fresh(time.GetUtcNow()) }, cancellationToken);
        ForgetCallsLater();

        // Cut off here, it leaves a name without a state, which no listing shows.
        await Catalogue.ConsumableResources(GrainFactory, Name.Scope).Remove(Name.Name, cancellationToken);
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
            await StoreAsync(stored.State with { Configuration = Configuration with { Tags = tags } }, cancellationToken);
        }

        return true;
    });

    private Task<long> TakenAsync(ConsumableResourceConfiguration resource, CancellationToken cancellationToken) =>
        use.TakenAsync(ConsumableResourceRules.Key(resource), cancellationToken);

    private ConsumableResourceConfiguration Existing() => Configuration ?? throw Arns.DoesNotExist(ResourceKind.ConsumableResource, Name.Name);

    /// <summary>A name without a resource keeps the calls that created one, until they are too old to come again.</summary>
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

    private async Task StoreAsync(ConsumableResourceGrainState state, CancellationToken cancellationToken)
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
