using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Events;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Client.Transports;

/// <summary>The scheduler as a client sees it: one method for each operation of AWS Batch and a few of our own, whatever carries the call.</summary>
/// <remarks>
/// Every method throws <see cref="BatchClientException"/> when the scheduler refuses, <see cref="UnreachableException"/> when it cannot be
/// reached and <see cref="ServiceFailureException"/> when it fails on its side.
/// </remarks>
public interface IBatchClient : IAsyncDisposable
{
    /// <summary>SubmitJob. One call makes one job, however often it is sent.</summary>
    Task<SubmitJobResponse> SubmitJobAsync(SubmitJobRequest request, CancellationToken cancellationToken);

    /// <summary>DescribeJobs.</summary>
    Task<DescribeJobsResponse> DescribeJobsAsync(DescribeJobsRequest request, CancellationToken cancellationToken);

    /// <summary>ListJobs.</summary>
    Task<ListJobsResponse> ListJobsAsync(ListJobsRequest request, CancellationToken cancellationToken);

    /// <summary>CancelJob.</summary>
    Task CancelJobAsync(StopJobRequest request, CancellationToken cancellationToken);

    /// <summary>TerminateJob.</summary>
    Task TerminateJobAsync(StopJobRequest request, CancellationToken cancellationToken);

    /// <summary>CancelJobs. What is wrong with one of the jobs stands in the answer.</summary>
    Task<StopJobsResponse> CancelJobsAsync(StopJobsRequest request, CancellationToken cancellationToken);

    /// <summary>TerminateJobs. What is wrong with one of the jobs stands in the answer.</summary>
    Task<StopJobsResponse> TerminateJobsAsync(StopJobsRequest request, CancellationToken cancellationToken);

    /// <summary>CreateJobQueue.</summary>
    Task<JobQueueResponse> CreateJobQueueAsync(CreateJobQueueRequest request, CancellationToken cancellationToken);

    /// <summary>UpdateJobQueue.</summary>
    Task<JobQueueResponse> UpdateJobQueueAsync(UpdateJobQueueRequest request, CancellationToken cancellationToken);

    /// <summary>DeleteJobQueue.</summary>
    Task DeleteJobQueueAsync(DeleteJobQueueRequest request, CancellationToken cancellationToken);

    /// <summary>DescribeJobQueues.</summary>
    Task<DescribeJobQueuesResponse> DescribeJobQueuesAsync(DescribeJobQueuesRequest request, CancellationToken cancellationToken);

    /// <summary>CreateComputeEnvironment.</summary>
    Task<ComputeEnvironmentResponse> CreateComputeEnvironmentAsync(CreateComputeEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>UpdateComputeEnvironment.</summary>
    Task<ComputeEnvironmentResponse> UpdateComputeEnvironmentAsync(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>DeleteComputeEnvironment.</summary>
    Task DeleteComputeEnvironmentAsync(DeleteComputeEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>DescribeComputeEnvironments.</summary>
    Task<DescribeComputeEnvironmentsResponse> DescribeComputeEnvironmentsAsync(
        DescribeComputeEnvironmentsRequest request,
        CancellationToken cancellationToken);

    /// <summary>RegisterJobDefinition.</summary>
    Task<RegisterJobDefinitionResponse> RegisterJobDefinitionAsync(RegisterJobDefinitionRequest request, CancellationToken cancellationToken);

    /// <summary>DeregisterJobDefinition.</summary>
    Task DeregisterJobDefinitionAsync(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken);

    /// <summary>DescribeJobDefinitions.</summary>
    Task<DescribeJobDefinitionsResponse> DescribeJobDefinitionsAsync(
        DescribeJobDefinitionsRequest request,
        CancellationToken cancellationToken);

    /// <summary>Events, of one job or of all.</summary>
    Task<ListEventsResponse> ListEventsAsync(ListEventsRequest request, CancellationToken cancellationToken);

    /// <summary>All webhooks.</summary>
    Task<ListWebhooksResponse> ListWebhooksAsync(CancellationToken cancellationToken);

    /// <summary>Creates a webhook. One call makes one webhook, however often it is sent.</summary>
    Task<WebhookDetail> CreateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>Changes a webhook.</summary>
    Task<WebhookDetail> UpdateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a webhook.</summary>
    Task DeleteWebhookAsync(string name, CancellationToken cancellationToken);

    /// <summary>A page of a webhook's dead letters.</summary>
    Task<ListDeadLettersResponse> ListDeadLettersAsync(string name, string? after, CancellationToken cancellationToken);

    /// <summary>Sends dead letters again.</summary>
    Task<RedriveResponse> RedriveAsync(string name, RedriveRequest request, CancellationToken cancellationToken);

    /// <summary>The names of the operator's variables for the jobs of a queue.</summary>
    Task<JobEnvironmentNames> GetJobQueueVariablesAsync(string jobQueue, CancellationToken cancellationToken);

    /// <summary>Replaces the operator's variables for the jobs of a queue.</summary>
    Task<JobEnvironmentNames> SetJobQueueVariablesAsync(SetJobEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>The names of the operator's variables for the jobs of a compute environment.</summary>
    Task<JobEnvironmentNames> GetComputeEnvironmentVariablesAsync(string computeEnvironment, CancellationToken cancellationToken);

    /// <summary>Replaces the operator's variables for the jobs of a compute environment.</summary>
    Task<JobEnvironmentNames> SetComputeEnvironmentVariablesAsync(SetJobEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>The hosts of a compute environment.</summary>
    Task<ListHostsResponse> ListHostsAsync(ListHostsRequest request, CancellationToken cancellationToken);

    /// <summary>Takes a Spot host back.</summary>
    Task<HostDetail> InterruptHostAsync(string hostId, CancellationToken cancellationToken);

    /// <summary>Why a job is where it is, or why it waits and what would help.</summary>
    Task<PlacementExplanation> ExplainPlacementAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>GetLogEvents of CloudWatch Logs.</summary>
    Task<GetLogEventsResponse> GetLogEventsAsync(GetLogEventsRequest request, CancellationToken cancellationToken);
}
