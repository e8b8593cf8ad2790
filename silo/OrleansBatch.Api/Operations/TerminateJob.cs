using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>TerminateJob.</summary>
internal static class TerminateJob
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<StopJobRequest, EmptyAnswer>(
        nameof(TerminateJob),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<IJobsGrain>().Terminate(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
