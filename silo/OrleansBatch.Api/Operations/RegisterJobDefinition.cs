using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Api.Operations;

/// <summary>RegisterJobDefinition.</summary>
internal static class RegisterJobDefinition
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<RegisterJobDefinitionRequest, RegisterJobDefinitionResponse>(
        nameof(RegisterJobDefinition),
        BatchJson.Default.RegisterJobDefinitionResponse,
        static call => call.Grain<IJobDefinitionsGrain>().Register(call.Request, call.Invocation, CancellationToken.None))
    {
        MaxBytes = RequestLimits.RegisterJobDefinition,
        IsIdentified = true,
    };
}
