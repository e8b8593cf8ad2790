using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeComputeEnvironments.</summary>
internal static class DescribeComputeEnvironments
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeComputeEnvironmentsRequest, DescribeComputeEnvironmentsResponse>(
        nameof(DescribeComputeEnvironments),
        BatchJson.Default.DescribeComputeEnvironmentsResponse,
        static call => call.Grain<IComputeEnvironmentsGrain>().Describe(call.Request, call.Aborted));
}
