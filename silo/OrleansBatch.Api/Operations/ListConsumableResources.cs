using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Api.Operations;

/// <summary>ListConsumableResources.</summary>
internal static class ListConsumableResources
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<ListConsumableResourcesRequest, ListConsumableResourcesResponse>(
        nameof(ListConsumableResources),
        BatchJson.Default.ListConsumableResourcesResponse,
        static call => call.Grain<IConsumableResourcesGrain>().List(call.Request, call.Aborted));
}
