using System.Collections.Concurrent;
using System.Reflection;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.Events;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.GrainInterfaces.Tags;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Events;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Model.Tags;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Api.Tests;

/// <summary>One call that came through the door.</summary>
internal sealed record ReceivedCall(string Method, string Key, object Request, Invocation? Invocation, CancellationToken Cancellation);

/// <summary>The grains behind the door: they record what they are asked and answer what a test says.</summary>
internal sealed class FakeGrains(Func<ReceivedCall, Task<object?>> answer)
{
    public ConcurrentQueue<ReceivedCall> Calls { get; } = [];

    public ReceivedCall TheCall => Assert.Single(Calls);

    public IGrainFactory CreateFactory()
    {
        var factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)(object)factory).Grains = this;
        return factory;
    }

    internal async Task<T> AskAsync<T>(ReceivedCall call)
    {
        Calls.Enqueue(call);
        return (T)(await answer(call))!;
    }

#pragma warning disable CA1852 // The proxy derives from it while the test runs.
    /// <summary>An <see cref="IGrainFactory"/> that knows grains with string keys only.</summary>
    public class FactoryProxy : DispatchProxy
    {
        internal FakeGrains Grains { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod is { Name: "GetGrain", IsGenericMethod: true } && args is [string key, ..]
                ? new FakeGrain(key, Grains)
                : throw new NotSupportedException($"The door asked for {targetMethod}.");
    }
#pragma warning restore CA1852

    private sealed class FakeGrain(string key, FakeGrains grains)
        : IJobsGrain, IJobDefinitionsGrain, IComputeEnvironmentsGrain, IJobQueuesGrain, ILogsGrain, ITagsGrain, ISchedulingPoliciesGrain, IConsumableResourcesGrain,
            IEventsGrain, IWebhooksGrain
    {
        public Task<ListEventsResponse> List(ListEventsRequest request, CancellationToken cancellationToken) =>
            Ask<ListEventsResponse>("List", request, cancellationToken);

        public Task<WebhookDetail> Create(WebhookRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<WebhookDetail>(new("Create", key, request, invocation, cancellationToken));

        public Task<WebhookDetail> Update(WebhookRequest request, CancellationToken cancellationToken) =>
            Ask<WebhookDetail>("Update", request, cancellationToken);

        public Task Delete(string name, CancellationToken cancellationToken) => Ask<object?>("Delete", name, cancellationToken);

        public Task<WebhookDetail> Describe(string name, CancellationToken cancellationToken) => Ask<WebhookDetail>("Describe", name, cancellationToken);

        public Task<ListWebhooksResponse> List(CancellationToken cancellationToken) => Ask<ListWebhooksResponse>("List", "", cancellationToken);

        public Task<ListDeadLettersResponse> ListDeadLetters(string name, string? after, CancellationToken cancellationToken) =>
            Ask<ListDeadLettersResponse>("ListDeadLetters", name, cancellationToken);

        public Task<RedriveResponse> Redrive(string name, RedriveRequest request, CancellationToken cancellationToken) =>
            Ask<RedriveResponse>("Redrive", request, cancellationToken);

        public Task<ListTagsForResourceResponse> List(ListTagsForResourceRequest request, CancellationToken cancellationToken) =>
            Ask<ListTagsForResourceResponse>("List", request, cancellationToken);

        public Task Tag(TagResourceRequest request, CancellationToken cancellationToken) => Ask<object?>("Tag", request, cancellationToken);

        public Task Untag(UntagResourceRequest request, CancellationToken cancellationToken) => Ask<object?>("Untag", request, cancellationToken);

        public Task<SubmitJobResponse> Submit(SubmitJobRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<SubmitJobResponse>(new("Submit", key, request, invocation, cancellationToken));

        public Task<DescribeJobsResponse> Describe(DescribeJobsRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeJobsResponse>("Describe", request, cancellationToken);

        public Task<ListJobsResponse> List(ListJobsRequest request, CancellationToken cancellationToken) =>
            Ask<ListJobsResponse>("List", request, cancellationToken);

        public Task Cancel(StopJobRequest request, CancellationToken cancellationToken) => Ask<object?>("Cancel", request, cancellationToken);

        public Task Terminate(StopJobRequest request, CancellationToken cancellationToken) => Ask<object?>("Terminate", request, cancellationToken);

        public Task<GetJobQueueSnapshotResponse> Snapshot(GetJobQueueSnapshotRequest request, CancellationToken cancellationToken) => Ask<GetJobQueueSnapshotResponse>("Snapshot", request, cancellationToken);

        public Task<ListJobsByConsumableResourceResponse> ListJobs(ListJobsByConsumableResourceRequest request, CancellationToken cancellationToken) => Ask<ListJobsByConsumableResourceResponse>("ListJobs", request, cancellationToken);

        public Task<ListHostsResponse> ListHosts(ListHostsRequest request, CancellationToken cancellationToken) => Ask<ListHostsResponse>("ListHosts", request, cancellationToken);

        public Task<HostDetail> InterruptHost(string hostId, CancellationToken cancellationToken) => Ask<HostDetail>("InterruptHost", hostId, cancellationToken);

        public Task<PlacementExplanation> Explain(string jobId, CancellationToken cancellationToken) => Ask<PlacementExplanation>("Explain", jobId, cancellationToken);

        public Task<StopJobsResponse> CancelMany(StopJobsRequest request, CancellationToken cancellationToken) => Ask<StopJobsResponse>("CancelMany", request, cancellationToken);

        public Task<StopJobsResponse> TerminateMany(StopJobsRequest request, CancellationToken cancellationToken) => Ask<StopJobsResponse>("TerminateMany", request, cancellationToken);

        public Task<RegisterJobDefinitionResponse> Register(RegisterJobDefinitionRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<RegisterJobDefinitionResponse>(new("Register", key, request, invocation, cancellationToken));

        public Task Deregister(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken) =>
            Ask<object?>("Deregister", request, cancellationToken);

        public Task<DescribeJobDefinitionsResponse> Describe(DescribeJobDefinitionsRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeJobDefinitionsResponse>("Describe", request, cancellationToken);

        public Task<ComputeEnvironmentResponse> Create(CreateComputeEnvironmentRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<ComputeEnvironmentResponse>(new("Create", key, request, invocation, cancellationToken));

        public Task<ComputeEnvironmentResponse> Update(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken) =>
            Ask<ComputeEnvironmentResponse>("Update", request, cancellationToken);

        public Task Delete(DeleteComputeEnvironmentRequest request, CancellationToken cancellationToken) =>
            Ask<object?>("Delete", request, cancellationToken);

        public Task<DescribeComputeEnvironmentsResponse> Describe(DescribeComputeEnvironmentsRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeComputeEnvironmentsResponse>("Describe", request, cancellationToken);

        public Task<JobQueueResponse> Create(CreateJobQueueRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<JobQueueResponse>(new("Create", key, request, invocation, cancellationToken));

        public Task<JobQueueResponse> Update(UpdateJobQueueRequest request, CancellationToken cancellationToken) =>
            Ask<JobQueueResponse>("Update", request, cancellationToken);

        public Task Delete(DeleteJobQueueRequest request, CancellationToken cancellationToken) => Ask<object?>("Delete", request, cancellationToken);

        public Task<DescribeJobQueuesResponse> Describe(DescribeJobQueuesRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeJobQueuesResponse>("Describe", request, cancellationToken);

        public Task<CreateSchedulingPolicyResponse> Create(CreateSchedulingPolicyRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<CreateSchedulingPolicyResponse>(new("Create", key, request, invocation, cancellationToken));

        public Task Update(UpdateSchedulingPolicyRequest request, CancellationToken cancellationToken) => Ask<object?>("Update", request, cancellationToken);

        public Task Delete(DeleteSchedulingPolicyRequest request, CancellationToken cancellationToken) => Ask<object?>("Delete", request, cancellationToken);

        public Task<DescribeSchedulingPoliciesResponse> Describe(DescribeSchedulingPoliciesRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeSchedulingPoliciesResponse>("Describe", request, cancellationToken);

        public Task<ListSchedulingPoliciesResponse> List(ListSchedulingPoliciesRequest request, CancellationToken cancellationToken) =>
            Ask<ListSchedulingPoliciesResponse>("List", request, cancellationToken);

        public Task<CreateConsumableResourceResponse> Create(CreateConsumableResourceRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
            grains.AskAsync<CreateConsumableResourceResponse>(new("Create", key, request, invocation, cancellationToken));

        public Task<UpdateConsumableResourceResponse> Update(UpdateConsumableResourceRequest request, CancellationToken cancellationToken) =>
            Ask<UpdateConsumableResourceResponse>("Update", request, cancellationToken);

        public Task Delete(DeleteConsumableResourceRequest request, CancellationToken cancellationToken) => Ask<object?>("Delete", request, cancellationToken);

        public Task<DescribeConsumableResourceResponse> Describe(DescribeConsumableResourceRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeConsumableResourceResponse>("Describe", request, cancellationToken);

        public Task<ListConsumableResourcesResponse> List(ListConsumableResourcesRequest request, CancellationToken cancellationToken) =>
            Ask<ListConsumableResourcesResponse>("List", request, cancellationToken);

        public Task<GetLogEventsResponse> GetEvents(GetLogEventsRequest request, CancellationToken cancellationToken) =>
            Ask<GetLogEventsResponse>("GetEvents", request, cancellationToken);

        public Task<FilterLogEventsResponse> FilterEvents(FilterLogEventsRequest request, CancellationToken cancellationToken) =>
            Ask<FilterLogEventsResponse>("FilterEvents", request, cancellationToken);

        public Task<DescribeLogStreamsResponse> DescribeStreams(DescribeLogStreamsRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeLogStreamsResponse>("DescribeStreams", request, cancellationToken);

        public Task<DescribeLogGroupsResponse> DescribeGroups(DescribeLogGroupsRequest request, CancellationToken cancellationToken) =>
            Ask<DescribeLogGroupsResponse>("DescribeGroups", request, cancellationToken);

        public Task<JobEnvironmentNames> SetJobEnvironment(SetJobEnvironmentRequest request, CancellationToken cancellationToken) =>
            Ask<JobEnvironmentNames>("SetJobEnvironment", request, cancellationToken);

        public Task<JobEnvironmentNames> JobEnvironment(string name, CancellationToken cancellationToken) =>
            Ask<JobEnvironmentNames>("JobEnvironment", name, cancellationToken);

        private Task<T> Ask<T>(string method, object request, CancellationToken cancellationToken) =>
            grains.AskAsync<T>(new(method, key, request, null, cancellationToken));
    }
}
