using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeJobDefinitions.</summary>
internal static class DescribeJobDefinitions
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeJobDefinitionsRequest, DescribeJobDefinitionsResponse>(
        nameof(DescribeJobDefinitions),
        BatchJson.Default.DescribeJobDefinitionsResponse,
        static call => call.Grain<IJobDefinitionsGrain>().Describe(call.Request, call.Aborted));
}
