using System.Text.Json.Serialization;
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

namespace OrleansBatch.Model;

/// <summary>Every request and answer as AWS writes it in JSON: lowerCamelCase names, what is null left out. For both ends of the wire.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EmptyAnswer))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(CreateComputeEnvironmentRequest))]
[JsonSerializable(typeof(UpdateComputeEnvironmentRequest))]
[JsonSerializable(typeof(ComputeEnvironmentResponse))]
[JsonSerializable(typeof(DeleteComputeEnvironmentRequest))]
[JsonSerializable(typeof(DescribeComputeEnvironmentsRequest))]
[JsonSerializable(typeof(DescribeComputeEnvironmentsResponse))]
[JsonSerializable(typeof(CreateJobQueueRequest))]
[JsonSerializable(typeof(UpdateJobQueueRequest))]
[JsonSerializable(typeof(JobQueueResponse))]
[JsonSerializable(typeof(DeleteJobQueueRequest))]
[JsonSerializable(typeof(DescribeJobQueuesRequest))]
[JsonSerializable(typeof(DescribeJobQueuesResponse))]
[JsonSerializable(typeof(CreateSchedulingPolicyRequest))]
[JsonSerializable(typeof(CreateSchedulingPolicyResponse))]
[JsonSerializable(typeof(UpdateSchedulingPolicyRequest))]
[JsonSerializable(typeof(DeleteSchedulingPolicyRequest))]
[JsonSerializable(typeof(DescribeSchedulingPoliciesRequest))]
[JsonSerializable(typeof(DescribeSchedulingPoliciesResponse))]
[JsonSerializable(typeof(ListSchedulingPoliciesRequest))]
[JsonSerializable(typeof(ListSchedulingPoliciesResponse))]
[JsonSerializable(typeof(CreateConsumableResourceRequest))]
[JsonSerializable(typeof(CreateConsumableResourceResponse))]
[JsonSerializable(typeof(UpdateConsumableResourceRequest))]
[JsonSerializable(typeof(UpdateConsumableResourceResponse))]
[JsonSerializable(typeof(DeleteConsumableResourceRequest))]
[JsonSerializable(typeof(DescribeConsumableResourceRequest))]
[JsonSerializable(typeof(DescribeConsumableResourceResponse))]
[JsonSerializable(typeof(ListConsumableResourcesRequest))]
[JsonSerializable(typeof(ListConsumableResourcesResponse))]
[JsonSerializable(typeof(ListJobsByConsumableResourceRequest))]
[JsonSerializable(typeof(ListJobsByConsumableResourceResponse))]
[JsonSerializable(typeof(RegisterJobDefinitionRequest))]
[JsonSerializable(typeof(RegisterJobDefinitionResponse))]
[JsonSerializable(typeof(DeregisterJobDefinitionRequest))]
[JsonSerializable(typeof(DescribeJobDefinitionsRequest))]
[JsonSerializable(typeof(DescribeJobDefinitionsResponse))]
[JsonSerializable(typeof(SubmitJobRequest))]
[JsonSerializable(typeof(SubmitJobResponse))]
[JsonSerializable(typeof(DescribeJobsRequest))]
[JsonSerializable(typeof(DescribeJobsResponse))]
[JsonSerializable(typeof(ListJobsRequest))]
[JsonSerializable(typeof(ListJobsResponse))]
[JsonSerializable(typeof(StopJobRequest))]
[JsonSerializable(typeof(GetJobQueueSnapshotRequest))]
[JsonSerializable(typeof(GetJobQueueSnapshotResponse))]
[JsonSerializable(typeof(StopJobsRequest))]
[JsonSerializable(typeof(StopJobsResponse))]
[JsonSerializable(typeof(ListTagsForResourceResponse))]
[JsonSerializable(typeof(TagResourceRequest))]
[JsonSerializable(typeof(FilterLogEventsRequest))]
[JsonSerializable(typeof(FilterLogEventsResponse))]
[JsonSerializable(typeof(DescribeLogStreamsRequest))]
[JsonSerializable(typeof(DescribeLogStreamsResponse))]
[JsonSerializable(typeof(DescribeLogGroupsRequest))]
[JsonSerializable(typeof(DescribeLogGroupsResponse))]
[JsonSerializable(typeof(GetLogEventsRequest))]
[JsonSerializable(typeof(GetLogEventsResponse))]
[JsonSerializable(typeof(SetJobEnvironmentRequest))]
[JsonSerializable(typeof(JobEnvironmentNames))]
[JsonSerializable(typeof(ListHostsResponse))]
[JsonSerializable(typeof(HostDetail))]
[JsonSerializable(typeof(PlacementExplanation))]
[JsonSerializable(typeof(BatchEvent))]
[JsonSerializable(typeof(ListEventsResponse))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(WebhookDetail))]
[JsonSerializable(typeof(ListWebhooksResponse))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(ListDeadLettersResponse))]
[JsonSerializable(typeof(RedriveRequest))]
[JsonSerializable(typeof(RedriveResponse))]
public sealed partial class BatchJson : JsonSerializerContext;
