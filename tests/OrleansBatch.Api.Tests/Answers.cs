using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Api.Tests;

/// <summary>An answer for every question.</summary>
internal static class Answers
{
    public static object? ToAnything(ReceivedCall call) => call.Request switch
    {
        SubmitJobRequest => new SubmitJobResponse { JobArn = "arn:aws:batch:us-east-1:123456789012:job/1", JobName = "n", JobId = "1" },
        DescribeJobsRequest => new DescribeJobsResponse { Jobs = [] },
        StopJobsRequest => new StopJobsResponse { Successful = [], Errors = [] },
        ListJobsRequest => new ListJobsResponse { JobSummaryList = [] },
        RegisterJobDefinitionRequest => new RegisterJobDefinitionResponse
        {
            JobDefinitionName = "d",
            JobDefinitionArn = "arn:aws:batch:us-east-1:123456789012:job-definition/d:1",
            Revision = 1,
        },
        DescribeJobDefinitionsRequest => new DescribeJobDefinitionsResponse { JobDefinitions = [] },
        CreateComputeEnvironmentRequest or UpdateComputeEnvironmentRequest => new ComputeEnvironmentResponse
        {
            ComputeEnvironmentName = "c",
            ComputeEnvironmentArn = "arn:aws:batch:us-east-1:123456789012:compute-environment/c",
        },
        DescribeComputeEnvironmentsRequest => new DescribeComputeEnvironmentsResponse { ComputeEnvironments = [] },
        CreateJobQueueRequest or UpdateJobQueueRequest => new JobQueueResponse
        {
            JobQueueName = "q",
            JobQueueArn = "arn:aws:batch:us-east-1:123456789012:job-queue/q",
        },
        DescribeJobQueuesRequest => new DescribeJobQueuesResponse { JobQueues = [] },
        CreateSchedulingPolicyRequest => new CreateSchedulingPolicyResponse { Name = "p", Arn = "arn:aws:batch:us-east-1:123456789012:scheduling-policy/p" },
        DescribeSchedulingPoliciesRequest => new DescribeSchedulingPoliciesResponse { SchedulingPolicies = [] },
        ListSchedulingPoliciesRequest => new ListSchedulingPoliciesResponse { SchedulingPolicies = [new() { Arn = "a" }], NextToken = "t" },
        CreateConsumableResourceRequest => new CreateConsumableResourceResponse { ConsumableResourceName = "r", ConsumableResourceArn = "a" },
        UpdateConsumableResourceRequest => new UpdateConsumableResourceResponse { ConsumableResourceName = "r", ConsumableResourceArn = "a", TotalQuantity = 9_000_000_000 },
        DescribeConsumableResourceRequest => new DescribeConsumableResourceResponse
        {
            ConsumableResourceName = "r",
            ConsumableResourceArn = "a",
            TotalQuantity = 5,
            InUseQuantity = 2,
            AvailableQuantity = 3,
            ResourceType = "REPLENISHABLE",
            CreatedAt = 1641944200058,
            Tags = new Dictionary<string, string>(),
        },
        ListJobsByConsumableResourceRequest => new ListJobsByConsumableResourceResponse { Jobs = [] },
        GetJobQueueSnapshotRequest => new GetJobQueueSnapshotResponse
        {
            FrontOfQueue = new() { Jobs = [new() { JobArn = "a", EarliestTimeAtPosition = 1641944200058 }], LastUpdatedAt = 1641944200059 },
            QueueUtilization = new()
            {
                TotalCapacityUsage = [new() { CapacityUnit = "VCPU", Quantity = 1.5 }],
                FairshareUtilization = new()
                {
                    ActiveShareCount = 1,
                    TopCapacityUtilization = [new() { ShareIdentifier = "A", CapacityUsage = [new() { CapacityUnit = "VCPU", Quantity = 1 }] }],
                },
                LastUpdatedAt = 1641944200059,
            },
        },
        ListConsumableResourcesRequest => new ListConsumableResourcesResponse { ConsumableResources = [] },
        ListTagsForResourceRequest => new ListTagsForResourceResponse { Tags = new Dictionary<string, string> { ["team"] = "a/b" } },
        FilterLogEventsRequest => new FilterLogEventsResponse { Events = [] },
        DescribeLogStreamsRequest => new DescribeLogStreamsResponse { LogStreams = [] },
        DescribeLogGroupsRequest => new DescribeLogGroupsResponse { LogGroups = [] },
        GetLogEventsRequest => new GetLogEventsResponse { Events = [], NextForwardToken = "f/0/s", NextBackwardToken = "b/0/s" },
        _ => null,
    };
}
