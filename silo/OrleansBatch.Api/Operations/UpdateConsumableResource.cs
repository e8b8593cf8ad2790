using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Api.Operations;

/// <summary>UpdateConsumableResource.</summary>
internal static class UpdateConsumableResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<UpdateConsumableResourceRequest, UpdateConsumableResourceResponse>(
        nameof(UpdateConsumableResource),
        BatchJson.Default.UpdateConsumableResourceResponse,
        static call => call.Grain<IConsumableResourcesGrain>().Update(call.Request, CancellationToken.None));
}
