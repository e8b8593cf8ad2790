using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.Core.Names;
using OrleansBatch.Core.SchedulingPolicies;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.SchedulingPolicies;

/// <summary>Keeps one scheduling policy, and knows which queues have it.</summary>
[Reentrant]
internal sealed class SchedulingPolicyGrain(
    [PersistentState("scheduling-policy", StorageNames.Configuration)] IPersistentState<SchedulingPolicyGrainState> stored,
    Post post,
    IFailpoints failpoints,
    TimeProvider time) : Grain, ISchedulingPolicyGrain
{
    private readonly OneAtATime _changes = new();
    private IGrainTimer? _forgetting;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private SchedulingPolicyConfiguration? Configuration => stored.State.Configuration;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Configuration is null && !stored.State.Calls.IsEmpty)
        {
            ForgetCallsLater();
        }

        return Task.CompletedTask;
    }

    public Task<SchedulingPolicyReading?> Read(CancellationToken cancellationToken) => Task.FromResult(
        Configuration is null ? null : new SchedulingPolicyReading { Configuration = Configuration, Queues = [.. stored.State.Queues] });

    public Task<CreateSchedulingPolicyResponse> Create(
        CreateSchedulingPolicyRequest request, Invocation? invocation, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
        {
            if (stored.State.Calls.Has(invocation))
            {
                return SchedulingPolicyRules.Answer(Name);
            }

            if (Configuration is not null)
            {
                throw new BatchClientException($"Object already exists: scheduling policy {Name.Name}.");
            }

            var created = SchedulingPolicyRules.Create(request, Name.Scope);
            await Catalogue.SchedulingPolicies(GrainFactory, Name.Scope).Add(Name.Name, cancellationToken);
            await StoreAsync(stored.State with { Configuration = created, Calls = stored.State.Calls.With(invocation, time.GetUtcNow()) }, cancellationToken);
            failpoints.Reach(Failpoint.CreatedNotAnswered);
            return SchedulingPolicyRules.Answer(Name);
        });

    public Task Update(UpdateSchedulingPolicyRequest request, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        await StoreAsync(stored.State with { Configuration = SchedulingPolicyRules.Update(Existing(), request) }, cancellationToken);

        // Their next job may be another one now.
        foreach (var queue in stored.State.Queues)
        {
            post.Wake(queue);
        }
    });

    public Task Delete(ImmutableArray<string> detachedQueues, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (Configuration is not null)
        {
            SchedulingPolicyRules.CheckDelete(Configuration, isUsed: !stored.State.Queues.Except(detachedQueues).IsEmpty);
            await StoreAsync(new() { Calls = stored.State.Calls.Fresh(time.GetUtcNow()) }, cancellationToken);
            ForgetCallsLater();
        }

        // Also when a deletion was cut off here.
        await Catalogue.SchedulingPolicies(GrainFactory, Name.Scope).Remove(Name.Name, cancellationToken);
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
        if (stored.State.Queues.Contains(queueKey))
        {
            await StoreAsync(stored.State with { Queues = stored.State.Queues.Remove(queueKey) }, cancellationToken);
        }
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

    private SchedulingPolicyConfiguration Existing() => Configuration ?? throw Arns.DoesNotExist(ResourceKind.SchedulingPolicy, Name.Name);

    /// <summary>A name without a policy keeps the calls that created one, until they are too old to come again.</summary>
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

    private async Task StoreAsync(SchedulingPolicyGrainState state, CancellationToken cancellationToken)
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
