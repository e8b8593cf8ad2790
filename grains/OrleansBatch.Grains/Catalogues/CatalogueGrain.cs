using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces.Catalogues;

namespace OrleansBatch.Grains.Catalogues;

/// <summary>The names of one kind in one scope.</summary>
internal sealed class CatalogueGrain(
    [PersistentState("catalogue", StorageNames.Configuration)] IPersistentState<CatalogueGrainState> stored) : Grain, ICatalogueGrain
{
    public Task Add(string name, CancellationToken cancellationToken) => StoreAsync(stored.State.Names.Add(name), cancellationToken);

    public Task Remove(string name, CancellationToken cancellationToken) => StoreAsync(stored.State.Names.Remove(name), cancellationToken);

    public Task<ImmutableArray<string>> List(string? after, int limit, CancellationToken cancellationToken)
    {
        var names = stored.State.Names;
        var first = 0;
        if (after is not null)
        {
            var index = names.IndexOf(after);
            first = index >= 0 ? index + 1 : ~index;
        }

        return Task.FromResult(Enumerable.Range(first, Math.Max(0, Math.Min(limit, names.Count - first))).Select(i => names[i]).ToImmutableArray());
    }

    private async Task StoreAsync(ImmutableSortedSet<string> names, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(names, stored.State.Names))
        {
            return;
        }

        stored.State = new() { Names = names };
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            // Memory is ahead of storage; the next activation reads the truth.
            DeactivateOnIdle();
            throw;
        }
    }
}

/// <summary>What a catalogue keeps.</summary>
[GenerateSerializer, Alias("OrleansBatch.CatalogueGrainState")]
public sealed record CatalogueGrainState
{
    /// <summary>The names, in ordinal order.</summary>
    [Id(0)] public ImmutableSortedSet<string> Names { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
}
