using System.Collections.Immutable;

namespace OrleansBatch.GrainInterfaces.Catalogues;

/// <summary>Which names of one kind exist in a scope: no storage provider can list them. Key: <c>account/region/kind</c>.</summary>
/// <remarks>A name is written here before its grain is: one that is here and has no grain is a creation that did not happen.</remarks>
[Alias("OrleansBatch.ICatalogueGrain")]
public interface ICatalogueGrain : IGrainWithStringKey
{
    /// <summary>Notes a name. Safe to repeat.</summary>
    [Alias("Add")]
    Task Add(string name, CancellationToken cancellationToken);

    /// <summary>Forgets a name. Safe to repeat.</summary>
    [Alias("Remove")]
    Task Remove(string name, CancellationToken cancellationToken);

    /// <summary>Names in ordinal order after the given one.</summary>
    [Alias("List")]
    Task<ImmutableArray<string>> List(string? after, int limit, CancellationToken cancellationToken);
}
