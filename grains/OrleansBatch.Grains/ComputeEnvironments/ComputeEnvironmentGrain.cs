using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Core.Names;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Nodes;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
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
    IAgentLinks links,
    Post post,
    TimeProvider time,
    IFailpoints failpoints,
    ILogger<ComputeEnvironmentGrain> logger) : Grain, IComputeEnvironmentGrain
{
    /// <summary>How long a reservation may wait for its launch before its job's row is asked.</summary>
    private static readonly TimeSpan LaunchPatience = TimeSpan.FromSeconds(10);

    /// <summary>How often it looks whether what is held is still held by rows.</summary>
    private static readonly TimeSpan LooksAgain = TimeSpan.FromMinutes(1);

    /// <summary>How long the next queue waits for the round of the one before.</summary>
    private static readonly TimeSpan WakePatience = TimeSpan.FromSeconds(2);

    private readonly OneAtATime _changes = new();
    private ReservationLedger _ledger = new();
    private long _epoch;
    private long _lastReservation;
    private IGrainTimer? _settling;
    private IGrainTimer? _forgetting;

    private WaitingQueues Waiting => field ??= new(WakeAsync);

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private ComputeEnvironmentConfiguration? Configuration => stored.State.Configuration;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Configuration is not null)
        {
            await RebuildAsync(cancellationToken);
        }
        else if (!stored.State.Calls.IsEmpty)
        {
            ForgetCallsLater();
        }
    }

    public Task<EnvironmentReading?> Read(CancellationToken cancellationToken) => Task.FromResult(
        Configuration is null
            ? null
            : new EnvironmentReading { Configuration = Configuration, InUse = _ledger.InUse, Queues = [.. stored.State.Queues] });

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
            await Catalogue.ComputeEnvironments(GrainFactory, Name.Scope).Add(Name.Name, cancellationToken);
            await RebuildAsync(cancellationToken);
            await StoreAsync(created, stored.State.Queues, stored.State.Calls.With(invocation, time.GetUtcNow()), cancellationToken);
            failpoints.Reach(Failpoint.CreatedNotAnswered);
            return ComputeEnvironmentRules.Answer(Name);
        });

    public Task<ComputeEnvironmentConfiguration> Update(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken) =>
        _changes.RunAsync(async () =>
        {
            var updated = ComputeEnvironmentRules.Update(Existing(), request);
            await StoreAsync(updated, cancellationToken);

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
            await StoreAsync(null, [], stored.State.Calls.Fresh(time.GetUtcNow()), cancellationToken);
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
            await StoreAsync(Configuration with { Tags = tags }, cancellationToken);
        }

        return true;
    });

    public Task Attach(string queueKey, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        var environment = Existing();
        if (!stored.State.Queues.Contains(queueKey))
        {
            await StoreAsync(environment, stored.State.Queues.Add(queueKey), stored.State.Calls, cancellationToken);
        }
    });

    public Task Detach(string queueKey, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        Waiting.Remove(queueKey);
        if (Configuration is not null && stored.State.Queues.Contains(queueKey))
        {
            await StoreAsync(Configuration, stored.State.Queues.Remove(queueKey), stored.State.Calls, cancellationToken);
        }
    });

    public Task<EnvironmentLook> Look(string queueKey, int priority, long headSequence, CancellationToken cancellationToken)
    {
        Waiting.Add(queueKey, priority, headSequence);
        return Task.FromResult(new EnvironmentLook
        {
            Name = Name.Name,
            IsValid = Configuration?.Status == "VALID",
            IsEnabled = Configuration?.State == "ENABLED",
            Free = links.Local is null || Waiting.IsHeldBack ? default : _ledger.FreeOf(Capacity()),
            Maximum = Capacity(),
        });
    }

    public Task<ReserveAnswer> Reserve(ImmutableArray<ReserveAsk> asks, string queueKey, long nextSequence, CancellationToken cancellationToken)
    {
        Waiting.ChangeHead(queueKey, nextSequence);
        var granted = ImmutableArray.CreateBuilder<string>();
        var link = links.Local;
        if (link is not null && Configuration is { Status: "VALID", State: "ENABLED" })
        {
            var capacity = Capacity();
            var now = time.GetUtcNow();
            foreach (var ask in asks)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{_epoch}-{_lastReservation + 1}");
                if (!_ledger.TryReserve(new(id, ask.JobId, ask.Needs, now, IsLaunched: false), capacity))
                {
                    break;
                }

                _lastReservation++;
                granted.Add(id);
            }
        }

        if (granted.Count > 0)
        {
            SettleLater();
        }

        return Task.FromResult(new ReserveAnswer
        {
            ReservationIds = granted.ToImmutable(),
            Epoch = _epoch,
            NodeId = link?.NodeId ?? string.Empty,
            Incarnation = link?.Incarnation ?? string.Empty,
            ClusterName = Configuration is null ? string.Empty : $"AWSBatch-{Name.Name}-{Configuration.Uuid}",
            IsFargate = Configuration is not null && ComputeEnvironmentRules.Platform(Configuration) == "FARGATE",
        });
    }

    public async Task Launch(ImmutableArray<LaunchOrder> orders, ImmutableArray<string> unused, CancellationToken cancellationToken)
    {
        // An order whose reservation is unknown came from an earlier activation: its row is settled by its node.
        var known = orders.Where(order => _ledger.MarkLaunched(order.ReservationId)).ToImmutableArray();
        Free(unused);
        if (!known.IsEmpty && links.Local is { } link)
        {
            await GrainFactory.Refer<INodeGrain>(link.NodeId).Launch(known, cancellationToken);
        }
    }

    public Task Release(ImmutableArray<string> reservationIds, CancellationToken cancellationToken)
    {
        Free(reservationIds);
        return Task.CompletedTask;
    }

    public async Task Settle(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - LaunchPatience;
        var overdue = _ledger.UnlaunchedBefore(before);
        if (overdue.Count == 0)
        {
            await FreeWhatIsOverAsync(before, cancellationToken);
            return;
        }

        // Before any row is read: a job that is still on its way to one of them is refused from here on, and cannot take what is freed.
        await RebuildAsync(cancellationToken);
        foreach (var reservation in overdue)
        {
            var job = await store.ReadAsync(reservation.JobId, cancellationToken);
            if (job?.State.Placement is not { } live || live.ReservationId != reservation.Id || live.Environment != Name.Name)
            {
                LogFreed(Name.Key, reservation.Id, reservation.JobId);
            }
            else if (await GrainFactory.Refer<IJobGrain>(job.JobId).Relaunch(job.State.Fence, cancellationToken) is { } order)
            {
                LogLaunchedLate(Name.Key, reservation.Id, reservation.JobId);
                await Launch([order], [], cancellationToken);
            }
        }

        // What was freed went with the old ledger.
        _ = Waiting.WalkAsync();
    }

    /// <summary>Frees launched reservations that no row holds any more: the message that should have freed them was lost.</summary>
    private async Task FreeWhatIsOverAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // A launched reservation was in a row before; those of later are not in question.
        var launched = _ledger.LaunchedBefore(before);
        if (launched.Count == 0)
        {
            return;
        }

        var held = await ReadHeldAsync(cancellationToken);
        var over = launched.Where(reservation => !held.ContainsKey(reservation.Id)).Select(reservation => reservation.Id).ToImmutableArray();
        if (!over.IsEmpty)
        {
            LogOver(Name.Key, over.Length);
            Free(over);
        }
    }

    /// <summary>Looks once after the patience of a reservation: the keeper comes only where jobs are placed.</summary>
    /// <remarks>After that each minute: a message that should have freed something may have been lost.</remarks>
    private void SettleLater() => _settling ??= this.RegisterGrainTimer(
        async cancellationToken =>
        {
            try
            {
                await Settle(cancellationToken);
            }
            finally
            {
                // Not before: a timer that is disposed cancels what it has begun.
                _settling?.Dispose();
                _settling = null;
                if (_ledger.Count > 0)
                {
                    SettleLater();
                }
            }
        },
        new() { DueTime = _ledger.HasUnlaunched ? LaunchPatience + TimeSpan.FromSeconds(1) : LooksAgain, Period = Timeout.InfiniteTimeSpan });

    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var epoch = await store.TakeEpochAsync(Name.Key, cancellationToken);
        var placed = await ReadHeldAsync(cancellationToken);
        if (epoch < _epoch)
        {
            // A later one was quicker.
            return;
        }

        // Together: what was reserved in between is of the epoch before, and refused. What an environment of this name held before is in the
        // rows, or not held any more.
        var unlaunched = _ledger.UnlaunchedBefore(DateTimeOffset.MaxValue).ToDictionary(reservation => reservation.Id);
        (_epoch, _ledger) = (epoch, new());
        foreach (var (id, job) in placed)
        {
            _ledger.Hold(unlaunched.GetValueOrDefault(id) ?? new(id, job.JobId, job.Needs, time.GetUtcNow(), IsLaunched: true));
        }

        if (_ledger.Count > 0)
        {
            SettleLater();
        }

        LogRebuilt(Name.Key, _epoch, _ledger.Count);
    }

    /// <summary>What the rows of jobs hold here, by reservation.</summary>
    private async Task<Dictionary<string, PlacedJob>> ReadHeldAsync(CancellationToken cancellationToken) =>
        (await store.ReadPlacedInEnvironmentAsync(Name, cancellationToken)).ToDictionary(job => job.State.Placement!.ReservationId);

    private void Free(ImmutableArray<string> reservationIds)
    {
        var any = false;
        foreach (var id in reservationIds)
        {
            any |= _ledger.Release(id);
        }

        if (any)
        {
            _ = Waiting.WalkAsync();
        }
    }

    private async Task WakeAsync(string queue)
    {
        try
        {
            await GrainFactory.Refer<IJobQueueGrain>(queue).Wake(CancellationToken.None).WaitAsync(WakePatience, time);
        }
        catch (Exception exception)
        {
            // It is woken all the same, and the others do not wait for it.
            LogNotWoken(exception, queue);
            post.Wake(queue);
        }
    }

    private ResourceNeeds Capacity() => Configuration is null
        ? default
        : ComputeEnvironmentRules.Capacity(Configuration, links.Local?.Capacity ?? default);

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
        StoreAsync(configuration, stored.State.Queues, stored.State.Calls, cancellationToken);

    private Task StoreAsync(
        ComputeEnvironmentConfiguration? configuration,
        ImmutableSortedSet<string> queues,
        ImmutableArray<RecordedCall> calls,
        CancellationToken cancellationToken)
    {
        // The operator's variables go with the environment.
        var jobEnvironment = configuration is null ? null : stored.State.JobEnvironment;
        return StoreAsync(new ComputeEnvironmentGrainState { Configuration = configuration, Queues = queues, Calls = calls, JobEnvironment = jobEnvironment }, cancellationToken);
    }

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
