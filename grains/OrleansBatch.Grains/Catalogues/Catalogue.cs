using OrleansBatch.Core.Listings;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Catalogues;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Catalogues;

/// <summary>The kinds of configuration that have a catalogue.</summary>
internal static class Catalogue
{
    public static ICatalogueGrain ComputeEnvironments(IGrainFactory grains, Scope scope) => Of(grains, scope, "compute-environments");

    public static ICatalogueGrain JobQueues(IGrainFactory grains, Scope scope) => Of(grains, scope, "job-queues");

    public static ICatalogueGrain SchedulingPolicies(IGrainFactory grains, Scope scope) => Of(grains, scope, "scheduling-policies");

    public static ICatalogueGrain ConsumableResources(IGrainFactory grains, Scope scope) => Of(grains, scope, "consumable-resources");

    /// <summary>The names of a page: those asked for, or the catalogue's after the page before.</summary>
    public static async Task<NamePage> PageAsync(this ICatalogueGrain catalogue, NameListing listing, CancellationToken cancellationToken) =>
        listing.Page(listing.Names is null ? await catalogue.List(listing.After, listing.PageSize + 1, cancellationToken) : []);

    private static ICatalogueGrain Of(IGrainFactory grains, Scope scope, string kind) =>
        grains.Refer<ICatalogueGrain>(new ScopedName(scope, kind).Key);
}
