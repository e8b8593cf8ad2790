using System.Collections.Immutable;
using System.Globalization;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>Who holds how much of which host.</summary>
internal sealed partial class ComputeEnvironmentGrain
{
    /// <summary>Groups of equal hosts that a queue is told of at most: what it has not seen it sees in its next round.</summary>
    private const int MostGroups = 64;

    /// <summary>How long a reservation may wait for its launch before its job's row is asked.</summary>
    private static readonly TimeSpan LaunchPatience = TimeSpan.FromSeconds(10);

    /// <summary>How often it looks whether what is held is still held by rows.</summary>
    private static readonly TimeSpan LooksAgain = TimeSpan.FromMinutes(1);

    /// <summary>How long the next queue waits for the round of the one before.</summary>
    private static readonly TimeSpan WakePatience = TimeSpan.FromSeconds(2);

    private HostLedger _ledger = new();
    private long _epoch;
    private long _lastReservation;
    private IGrainTimer? _settling;

    private WaitingQueues Waiting => field ??= new(WakeAsync);

    public async Task<EnvironmentLook> Look(
        string queueKey, int priority, long headSequence, ImmutableArray<WaitingGroup> waiting, CancellationToken cancellationToken)
    {
        Waiting.Add(queueKey, priority, headSequence);
        await WatchAgainAsync(cancellationToken);
        ImmutableArray<UnmetDemand> unmet = [];
        if (HasModelledHosts)
        {
            _demand.Tell(queueKey, priority, headSequence, waiting);
            unmet = _serving.IsEmpty ? [] : await MeetAsync(queueKey, cancellationToken);
        }

        var isOpen = !_serving.IsEmpty && IsUsable;
        var limits = Limits();
        return new()
        {
            Name = Name.Name,
            IsValid = Configuration?.Status is "VALID" or "UPDATING",
            IsEnabled = Configuration?.State == "ENABLED",
            Hosts = isOpen && !Waiting.IsHeldBack ? FreeHosts() : [],
            // What is held back comes with the walk's next round: nobody is to go on to another environment for it.
            Coming = !isOpen ? [] : [.. HasModelledHosts ? _ledger.Groups(HostState.Launching, MostGroups) : [], .. Waiting.IsHeldBack ? FreeHosts() : []],
            Maximum = limits.Maximum,
            Largest = limits.Largest,
            Unmet = isOpen ? UnmetOf(waiting, unmet) : waiting,
            Shortages = [.. unmet.Where(one => one.Reason == UnmetReason.CapacityShortage).Select(one => new HostShortage(one.PerHost, one.InstanceType!))],
            GangOutlook = waiting is [{ Gang: { } gang }, ..] ? CapacityOffers.OutlookOf(limits.Offer, gang)
                : CapacityOffers.TakesGangs(limits.Offer) ? GangOutlook.Possible : GangOutlook.NotTaken,
        };
    }

    public Task<ReserveAnswer> Reserve(ImmutableArray<ReserveAsk> asks, string queueKey, long nextSequence, CancellationToken cancellationToken)
    {
        Waiting.ChangeHead(queueKey, nextSequence);
        var granted = ImmutableArray.CreateBuilder<string>();
        var grantedHosts = HasModelledHosts || IsFargate ? ImmutableArray.CreateBuilder<string>() : null;
        var prices = ImmutableArray.CreateBuilder<decimal>();
        var nodes = ImmutableArray.CreateBuilder<NodeReference>();
        var gpus = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        if (!_serving.IsEmpty && IsUsable)
        {
            var now = time.GetUtcNow();
            foreach (var ask in asks)
            {
                var id = NewReservationId(0);
                if (TryReserve(new(id, ask.JobId, ask.Needs, now, IsLaunched: false), now) is not { } host)
                {
                    break;
                }

                _lastReservation++;
                granted.Add(id);
                nodes.Add(NodeOf(host));
                if (ask.Needs.Gpus > 0)
                {
                    gpus.Count = granted.Count - 1;
                    gpus.Add(_ledger.FindReservation(id)!.Value.Reservation.Gpus);
                }

                if (grantedHosts is not null)
                {
                    prices.Add(CostRules.PerHour(_ledger.Find(host)!, ask.Needs) ?? 0);
                    grantedHosts.Add(host);
                }
            }
        }

        if (granted.Count > 0)
        {
            _demand.Served(queueKey, asks.Take(granted.Count).Select(ask => new WaitingGroup(ask.Needs, 1)));
            SettleLater();
        }

        return Task.FromResult(new ReserveAnswer
        {
            ReservationIds = granted.ToImmutable(),
            Hosts = grantedHosts?.ToImmutable() ?? [],
            UsdPerHour = prices.ToImmutable(),
            Epoch = _epoch,
            Nodes = nodes.ToImmutable(),
            ClusterName = Configuration is null ? string.Empty : ClusterName(Configuration),
            FargateType = FargateType,
            // Of jobs that ask for none there is nothing in between.
            Gpus = [.. gpus.Select(named => named.IsDefault ? [] : named)],
        });
    }

    public Task<GangPlaceOrder?> ReserveGang(string jobId, GangNeeds gang, string queueKey, long nextSequence, CancellationToken cancellationToken)
    {
        Waiting.ChangeHead(queueKey, nextSequence);
        if (_serving.IsEmpty || !IsUsable || Configuration is not { } configuration || !CapacityOffers.TakesGangs(Limits().Offer))
        {
            return Task.FromResult<GangPlaceOrder?>(null);
        }

        var now = time.GetUtcNow();
        ImmutableArray<Reservation> asked =
        [
            .. Enumerable.Range(0, gang.Nodes).Select(node => new Reservation(NewReservationId(node), JobPartIds.Node(jobId, node), gang.PerNode, now, IsLaunched: false)),
        ];
        var granted = _ledger.TryReserveGang(asked, gang);
        if (granted.IsDefaultOrEmpty)
        {
            return Task.FromResult<GangPlaceOrder?>(null);
        }

        _lastReservation += gang.Nodes;
        _demand.Served(queueKey, [new(gang.PerNode, 1, gang)]);
        SettleLater();
        return Task.FromResult<GangPlaceOrder?>(new()
        {
            Environment = Name,
            ClusterName = ClusterName(configuration),
            Epoch = _epoch,
            Nodes =
            [
                .. asked.Zip(granted, (reservation, host) => new NodeReservation
                {
                    ReservationId = reservation.Id,
                    Host = host,
                    UsdPerHour = _ledger.Find(host) is { } whole ? CostRules.PerHour(whole, whole.Capacity) : null,
                    NodeId = NodeOf(host).NodeId,
                    Incarnation = NodeOf(host).Incarnation,
                }),
            ],
        });
    }

    public async Task Launch(
        ImmutableArray<LaunchOrder> orders, ImmutableArray<string> unused, ImmutableArray<string> later, CancellationToken cancellationToken)
    {
        foreach (var id in later)
        {
            _ = _ledger.MarkLaunched(id);
        }

        // An order whose reservation is unknown came from an earlier activation: its row is settled by its node.
        var known = orders.Where(order => _ledger.MarkLaunched(order.ReservationId)).ToImmutableArray();
        Free(unused);

        // One whose node nobody knows here is settled by its row, too.
        await Task.WhenAll(known
            .GroupBy(order => _ledger.NodeOf(_ledger.FindReservation(order.ReservationId)!.Value.HostId))
            .Where(group => group.Key is not null)
            .Select(group => GrainFactory.Refer<INodeGrain>(group.Key!).Launch([.. group], cancellationToken)));
    }

    public Task Release(string nodeId, ImmutableArray<string> reservationIds, CancellationToken cancellationToken)
    {
        Free([.. reservationIds.Where(id => _ledger.IsHeldOn(nodeId, id))]);
        return Task.CompletedTask;
    }

    public async Task Settle(CancellationToken cancellationToken)
    {
        await WatchAgainAsync(cancellationToken);
        ScaleAt(_hostRows.Count > 0 ? time.GetUtcNow() : null);
        var before = time.GetUtcNow() - LaunchPatience;
        var overdue = _ledger.UnlaunchedBefore(before);
        if (overdue.Count == 0)
        {
            await FreeWhatIsOverAsync(before, cancellationToken);
            return;
        }

        // Before any row is read: a job that is still on its way to one of them is refused from here on, and cannot take what is freed.
        await _changes.RunAsync(() => RebuildAsync(cancellationToken));
        foreach (var reservation in overdue)
        {
            var job = await store.ReadAsync(reservation.JobId, cancellationToken);
            if (job?.State.Placement is not { } live || live.ReservationId != reservation.Id || live.Environment != Name.Name)
            {
                LogFreed(Name.Key, reservation.Id, reservation.JobId);
            }
            else if (await GrainFactory.Refer<IJobGrain>(JobPartIds.OwnerOf(job.JobId)).Relaunch(new(job.JobId, job.State.Fence), cancellationToken) is { } order)
            {
                LogLaunchedLate(Name.Key, reservation.Id, reservation.JobId);
                await Launch([order], [], [], cancellationToken);
            }
            else
            {
                // A node whose main node does not run yet: its job launches it. Or else its attempt is over, and this is freed with the next look.
                _ = _ledger.MarkLaunched(reservation.Id);
            }
        }

        // What was freed went with the old ledger.
        NoteIdle();
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

    /// <summary>Takes the next epoch, and makes the ledger anew from the rows of hosts and jobs. Among the changes, or before there are any.</summary>
    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var epoch = await store.TakeEpochAsync(Name.Key, cancellationToken);
        var rows = await hosts.ReadLiveAsync(Name, cancellationToken);
        var placed = await ReadHeldAsync(cancellationToken);
        if (epoch < _epoch)
        {
            // A later one was quicker.
            return;
        }

        // Together: what was reserved in between is of the epoch before, and refused. What an environment of this name held before is in the
        // rows, or not held any more.
        var before = _ledger;
        var unlaunched = before.UnlaunchedBefore(DateTimeOffset.MaxValue).ToDictionary(reservation => reservation.Id);
        (_epoch, _ledger) = (epoch, new());
        _hostRows.Clear();
        var now = time.GetUtcNow();
        foreach (var row in rows)
        {
            _hostRows.Add(row.HostId, row);
            var known = before.Find(row.HostId);
            _ = _ledger.Add(row.ToHost() with { IdleSince = known?.IdleSince ?? (row.ReadyAt > now ? row.ReadyAt : now), WasUsed = known?.WasUsed ?? row.WasUsed });
        }

        _ = _ledger.Activate(now);
        UseNodes();
        foreach (var (id, job) in placed)
        {
            HoldPlaced(unlaunched.GetValueOrDefault(id) ?? new(id, job.JobId, job.Needs, now, IsLaunched: true) { IsWholeHost = job.OfGang is not null, Gpus = job.State.Placement!.Gpus is { } named ? [.. named] : [] }, job, now);
        }

        if (_ledger.Count > 0)
        {
            SettleLater();
        }

        LogRebuilt(Name.Key, _epoch, _ledger.Count);
    }

    private void HoldPlaced(Reservation reservation, PlacedJob job, DateTimeOffset now)
    {
        var placement = job.State.Placement!;
        if (FargateHosts.HostOf(placement, job.Needs, placement.StartedAt ?? now) is { } own)
        {
            _ = _ledger.Add(own with { NodeId = placement.NodeId });
            _ = _ledger.Hold(reservation, own.Id);
            return;
        }

        if (!_ledger.Hold(reservation, placement.HostId))
        {
            // A machine whose agent is not there yet; or a place of an earlier program, or of an environment that was of another kind: it is there until its jobs have ended.
            var isMachine = HasMachines;
            _hasLeavingMachines |= isMachine;
            var type = InstanceType.OfMachine(isMachine ? "machine" : "unknown", reservation.Needs);
            _ = _ledger.Add(Host.Launch(placement.HostId, type, PurchaseOption.OnDemand, now, TimeSpan.Zero) with
            {
                State = HostState.Draining,
                IsSingleUse = !isMachine,
                NodeId = placement.NodeId,
            });
            _ = _ledger.Hold(reservation, placement.HostId);
        }
    }

    private string NewReservationId(int node) => string.Create(CultureInfo.InvariantCulture, $"{_epoch}-{_lastReservation + 1 + node}");

    private string ClusterName(ComputeEnvironmentConfiguration configuration) => $"AWSBatch-{Name.Name}-{configuration.Uuid}";

    private string? TryReserve(Reservation reservation, DateTimeOffset now)
    {
        if (!IsFargate)
        {
            return _ledger.TryReserve(reservation);
        }

        if (FargateHosts.SizeFor(reservation.Needs) is not { } size)
        {
            return null;
        }

        // In the order of time, so that the rows of those that are gone come one after another.
        var host = Host.OfFargate(new(FargateHosts.NewId(Guid.CreateVersion7(now)), FargateType!), size, model.Catalogue.Fargate.PriceOf(size, FargateType!), now);
        return _ledger.TryReserveOwn(reservation, host with { NodeId = ChooseNode().NodeId }, Configuration!.ComputeResources!.MaxvCpus!.Value) ? host.Id : null;
    }

    private ImmutableArray<HostGroup> FreeHosts()
    {
        if (!IsFargate)
        {
            return _ledger.Groups(HostState.Active, MostGroups);
        }

        var free = FreeOnFargate();
        return free > 0 ? [new(Unknown with { VcpuMillis = free, Gpus = 0 }, 1)] : [];
    }

    private long FreeOnFargate() => (Configuration!.ComputeResources!.MaxvCpus!.Value * 1000L) - _ledger.Capacity.VcpuMillis;

    private ImmutableArray<WaitingGroup> UnmetOf(ImmutableArray<WaitingGroup> waiting, ImmutableArray<UnmetDemand> unmet) =>
        HasModelledHosts ? [.. unmet.Select(one => new WaitingGroup(one.Needs, one.Count, one.Gang))]
        : IsFargate ? FargateLimits.Unmet(waiting, FreeOnFargate())
        : MachineHosts.Unmet(waiting, _ledger.Snapshot());

    /// <summary>What the rows of jobs hold here, by reservation.</summary>
    private async Task<Dictionary<string, PlacedJob>> ReadHeldAsync(CancellationToken cancellationToken) =>
        (await store.ReadPlacedInEnvironmentAsync(Name, cancellationToken)).ToDictionary(job => job.State.Placement!.ReservationId);

    private void Free(ImmutableArray<string> reservationIds)
    {
        var any = false;
        var now = time.GetUtcNow();
        foreach (var id in reservationIds)
        {
            any |= _ledger.Release(id, now) is not null;
        }

        if (any)
        {
            EndMachines();
            NoteIdle();
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
}
