using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.GrainInterfaces.Jobs;

/// <summary>The jobs of one scope, as every door asks for them. Key: <c>account/region</c>. Keeps no state: many may serve one scope.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IJobsGrain")]
public interface IJobsGrain : IGrainWithStringKey
{
    /// <summary>Accepts a job; when this returns it is durable. The same invocation again gets the first answer.</summary>
    [Alias("Submit")]
    Task<SubmitJobResponse> Submit(SubmitJobRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Describes those of the jobs that exist, in the order asked.</summary>
    [Alias("Describe")]
    Task<DescribeJobsResponse> Describe(DescribeJobsRequest request, CancellationToken cancellationToken);

    /// <summary>Lists a page of a queue's jobs, or of an array's children.</summary>
    [Alias("List")]
    Task<ListJobsResponse> List(ListJobsRequest request, CancellationToken cancellationToken);

    /// <summary>Ends a job that has not started, and lets one that has finish without another attempt. Safe to repeat.</summary>
    [Alias("Cancel")]
    Task Cancel(StopJobRequest request, CancellationToken cancellationToken);

    /// <summary>Ends a job for good. Safe to repeat.</summary>
    [Alias("Terminate")]
    Task Terminate(StopJobRequest request, CancellationToken cancellationToken);

    /// <summary>As <see cref="Cancel"/> for many jobs, each for itself. Safe to repeat.</summary>
    [Alias("CancelMany")]
    Task<StopJobsResponse> CancelMany(StopJobsRequest request, CancellationToken cancellationToken);

    /// <summary>As <see cref="Terminate"/> for many jobs, each for itself. Safe to repeat.</summary>
    [Alias("TerminateMany")]
    Task<StopJobsResponse> TerminateMany(StopJobsRequest request, CancellationToken cancellationToken);

    /// <summary>Why a job is where it is, or why it waits and what would help.</summary>
    [Alias("Explain")]
    Task<PlacementExplanation> Explain(string jobId, CancellationToken cancellationToken);
}
