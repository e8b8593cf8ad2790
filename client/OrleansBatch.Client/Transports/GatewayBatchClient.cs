using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Events;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Events;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Client.Transports;

/// <summary>Calls the grains themselves, through an Orleans gateway.</summary>
/// <param name="connection">The connection, perhaps still being made. It belongs to whoever began it.</param>
/// <param name="scope">Account and region.</param>
public sealed class GatewayBatchClient(GatewayConnection connection, Scope scope) : IBatchClient
{
    /// <inheritdoc/>
    public Task<SubmitJobResponse> SubmitJobAsync(SubmitJobRequest request, CancellationToken cancellationToken)
    {
        var invocation = NewInvocation();
        return CallAsync<IJobsGrain, SubmitJobResponse>(jobs => jobs.Submit(request, invocation, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DescribeJobsResponse> DescribeJobsAsync(DescribeJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain, DescribeJobsResponse>(jobs => jobs.Describe(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ListJobsResponse> ListJobsAsync(ListJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain, ListJobsResponse>(jobs => jobs.List(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task CancelJobAsync(StopJobRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain>(jobs => jobs.Cancel(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task TerminateJobAsync(StopJobRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain>(jobs => jobs.Terminate(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StopJobsResponse> CancelJobsAsync(StopJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain, StopJobsResponse>(jobs => jobs.CancelMany(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StopJobsResponse> TerminateJobsAsync(StopJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain, StopJobsResponse>(jobs => jobs.TerminateMany(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<JobQueueResponse> CreateJobQueueAsync(CreateJobQueueRequest request, CancellationToken cancellationToken)
    {
        var invocation = NewInvocation();
        return CallAsync<IJobQueuesGrain, JobQueueResponse>(queues => queues.Create(request, invocation, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<JobQueueResponse> UpdateJobQueueAsync(UpdateJobQueueRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobQueuesGrain, JobQueueResponse>(queues => queues.Update(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteJobQueueAsync(DeleteJobQueueRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobQueuesGrain>(queues => queues.Delete(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeJobQueuesResponse> DescribeJobQueuesAsync(DescribeJobQueuesRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobQueuesGrain, DescribeJobQueuesResponse>(queues => queues.Describe(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ComputeEnvironmentResponse> CreateComputeEnvironmentAsync(
        CreateComputeEnvironmentRequest request,
        CancellationToken cancellationToken)
    {
        var invocation = NewInvocation();
        return CallAsync<IComputeEnvironmentsGrain, ComputeEnvironmentResponse>(
            environments => environments.Create(request, invocation, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ComputeEnvironmentResponse> UpdateComputeEnvironmentAsync(
        UpdateComputeEnvironmentRequest request,
        CancellationToken cancellationToken) => CallAsync<IComputeEnvironmentsGrain, ComputeEnvironmentResponse>(
            environments => environments.Update(request, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteComputeEnvironmentAsync(DeleteComputeEnvironmentRequest request, CancellationToken cancellationToken) =>
        CallAsync<IComputeEnvironmentsGrain>(environments => environments.Delete(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeComputeEnvironmentsResponse> DescribeComputeEnvironmentsAsync(
        DescribeComputeEnvironmentsRequest request,
        CancellationToken cancellationToken) => CallAsync<IComputeEnvironmentsGrain, DescribeComputeEnvironmentsResponse>(
            environments => environments.Describe(request, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<RegisterJobDefinitionResponse> RegisterJobDefinitionAsync(
        RegisterJobDefinitionRequest request,
        CancellationToken cancellationToken)
    {
        var invocation = NewInvocation();
        return CallAsync<IJobDefinitionsGrain, RegisterJobDefinitionResponse>(
            definitions => definitions.Register(request, invocation, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeregisterJobDefinitionAsync(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobDefinitionsGrain>(definitions => definitions.Deregister(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeJobDefinitionsResponse> DescribeJobDefinitionsAsync(
        DescribeJobDefinitionsRequest request,
        CancellationToken cancellationToken) => CallAsync<IJobDefinitionsGrain, DescribeJobDefinitionsResponse>(
            definitions => definitions.Describe(request, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<ListEventsResponse> ListEventsAsync(ListEventsRequest request, CancellationToken cancellationToken) =>
        CallAsync<IEventsGrain, ListEventsResponse>(events => events.List(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ListWebhooksResponse> ListWebhooksAsync(CancellationToken cancellationToken) =>
        CallAsync<IWebhooksGrain, ListWebhooksResponse>(webhooks => webhooks.List(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<WebhookDetail> CreateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var invocation = NewInvocation();
        return CallAsync<IWebhooksGrain, WebhookDetail>(webhooks => webhooks.Create(request, invocation, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<WebhookDetail> UpdateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        CallAsync<IWebhooksGrain, WebhookDetail>(webhooks => webhooks.Update(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteWebhookAsync(string name, CancellationToken cancellationToken) =>
        CallAsync<IWebhooksGrain>(webhooks => webhooks.Delete(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ListDeadLettersResponse> ListDeadLettersAsync(string name, string? after, CancellationToken cancellationToken) =>
        CallAsync<IWebhooksGrain, ListDeadLettersResponse>(webhooks => webhooks.ListDeadLetters(name, after, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<RedriveResponse> RedriveAsync(string name, RedriveRequest request, CancellationToken cancellationToken) =>
        CallAsync<IWebhooksGrain, RedriveResponse>(webhooks => webhooks.Redrive(name, request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> GetJobQueueVariablesAsync(string jobQueue, CancellationToken cancellationToken) =>
        CallAsync<IJobQueuesGrain, JobEnvironmentNames>(queues => queues.JobEnvironment(jobQueue, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> SetJobQueueVariablesAsync(SetJobEnvironmentRequest request, CancellationToken cancellationToken) =>
        CallAsync<IJobQueuesGrain, JobEnvironmentNames>(queues => queues.SetJobEnvironment(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> GetComputeEnvironmentVariablesAsync(string computeEnvironment, CancellationToken cancellationToken) =>
        CallAsync<IComputeEnvironmentsGrain, JobEnvironmentNames>(
            environments => environments.JobEnvironment(computeEnvironment, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> SetComputeEnvironmentVariablesAsync(SetJobEnvironmentRequest request, CancellationToken cancellationToken) =>
        CallAsync<IComputeEnvironmentsGrain, JobEnvironmentNames>(
            environments => environments.SetJobEnvironment(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ListHostsResponse> ListHostsAsync(ListHostsRequest request, CancellationToken cancellationToken) =>
        CallAsync<IComputeEnvironmentsGrain, ListHostsResponse>(environments => environments.ListHosts(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<HostDetail> InterruptHostAsync(string hostId, CancellationToken cancellationToken) =>
        CallAsync<IComputeEnvironmentsGrain, HostDetail>(environments => environments.InterruptHost(hostId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<PlacementExplanation> ExplainPlacementAsync(string jobId, CancellationToken cancellationToken) =>
        CallAsync<IJobsGrain, PlacementExplanation>(jobs => jobs.Explain(jobId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<GetLogEventsResponse> GetLogEventsAsync(GetLogEventsRequest request, CancellationToken cancellationToken) =>
        CallAsync<ILogsGrain, GetLogEventsResponse>(logs => logs.GetEvents(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What tells the repetitions of one call from a new one.</summary>
    private Invocation NewInvocation() => new() { Key = $"{scope.Key}//{Guid.NewGuid()}/gateway" };

    private Task<EmptyAnswer> CallAsync<TGrain>(Func<TGrain, Task> call, CancellationToken cancellationToken)
        where TGrain : class, IGrainWithStringKey => CallAsync<TGrain, EmptyAnswer>(
            async grain =>
            {
                await call(grain);
                return EmptyAnswer.Instance;
            },
            cancellationToken);

    private async Task<TAnswer> CallAsync<TGrain, TAnswer>(Func<TGrain, Task<TAnswer>> call, CancellationToken cancellationToken)
        where TGrain : class, IGrainWithStringKey
    {
        var grains = await connection.ConnectedAsync(cancellationToken);
        var grain = grains.Refer<TGrain>(scope.Key);
        try
        {
            return await Retries.RunAsync(() => call(grain), IsPassing, cancellationToken);
        }
        catch (Exception failure) when (IsPassing(failure))
        {
            throw new UnreachableException($"The scheduler at gateway {connection.Address}", failure.Message, failure);
        }
        catch (Exception failure) when (failure is not (BatchClientException or OperationCanceledException))
        {
            throw new ServiceFailureException("The request failed on the scheduler's side and can be sent again.", failure);
        }
    }

    /// <summary>Whether the connection broke, rather than the call.</summary>
    private static bool IsPassing(Exception failure) =>
        failure is SiloUnavailableException or OrleansMessageRejectionException or Orleans.Runtime.Messaging.ConnectionFailedException or TimeoutException;
}
