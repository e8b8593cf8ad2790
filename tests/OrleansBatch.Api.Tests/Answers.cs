using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
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
        ListTagsForResourceRequest => new ListTagsForResourceResponse { Tags = new Dictionary<string, string> { ["team"] = "a/b" } },
        FilterLogEventsRequest => new FilterLogEventsResponse { Events = [] },
        DescribeLogStreamsRequest => new DescribeLogStreamsResponse { LogStreams = [] },
        DescribeLogGroupsRequest => new DescribeLogGroupsResponse { LogGroups = [] },
        GetLogEventsRequest => new GetLogEventsResponse { Events = [], NextForwardToken = "f/0/s", NextBackwardToken = "b/0/s" },
        _ => null,
    };
}
