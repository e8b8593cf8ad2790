using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Api.Operations;

/// <summary>DeleteConsumableResource.</summary>
internal static class DeleteConsumableResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DeleteConsumableResourceRequest, EmptyAnswer>(
        nameof(DeleteConsumableResource),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<IConsumableResourcesGrain>().Delete(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
