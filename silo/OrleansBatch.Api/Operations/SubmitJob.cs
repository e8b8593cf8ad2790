using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>SubmitJob.</summary>
internal static class SubmitJob
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<SubmitJobRequest, SubmitJobResponse>(
        nameof(SubmitJob),
        BatchJson.Default.SubmitJobResponse,
        static call => call.Grain<IJobsGrain>().Submit(call.Request, call.Invocation, CancellationToken.None))
    {
        MaxBytes = RequestLimits.SubmitJob,
        IsIdentified = true,
    };
}
