using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeConsumableResource.</summary>
internal static class DescribeConsumableResource
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeConsumableResourceRequest, DescribeConsumableResourceResponse>(
        nameof(DescribeConsumableResource),
        BatchJson.Default.DescribeConsumableResourceResponse,
        static call => call.Grain<IConsumableResourcesGrain>().Describe(call.Request, call.Aborted));
}
