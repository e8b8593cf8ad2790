using OrleansBatch.Core.Listings;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Stores;

/// <summary>Reads what jobs hold and need of consumable resources; what they take is written with their steps, see <see cref="JobWrite.Claims"/>.</summary>
public interface IConsumableStore
{
    /// <summary>What is taken of a resource: held by attempts or, of what is not given back, ever. 0 when nothing was.</summary>
    /// <param name="key">The resource, from its creation to its deletion: a claim's key.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<long> TakenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Whether a job that is neither SUCCEEDED nor FAILED needs a resource of this name.</summary>
    Task<bool> IsNeededAsync(ScopedName resource, CancellationToken cancellationToken);

    /// <summary>A page of the jobs that need a resource of this name, newest first: an array as one.</summary>
    /// <exception cref="FormatException">The cursor is none of this store's.</exception>
    Task<ConsumableJobPage> ListJobsAsync(ConsumableJobListing listing, CancellationToken cancellationToken);
}

/// <summary>Asks for a page of the jobs that need a resource.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Status">In this status; null: in any.</param>
/// <param name="Name">Of such names; null: of any.</param>
/// <param name="After">The cursor of the page before; null for the first. Opaque to everyone but the store.</param>
/// <param name="Limit">Jobs at most.</param>
public sealed record ConsumableJobListing(ScopedName Resource, JobStatus? Status, NamePattern? Name, string? After, int Limit);

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs; fewer than asked for, or none, where many others had to be passed over.</param>
/// <param name="Next">Cursor for the next page; null on the last.</param>
public sealed record ConsumableJobPage(IReadOnlyList<JobRecord> Jobs, string? Next);
