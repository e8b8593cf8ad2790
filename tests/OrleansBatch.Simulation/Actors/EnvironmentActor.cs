using System.Collections.Immutable;
using OrleansBatch.Core.Capacity;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Simulation.Machines;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>ComputeEnvironmentGrain</c>: hands out one environment's capacity. Its machine is the one of its own.</summary>
internal sealed class EnvironmentActor(Silo silo, string name)
{
    private static readonly TimeSpan LaunchPatience = TimeSpan.FromSeconds(10);

    private readonly Gate _gate = new();
    private readonly ReservationLedger _ledger = new();
    private readonly Dictionary<string, int> _waiting = new(StringComparer.Ordinal);
    private ResourceNeeds _freedTwice;
    private bool _isActive;
    private bool _isSettling;
    private long _epoch;
    private long _lastReservation;

    public string Name => name;

    public ResourceNeeds InUse => _ledger.InUse;

    private string Key => new ScopedName(World.Home, name).Key;

    private AgentProgram? Link => silo.World.MachineOf(name).Agent is { IsConnected: true } agent ? agent : null;

    private ResourceNeeds Capacity => (Link is null ? default : silo.World.CapacityOf(name)) + _freedTwice;

    public async Task ActivateAsync()
    {
        if (_isActive)
        {
            return;
        }

        await _gate.EnterAsync();
        if (!_isActive)
        {
            await RebuildAsync();
            _isActive = true;
        }

        _gate.Leave();
    }

    public EnvironmentLook Look(string queue, int priority)
    {
        _waiting[queue] = priority;
        return new()
        {
            Name = name,
            IsValid = true,
            IsEnabled = true,
            Free = Link is null ? default : _ledger.FreeOf(Capacity),
            Maximum = silo.World.CapacityOf(name),
        };
    }

    public ReserveAnswer Reserve(ImmutableArray<ReserveAsk> asks)
    {
        var granted = ImmutableArray.CreateBuilder<string>();
        if (Link is not null)
        {
            foreach (var ask in asks)
            {
                var id = $"{_epoch}-{_lastReservation + 1}";
                if (!_ledger.TryReserve(new(id, ask.JobId, ask.Needs, silo.Now, IsLaunched: false), Capacity))
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
            NodeId = Link?.NodeId ?? string.Empty,
            Incarnation = Link?.Incarnation ?? string.Empty,
            ClusterName = name,
            IsFargate = false,
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

    public void Release(ImmutableArray<string> reservationIds)
    {
        if (silo.Bug != PlantedBug.ReleaseForgotten)
        {
            Free(reservationIds);
        }
    }

    public async Task SettleAsync()
    {
        foreach (var reservation in _ledger.UnlaunchedBefore(silo.Now - LaunchPatience))
        {
            var job = await silo.ReadAsync(store => store.Read(reservation.JobId));
            if (job?.State.Placement?.ReservationId != reservation.Id || silo.Bug == PlantedBug.SettleFreesWhatIsPlaced)
            {
                Free([reservation.Id]);
            }
            else if (await silo.JobAsync(job.JobId, actor => actor.RelaunchAsync(job.State.Fence)) is { } order)
            {
                await LaunchAsync([order], []);
            }
        }
    }

    private void SettleLater()
    {
        if (_isSettling)
        {
            return;
        }

        _isSettling = true;
        silo.Begin(async () =>
        {
            await silo.Wait(LaunchPatience + TimeSpan.FromSeconds(1));
            try
            {
                await SettleAsync();
            }
            catch (Exception exception) when (Trouble.Is(exception))
            {
                // The timer comes again.
            }

            _isSettling = false;
            if (_ledger.HasUnlaunched)
            {
                SettleLater();
            }
        });
    }

    private async Task RebuildAsync()
    {
        await silo.Wait(Occasion.Read);
        _epoch = silo.Store.TakeEpoch(Key);
        var placed = await silo.ReadAsync(store => store.ReadPlaced(placement => placement.Environment == name));
        foreach (var job in silo.Bug == PlantedBug.LedgerNotRebuilt ? [] : placed)
        {
            _ledger.Hold(new(job.State.Placement!.ReservationId, job.JobId, job.Needs, silo.Now, IsLaunched: true));
        }
    }

    private void Free(ImmutableArray<string> reservationIds)
    {
        var any = false;
        foreach (var id in reservationIds)
        {
            var isFreed = _ledger.Release(id);
            any |= isFreed;
            if (!isFreed && silo.Bug == PlantedBug.ReleasedTwice)
            {
                _freedTwice += new ResourceNeeds { VcpuMillis = 1000, MemoryMiB = 4 };
            }
        }

        if (!any)
        {
            return;
        }

        foreach (var queue in _waiting.OrderByDescending(queue => queue.Value).ThenBy(queue => queue.Key, StringComparer.Ordinal))
        {
            silo.Post.Wake(queue.Key);
        }

        _waiting.Clear();
    }
}
