using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Api.Operations;

/// <summary>ListJobsByConsumableResource.</summary>
internal static class ListJobsByConsumableResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<ListJobsByConsumableResourceRequest, ListJobsByConsumableResourceResponse>(
        nameof(ListJobsByConsumableResource),
        BatchJson.Default.ListJobsByConsumableResourceResponse,
        static call => call.Grain<IConsumableResourcesGrain>().ListJobs(call.Request, call.Aborted));
}
