using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Api.Operations;

/// <summary>DeleteComputeEnvironment.</summary>
internal static class DeleteComputeEnvironment
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DeleteComputeEnvironmentRequest, EmptyAnswer>(
        nameof(DeleteComputeEnvironment),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<IComputeEnvironmentsGrain>().Delete(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
