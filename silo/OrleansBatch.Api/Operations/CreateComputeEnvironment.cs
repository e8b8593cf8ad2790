using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Api.Operations;

/// <summary>CreateComputeEnvironment.</summary>
internal static class CreateComputeEnvironment
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<CreateComputeEnvironmentRequest, ComputeEnvironmentResponse>(
        nameof(CreateComputeEnvironment),
        BatchJson.Default.ComputeEnvironmentResponse,
        static call => call.Grain<IComputeEnvironmentsGrain>().Create(call.Request, call.Invocation, CancellationToken.None))
    {
        IsIdentified = true,
    };
}
