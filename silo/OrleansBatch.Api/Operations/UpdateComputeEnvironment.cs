using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Api.Operations;

/// <summary>UpdateComputeEnvironment.</summary>
internal static class UpdateComputeEnvironment
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<UpdateComputeEnvironmentRequest, ComputeEnvironmentResponse>(
        nameof(UpdateComputeEnvironment),
        BatchJson.Default.ComputeEnvironmentResponse,
        static call => call.Grain<IComputeEnvironmentsGrain>().Update(call.Request, CancellationToken.None));
}
