using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Api.Operations;

/// <summary>CreateConsumableResource.</summary>
internal static class CreateConsumableResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<CreateConsumableResourceRequest, CreateConsumableResourceResponse>(
        nameof(CreateConsumableResource),
        BatchJson.Default.CreateConsumableResourceResponse,
        static call => call.Grain<IConsumableResourcesGrain>().Create(call.Request, call.Invocation, CancellationToken.None))
    {
        IsIdentified = true,
    };
}
