using System.Collections.Immutable;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Grains.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Simulation.Machines;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>ComputeEnvironmentGrain</c>: hands out one environment's capacity. Its machine is the one of its own.</summary>
internal sealed class EnvironmentActor(Silo silo, string name)
{
    private const string Machine = "machine";
    private static readonly TimeSpan LaunchPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WakePatience = TimeSpan.FromSeconds(2);

    private readonly Gate _gate = new();
    private HostLedger _ledger = new();
    private bool _isActive;
    private bool _isSettling;
    private long _epoch;
    private long _lastReservation;

    private WaitingQueues Waiting => field ??= new(WakeAsync);

    public string Name => name;

    public ResourceNeeds InUse => _ledger.InUse;

    private string Key => new ScopedName(World.Home, name).Key;

    private AgentProgram? Link => silo.World.MachineOf(name).Agent is { IsConnected: true } agent ? agent : null;

    public async Task ActivateAsync()
    {
        if (_isActive)
        {
            return;
        }

        await _gate.EnterAsync();
        try
        {
            if (!_isActive)
            {
                await RebuildAsync();
                _isActive = true;
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    public EnvironmentLook Look(string queue, int priority, long headSequence)
    {
        Waiting.Add(queue, priority, headSequence);
        return new()
        {
            Name = name,
            IsValid = true,
            IsEnabled = true,
            Hosts = Link is null || Waiting.IsHeldBack ? [] : _ledger.Groups(HostState.Active, most: 1),
            Coming = Link is not null && Waiting.IsHeldBack ? _ledger.Groups(HostState.Active, most: 1) : [],
            Maximum = silo.World.CapacityOf(name),
        };
    }

    public ReserveAnswer Reserve(ImmutableArray<ReserveAsk> asks, string queue, long nextSequence)
    {
        Waiting.ChangeHead(queue, nextSequence);
        var granted = ImmutableArray.CreateBuilder<string>();
        if (Link is not null)
        {
            foreach (var ask in asks)
            {
                var id = $"{_epoch}-{_lastReservation + 1}";
                if (_ledger.TryReserve(new(id, ask.JobId, ask.Needs, silo.Now, IsLaunched: false)) is null)
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

        return new()
        {
            ReservationIds = granted.ToImmutable(),
            Epoch = _epoch,
            Nodes = Link is { } link ? [.. granted.Select(_ => new NodeReference(link.NodeId, link.Incarnation))] : [],
            ClusterName = name,
        };
    }

    public async Task LaunchAsync(ImmutableArray<LaunchOrder> orders, ImmutableArray<string> unused)
    {
        var known = orders.Where(order => _ledger.MarkLaunched(order.ReservationId)).ToImmutableArray();
        Free(unused);
        if (!known.IsEmpty && Link is { } link)
        {
            await silo.NodeAsync(link.NodeId, node => node.LaunchAsync(known));
        }
    }

    public void Release(ImmutableArray<string> reservationIds) => Free(reservationIds);

    public async Task SettleAsync()
    {
        var before = silo.Now - LaunchPatience;
        var overdue = _ledger.UnlaunchedBefore(before);
        if (overdue.Count == 0)
        {
            await FreeWhatIsOverAsync(before);
            return;
        }

        // Before any row is read: who is still on the way to one of them is refused from here on.
        switch (silo.Bug)
        {
            case PlantedBug.FreedMayStillBePlaced:
                break;
            case PlantedBug.EpochWithoutRows:
                _epoch = Math.Max(_epoch, await TakeEpochAsync());
                break;
            default:
                await RebuildAsync();
                break;
        }

        foreach (var reservation in overdue)
        {
            var job = await silo.ReadAsync(store => store.Read(reservation.JobId));
            if (!IsPlacedBy(job, reservation) || silo.Bug == PlantedBug.SettleFreesWhatIsPlaced)
            {
                Free([reservation.Id]);
            }
            else if (await silo.JobAsync(reservation.JobId, actor => actor.RelaunchAsync(job!.State.Fence)) is { } order)
            {
                await LaunchAsync([order], []);
            }
        }

        silo.Begin(Waiting.WalkAsync);
    }

    private async Task FreeWhatIsOverAsync(DateTimeOffset before)
    {
        var launched = _ledger.LaunchedBefore(before);
        if (launched.Count == 0 || silo.Bug is PlantedBug.LostReleaseKept or PlantedBug.AttemptsToldTogether)
        {
            return;
        }

        var held = (await ReadHeldAsync()).Select(job => job.State.Placement!.ReservationId).ToHashSet();
        Free([.. launched.Where(reservation => !held.Contains(reservation.Id)).Select(reservation => reservation.Id)]);
    }

    private Task<IReadOnlyList<Grains.Stores.PlacedJob>> ReadHeldAsync() =>
        silo.ReadAsync(store => store.ReadPlaced(placement => placement.Environment == name));

    private async Task<long> TakeEpochAsync()
    {
        await silo.Wait(Occasion.Store);
        var epoch = silo.Store.TakeEpoch(Key);
        await silo.Wait(Occasion.Stored);
        return epoch;
    }

    private bool IsPlacedBy(JobRecord? job, Reservation reservation) =>
        job?.State.Placement is { } live && live.ReservationId == reservation.Id && live.Environment == name;

    private void SettleLater()
    {
        if (_isSettling)
        {
            return;
        }

        _isSettling = true;
        silo.Begin(async () =>
        {
            await silo.Wait(_ledger.HasUnlaunched ? LaunchPatience + TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(1));
            try
            {
                await SettleAsync();
            }
            catch (Exception exception) when (Trouble.Is(exception))
            {
                // The timer comes again.
            }

            _isSettling = false;
            if (_ledger.Count > 0)
            {
                SettleLater();
            }
        });
    }

    private async Task RebuildAsync()
    {
        var epoch = await TakeEpochAsync();
        var placed = await ReadHeldAsync();
        if (epoch < _epoch && silo.Bug != PlantedBug.EpochGoesBack)
        {
            // A later one was quicker.
            return;
        }

        // Together: what was reserved in between is of the epoch before, and refused.
        var unlaunched = _ledger.UnlaunchedBefore(DateTimeOffset.MaxValue).ToDictionary(reservation => reservation.Id);
        (_epoch, _ledger) = (epoch, new());
        _ = _ledger.Add(Host.Launch(Machine, InstanceType.OfMachine(Machine, silo.World.CapacityOf(name)), PurchaseOption.OnDemand, silo.Now, TimeSpan.Zero));
        foreach (var job in silo.Bug == PlantedBug.LedgerNotRebuilt ? [] : placed)
        {
            var id = job.State.Placement!.ReservationId;
            _ = _ledger.Hold(unlaunched.GetValueOrDefault(id) ?? new(id, job.JobId, job.Needs, silo.Now, IsLaunched: true), Machine);
        }

        if (_ledger.Count > 0)
        {
            SettleLater();
        }
    }

    private void Free(ImmutableArray<string> reservationIds)
    {
        var any = false;
        foreach (var id in reservationIds)
        {
            var isFreed = _ledger.Release(id, silo.Now) is not null;
            any |= isFreed;
            if (!isFreed && silo.Bug == PlantedBug.ReleasedTwice)
            {
                var more = _ledger.Find(Machine)!.Capacity + new ResourceNeeds { VcpuMillis = 1000, MemoryMiB = 4 };
                _ = _ledger.Resize(Machine, InstanceType.OfMachine(Machine, more), more);
            }
        }

        if (any)
        {
            silo.Begin(Waiting.WalkAsync);
        }
    }

    private async Task WakeAsync(string queue)
    {
        var isWoken = new TaskCompletionSource<bool>();
        silo.Begin(async () =>
        {
            try
            {
                await silo.QueueAsync(queue, actor => actor.WakeAsync());
                isWoken.TrySetResult(true);
            }
            catch (Exception exception) when (Trouble.Is(exception))
            {
                isWoken.TrySetResult(false);
            }
        });
        silo.Begin(async () =>
        {
            await silo.Wait(WakePatience);
            isWoken.TrySetResult(false);
        });
        if (!await isWoken.Task)
        {
            silo.Post.Wake(queue);
        }
    }
}
