using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Instances;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>What an environment of EC2 or Spot may launch.</summary>
public sealed record CapacityOffer
{
    /// <summary>Its types, in the order of its instanceTypes.</summary>
    public required ImmutableArray<InstanceChoice> Types { get; init; }

    /// <summary>How it chooses among them. Default: BEST_FIT.</summary>
    public AllocationStrategy Strategy { get; init; }

    /// <summary>How its hosts are paid for. Default: on demand.</summary>
    public PurchaseOption Purchase { get; init; }

    /// <summary>Spot prices above this part of the on-demand price are not paid. Default: 100 %.</summary>
    public int BidPercentage { get; init; } = 100;

    /// <summary>vCPUs at most.</summary>
    public required int MaxVcpus { get; init; }

    /// <summary>The names of types of which none is to be had, as the operator's setting simulates. Default: none.</summary>
    public FrozenSet<string> Unavailable { get; init; } = [];

    /// <summary>Whether the last host may take the vCPUs above their maximum.</summary>
    /// <remarks>Source: AWS Batch API, ComputeResource.maxvCpus: with all but BEST_FIT on demand, by no more than one instance.</remarks>
    public bool MayExceedMaximum => !(Strategy == AllocationStrategy.BestFit && Purchase == PurchaseOption.OnDemand);

    /// <summary>Whether a host of this type is to be had now.</summary>
    public bool IsAvailable(InstanceType type) =>
        !Unavailable.Contains(type.Name)
        && (Purchase == PurchaseOption.OnDemand || type.SpotUsdPerHour * 100 <= type.UsdPerHour * BidPercentage);
}
