using OrleansBatch.GrainInterfaces.Catalogues;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Catalogues;

/// <summary>The kinds of configuration that have a catalogue.</summary>
internal static class Catalogue
{
    public static ICatalogueGrain ComputeEnvironments(IGrainFactory grains, Scope scope) => Of(grains, scope, "compute-environments");

    public static ICatalogueGrain JobQueues(IGrainFactory grains, Scope scope) => Of(grains, scope, "job-queues");

    private static ICatalogueGrain Of(IGrainFactory grains, Scope scope, string kind) =>
        grains.GetGrain<ICatalogueGrain>(new ScopedName(scope, kind).Key);
}
