using OrleansBatch.Model;

namespace OrleansBatch.Grains.ConsumableResources;

/// <summary>Knows what jobs hold and need of consumable resources.</summary>
public interface IConsumableUse
{
    /// <summary>What jobs that are STARTING or RUNNING hold of a resource.</summary>
    Task<long> InUseAsync(ScopedName resource, CancellationToken cancellationToken);

    /// <summary>Whether a job that is neither SUCCEEDED nor FAILED needs a resource.</summary>
    Task<bool> IsNeededAsync(ScopedName resource, CancellationToken cancellationToken);
}

/// <summary>The case as long as no job is accepted that needs any: nothing is in use.</summary>
public sealed class NoConsumableUse : IConsumableUse
{
    /// <inheritdoc/>
    public Task<long> InUseAsync(ScopedName resource, CancellationToken cancellationToken) => Task.FromResult(0L);

    /// <inheritdoc/>
    public Task<bool> IsNeededAsync(ScopedName resource, CancellationToken cancellationToken) => Task.FromResult(false);
}
