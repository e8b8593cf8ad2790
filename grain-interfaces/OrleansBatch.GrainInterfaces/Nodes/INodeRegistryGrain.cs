using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.GrainInterfaces.Nodes;

/// <summary>Brings together nodes and the compute environments that place on them. One for all; its key is <see cref="Key"/>.</summary>
/// <remarks>It keeps nothing: what it forgets with its silo it hears again, each minute at the latest.</remarks>
[Alias("OrleansBatch.INodeRegistryGrain")]
public interface INodeRegistryGrain : IGrainWithStringKey
{
    /// <summary>Its key.</summary>
    const string Key = "nodes";

    /// <summary>An environment wants to know of all nodes: those that there are now, and each change of them from then on. To be asked anew each minute.</summary>
    [Alias("Watch")]
    Task<ImmutableArray<NodeReading>> Watch(string environmentKey, CancellationToken cancellationToken);

    /// <summary>A node is as this says.</summary>
    [Alias("Announce")]
    Task Announce(NodeReading node, CancellationToken cancellationToken);
}
