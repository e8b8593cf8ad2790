using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Grains.Stores;

/// <summary>The rows of all job definition revisions.</summary>
public interface IJobDefinitionStore
{
    /// <summary>Inserts a revision, and in the same step the answer to the call that registers it.</summary>
    /// <returns>Whether it was done: not when that revision exists, nor when the call was answered before.</returns>
    Task<DefinitionInserted> InsertAsync(Scope scope, JobDefinition definition, InvocationRecord? invocation, CancellationToken cancellationToken);

    /// <summary>Replaces a revision's tags. Safe to repeat; false when there is none.</summary>
    Task<bool> SetTagsAsync(Scope scope, string name, int revision, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

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

/// <summary>What became of an insert.</summary>
/// <param name="IsDone">Whether the revision is new.</param>
/// <param name="RecordedAnswer">The call was answered before, like this.</param>
public sealed record DefinitionInserted(bool IsDone, string? RecordedAnswer = null);
