using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>A host of an environment, as it is at one moment.</summary>
public sealed record Host
{
    /// <summary>Unique within its environment.</summary>
    public required string Id { get; init; }

    /// <summary>Its instance type; on Fargate, one that <see cref="OfFargate"/> made.</summary>
    public required InstanceType Type { get; init; }

    /// <summary>How it is paid for. Default: on demand.</summary>
    public PurchaseOption Purchase { get; init; }

    /// <summary>What jobs can get of it.</summary>
    public required ResourceNeeds Capacity { get; init; }

    /// <summary>What jobs hold of it.</summary>
    public ResourceNeeds Used { get; init; }

    /// <summary>How many reservations it carries.</summary>
    public int Reservations { get; init; }

    /// <summary>Where it is in its life.</summary>
    public HostState State { get; init; }

    /// <summary>When its launch was asked for: it costs from then on.</summary>
    public required DateTimeOffset LaunchedAt { get; init; }

    /// <summary>When it takes jobs, or took the first.</summary>
    public required DateTimeOffset ReadyAt { get; init; }

    /// <summary>Since when it has been without jobs: the end of its last, or else when it became ready. Null while it has any.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>Whether it ever had a job.</summary>
    public bool WasUsed { get; init; }

    /// <summary>When it goes whatever runs on it; only of an interrupted one.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Whether it is there for one reservation and goes with it, as on Fargate.</summary>
    public bool IsSingleUse { get; init; }

    /// <summary>Whether it takes nothing for the moment, because its node cannot be reached. What it has goes on.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The agent's node that backs it; null: not known.</summary>
    public string? NodeId { get; init; }

    /// <summary>Whether it may have a node of a multi-node parallel job: it is of EC2, and on demand.</summary>
    /// <remarks>Source: AWS Batch user guide, "Compute environment considerations" of multi-node parallel jobs.</remarks>
    public bool TakesNodes => Purchase == PurchaseOption.OnDemand && !IsSingleUse && !Type.IsMachine;

    /// <summary>What is left of it; below zero when more was taken in than fits.</summary>
    public ResourceNeeds Free => Capacity - Used;

    /// <summary>A new host.</summary>
    /// <param name="id">Unique within its environment.</param>
    /// <param name="type">Its type.</param>
    /// <param name="purchase">How it is paid for.</param>
    /// <param name="now">When it is asked for.</param>
    /// <param name="delay">How long it takes until it takes jobs; zero: none.</param>
    public static Host Launch(string id, InstanceType type, PurchaseOption purchase, DateTimeOffset now, TimeSpan delay) => new()
    {
        Id = id,
        Type = type,
        Purchase = purchase,
        Capacity = type.Capacity,
        State = delay > TimeSpan.Zero ? HostState.Launching : HostState.Active,
        LaunchedAt = now,
        ReadyAt = now + delay,
        IdleSince = now + delay,
    };

    /// <summary>A new host for one job on Fargate.</summary>
    /// <param name="host">Its id and type.</param>
    /// <param name="size">A pair of <see cref="FargateHosts.Sizes"/>.</param>
    /// <param name="usdPerHour">What it costs.</param>
    /// <param name="now">When it is asked for, and there.</param>
    public static Host OfFargate(FargateHost host, ResourceNeeds size, decimal usdPerHour, DateTimeOffset now)
    {
        var purchase = host.Type == "FARGATE_SPOT" ? PurchaseOption.Spot : PurchaseOption.OnDemand;
        var type = InstanceType.OfMachine(host.Type, size) with { UsdPerHour = usdPerHour, SpotUsdPerHour = usdPerHour, Interruption = InterruptionClass.From5To10Percent };
        return Launch(host.Id, type, purchase, now, TimeSpan.Zero) with { Capacity = size, IsSingleUse = true };
    }
}

/// <summary>Where a host is in its life.</summary>
public enum HostState
{
    /// <summary>Asked for, not there yet.</summary>
    Launching = 0,

    /// <summary>Takes jobs.</summary>
    Active,

    /// <summary>Is being replaced: its jobs go on, new ones do not come.</summary>
    Draining,

    /// <summary>Is being taken back: no new jobs, and those that it has end with it.</summary>
    Interrupted,
}
