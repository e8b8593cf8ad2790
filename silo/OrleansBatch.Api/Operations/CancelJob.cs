using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>CancelJob.</summary>
internal static class CancelJob
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<StopJobRequest, EmptyAnswer>(
        nameof(CancelJob),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<IJobsGrain>().Cancel(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
