using System.Diagnostics;
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
        static call => JobTraces.IsOn ? TraceAsync(call) : SubmitAsync(call))
    {
        MaxBytes = RequestLimits.SubmitJob,
        IsIdentified = true,
    };

    private static Task<SubmitJobResponse> SubmitAsync(Call<SubmitJobRequest> call) =>
        call.Grain<IJobsGrain>().Submit(call.Request, call.Invocation, CancellationToken.None);

    /// <summary>The request's own trace gets a link to that of the job that it made, the job's trace a span for the request.</summary>
    private static async Task<SubmitJobResponse> TraceAsync(Call<SubmitJobRequest> call)
    {
        var request = Activity.Current;
        var answer = await SubmitAsync(call);
        if (request is not null && JobTraces.ContextOf(answer.JobId) is { } trace)
        {
            _ = request.AddLink(new(trace));
            JobTraces.Tell("api.submit", answer.JobId, new(request.StartTimeUtc), to: null, KeyValuePair.Create("orleansbatch.request.trace_id", (object?)request.TraceId.ToHexString()));
        }

        return answer;
    }
}
