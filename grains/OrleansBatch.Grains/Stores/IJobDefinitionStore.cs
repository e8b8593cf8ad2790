using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Grains.Stores;

/// <summary>The rows of all job definition revisions.</summary>
public interface IJobDefinitionStore
{
    /// <summary>Inserts a revision. False when that revision exists: nothing was done.</summary>
    Task<bool> InsertAsync(Scope scope, JobDefinition definition, CancellationToken cancellationToken);

    /// <summary>One revision; null when there is none.</summary>
    Task<JobDefinition?> ReadAsync(Scope scope, string name, int revision, CancellationToken cancellationToken);

    /// <summary>The highest revision ever given for the name, active or not; 0 when there is none.</summary>
    Task<int> HighestRevisionAsync(Scope scope, string name, CancellationToken cancellationToken);

    /// <summary>The highest active revision of the name; null when there is none.</summary>
    Task<JobDefinition?> ReadHighestActiveAsync(Scope scope, string name, CancellationToken cancellationToken);

    /// <summary>Makes a revision inactive. Safe to repeat; false when there is none.</summary>
    Task<bool> DeactivateAsync(Scope scope, string name, int revision, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>A page by name, then newest revision first, after the given one.</summary>
    Task<IReadOnlyList<JobDefinition>> ListAsync(DefinitionListing listing, CancellationToken cancellationToken);
}

/// <summary>Asks for a page of revisions.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="Name">Only of this name; null: all.</param>
/// <param name="IsActive">Only active or only inactive ones; null: both.</param>
/// <param name="After">Name and revision of the last one on the page before; null for the first.</param>
/// <param name="Limit">Rows at most.</param>
public sealed record DefinitionListing(Scope Scope, string? Name, bool? IsActive, (string Name, int Revision)? After, int Limit);
