using System.Collections.Immutable;
using System.Security.Cryptography;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>Which hosts the environment has. A host is stored before it is used, and before it is gone.</summary>
/// <remarks>
/// One of EC2 or Spot models its hosts: rows of their own. An UNMANAGED one has the machine of its agent. On Fargate each attempt is on a host of its own,
/// which is there with its reservation; its row is written with the end of the attempt, by whoever writes that.
/// </remarks>
internal sealed partial class ComputeEnvironmentGrain
{
    /// <summary>An environment that is deleted launches nothing.</summary>
    private static readonly CapacityOffer NoOffer = new() { Types = [], MaxVcpus = 0 };

    /// <summary>What nobody knows is taken for large enough. Far from overflow when many are added.</summary>
    private static readonly ResourceNeeds Unknown = new() { VcpuMillis = long.MaxValue / 4, MemoryMiB = long.MaxValue / 4, Gpus = int.MaxValue / 4 };

    private readonly QueueDemandBook _demand = new();

    /// <summary>The rows of the hosts that are there.</summary>
    private readonly Dictionary<string, HostRow> _hostRows = new(StringComparer.Ordinal);

    private (ComputeEnvironmentConfiguration Of, CapacityOffer? Offer, ResourceNeeds Maximum, ImmutableArray<LargestHost> Largest)? _limits;
    private IGrainTimer? _scaling;
    private DateTimeOffset _scalesAt;

    private bool IsFargate => Configuration is not null && ComputeEnvironmentRules.Platform(Configuration) == "FARGATE";

    private string? FargateType => IsFargate ? Configuration!.ComputeResources!.Type : null;

    private bool HasModelledHosts => Configuration?.ComputeResources is not null && !IsFargate;

    private bool IsUsable => Configuration is { } configuration && ComputeEnvironmentRules.TakesJobs(configuration);

    /// <summary>No host without a machine behind it.</summary>
    private CapacityOffer Offer => HasModelledHosts && !_serving.IsEmpty ? Limits().Offer! : NoOffer;

    private (CapacityOffer? Offer, ResourceNeeds Maximum, ImmutableArray<LargestHost> Largest) Limits()
    {
        if (Configuration is not { } configuration)
        {
            return (NoOffer, default, []);
        }

        if (configuration.ComputeResources is null)
        {
            // One that is away, or leaves, may be back.
            return _serving.IsEmpty
                ? (null, Unknown, [new(Unknown, IsWithinMaximum: true)])
                : (null, MachineHosts.Maximum([.. _joined.Select(node => node.Capacity)]), [.. _joined.Select(node => new LargestHost(node.Capacity, IsWithinMaximum: true))]);
        }

        if (_limits is not { } known || !ReferenceEquals(known.Of, configuration))
        {
            var offer = CapacityOffers.Of(configuration, model.Catalogue, model.Unavailable);
            var max = configuration.ComputeResources.MaxvCpus!.Value;
            _limits = known = offer is null
                ? (configuration, null, FargateLimits.Maximum(max), FargateLimits.Largest(max))
                : (configuration, offer, CapacityOffers.Maximum(offer), CapacityOffers.Largest(offer));
        }

        return (known.Offer, known.Maximum, known.Largest);
    }

    private ScalingSnapshot Scaling() => new()
    {
        Offer = Offer,
        IsEnabled = IsUsable,
        MinVcpus = Configuration?.ComputeResources?.MinvCpus ?? 0,
        AskedVcpus = stored.State.AskedvCpus,
        Hosts = _ledger.Snapshot(),
        IdleDelay = model.IdleDelay,
        ScaleDownDelay = TimeSpan.FromMinutes(Configuration?.ComputeResources?.ScalingPolicy?.MinScaleDownDelayMinutes ?? 0),
        LaunchDelay = model.LaunchDelay,
        ShortageRetry = model.ShortageRetry,
        Now = time.GetUtcNow(),
    };

    /// <summary>What waits in a queue and finds no place here, after hosts have been launched for what does.</summary>
    private async ValueTask<ImmutableArray<UnmetDemand>> MeetAsync(string queueKey, CancellationToken cancellationToken)
    {
        var plan = QueueDemands.Plan(Scaling(), _demand.InOrder);
        if (IsChange(plan.Scaling))
        {
            await _changes.RunAsync(() => ScaleAsync(cancellationToken));
            plan = QueueDemands.Plan(Scaling(), _demand.InOrder);
        }

        ScaleAt(plan.Scaling.LookAgainAt);
        return plan.Unmet.GetValueOrDefault(queueKey, []);
    }

    private bool IsChange(ScalingPlan plan) => !plan.Ends.IsEmpty || !plan.Launches.IsEmpty || plan.AskedVcpus != stored.State.AskedvCpus;

    /// <summary>Launches and ends hosts, one change after another.</summary>
    private async Task ScaleAsync(CancellationToken cancellationToken)
    {
        if (!HasModelledHosts && _hostRows.Count == 0)
        {
            return;
        }

        await DrainWithNodesAsync(cancellationToken);
        await DrainAsync(host => host.Generation != stored.State.Generation, "replaced by an infrastructure update", cancellationToken, stored.State.ReplacesAt);
        await InterruptByChanceAsync(cancellationToken);
        await EndDueAsync(cancellationToken);
        var isMore = _ledger.Activate(time.GetUtcNow()) > 0;
        var plan = QueueDemands.Plan(Scaling(), _demand.InOrder).Scaling;
        if (!plan.Ends.IsEmpty || !plan.Launches.IsEmpty)
        {
            await ApplyAsync(plan, cancellationToken);
            isMore |= !plan.Launches.IsEmpty && model.LaunchDelay <= TimeSpan.Zero;
        }

        if (plan.AskedVcpus != stored.State.AskedvCpus && Configuration is not null)
        {
            await StoreAsync(stored.State with { AskedvCpus = plan.AskedVcpus }, cancellationToken);
        }

        await EndUpdateAsync(cancellationToken);

        if (isMore)
        {
            _ = Waiting.WalkAsync();
        }

        ScaleAt(plan.LookAgainAt);
        NoteEnds();
    }

    private async Task ApplyAsync(ScalingPlan plan, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        Dictionary<string, long> planned = new(StringComparer.Ordinal);
        var launched = plan.Launches.SelectMany(launch => Enumerable.Range(0, launch.Count).Select(_ => Launched(launch, planned, now))).ToList();
        var ended = Ended(plan.Ends, now);
        await WriteAsync([.. ended, .. launched], cancellationToken);
        Forget(ended);

        foreach (var row in launched)
        {
            _ = _ledger.Add(row.ToHost());
            _hostRows.Add(row.HostId, row);
            LogHostLaunched(Name.Key, row.HostId, row.Type.Name, row.LaunchReason);
        }

        // Their nodes may have gone while they were written.
        UseNodes();
    }

    private HostRow Launched(PlannedLaunch launch, Dictionary<string, long> planned, DateTimeOffset now)
    {
        var node = ChooseNode(planned);
        planned[node.NodeId] = planned.GetValueOrDefault(node.NodeId) + launch.Type.Capacity.VcpuMillis;
        return Launched(launch, node, now);
    }

    private HostRow Launched(PlannedLaunch launch, NodeReading node, DateTimeOffset now) => new()
    {
        HostId = $"i-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(9))[..17]}",
        Environment = Name.Key,
        Type = launch.Type,
        Purchase = Offer.Purchase,
        State = model.LaunchDelay > TimeSpan.Zero ? HostState.Launching : HostState.Active,
        LaunchedAt = now,
        ReadyAt = now + model.LaunchDelay,
        IdleSince = now + model.LaunchDelay,
        LaunchReason = launch.Reason,
        NodeId = node.NodeId,
        Incarnation = node.Incarnation,
        Generation = stored.State.Generation,
    };

    private List<HostRow> Ended(IEnumerable<PlannedEnd> ends, DateTimeOffset now)
    {
        List<HostRow> ended = [];
        foreach (var end in ends)
        {
            if (_hostRows.TryGetValue(end.HostId, out var row))
            {
                // No job comes while it is written.
                _ = _ledger.Move(end.HostId, HostState.Draining);
                ended.Add(row with { EndedAt = now, EndReason = row.EndReason ?? end.Reason });
            }
        }

        return ended;
    }

    private void Forget(List<HostRow> ended)
    {
        foreach (var row in ended)
        {
            _ = _ledger.Remove(row.HostId);
            _ = _hostRows.Remove(row.HostId);
            LogHostEnded(Name.Key, row.HostId, row.Type.Name, row.EndReason!);
        }
    }

    private async Task WriteAsync(List<HostRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            if (!await hosts.WriteAsync(rows, new(Name.Key, _epoch), cancellationToken))
            {
                throw new JobStoreException($"Another activation of environment {Name.Key} has begun.");
            }

            failpoints.Reach(Failpoint.HostStored);
        }
        catch
        {
            // Nobody knows what the rows hold now; the next activation reads them.
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Looks again at this time, if not before; null: not by itself.</summary>
    private void ScaleAt(DateTimeOffset? at)
    {
        if (at is not { } due || (_scaling is not null && _scalesAt <= due))
        {
            return;
        }

        _scaling?.Dispose();
        _scalesAt = due;
        var wait = due - time.GetUtcNow();
        _scaling = this.RegisterGrainTimer(
            (CancellationToken _) =>
            {
                // Not in the timer's own turn: one that is disposed cancels what it has begun.
                _scaling?.Dispose();
                _scaling = null;
                ScaleSafelyAsync().Ignore();
                return Task.CompletedTask;
            },
            new() { DueTime = wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
    }

    private async Task ScaleSafelyAsync()
    {
        try
        {
            await _changes.RunAsync(() => ScaleAsync(CancellationToken.None));
        }
        catch (Exception exception)
        {
            LogNotScaled(exception, Name.Key);
            ScaleAt(time.GetUtcNow() + TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>After reservations were freed: hosts without any may go.</summary>
    private void NoteIdle()
    {
        if (_hostRows.Count == 0 || _ledger.IdleCount == 0)
        {
            return;
        }

        var isLeaving = _hostRows.Values.Any(host => host.State is HostState.Draining or HostState.Interrupted);
        ScaleAt(time.GetUtcNow() + (isLeaving ? TimeSpan.Zero : model.IdleDelay));
    }
}
