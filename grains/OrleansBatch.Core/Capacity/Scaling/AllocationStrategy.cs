namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>How an environment chooses the types of new hosts.</summary>
/// <remarks>Source: AWS Batch user guide, "Instance type allocation strategies".</remarks>
public enum AllocationStrategy
{
    /// <summary>The cheapest type for what waits; if there is none to be had, it waits for that type.</summary>
    BestFit = 0,

    /// <summary>The type with the lowest cost per vCPU, then the next.</summary>
    BestFitProgressive,

    /// <summary>The type that is interrupted least, then the cheaper per vCPU.</summary>
    SpotCapacityOptimized,

    /// <summary>The type with the lowest cost per vCPU among those that are interrupted little, then the others.</summary>
    SpotPriceCapacityOptimized,

    /// <summary>The first in the list, then the next; of a family, the cheapest size for what waits.</summary>
    BestFitProgressiveOrdered,

    /// <summary>As the list has them among those that are interrupted about as often; those that are interrupted less go first.</summary>
    SpotCapacityOptimizedPrioritized,
}

/// <summary>The strategies' names.</summary>
public static class AllocationStrategies
{
    /// <summary>A strategy by AWS Batch's name; null means BEST_FIT.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such strategy.</exception>
    public static AllocationStrategy Parse(string? name) => name switch
    {
        null or "BEST_FIT" => AllocationStrategy.BestFit,
        "BEST_FIT_PROGRESSIVE" => AllocationStrategy.BestFitProgressive,
        "SPOT_CAPACITY_OPTIMIZED" => AllocationStrategy.SpotCapacityOptimized,
        "SPOT_PRICE_CAPACITY_OPTIMIZED" => AllocationStrategy.SpotPriceCapacityOptimized,
        "BEST_FIT_PROGRESSIVE_ORDERED" => AllocationStrategy.BestFitProgressiveOrdered,
        "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED" => AllocationStrategy.SpotCapacityOptimizedPrioritized,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such allocation strategy."),
    };
}
