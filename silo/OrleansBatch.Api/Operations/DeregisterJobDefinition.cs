using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Api.Operations;

/// <summary>DeregisterJobDefinition.</summary>
internal static class DeregisterJobDefinition
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DeregisterJobDefinitionRequest, EmptyAnswer>(
        nameof(DeregisterJobDefinition),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<IJobDefinitionsGrain>().Deregister(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
