using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Api.Tests.BadInput;

/// <summary>Every operation with a body, each with a request that is accepted.</summary>
internal static class AllOperations
{
    private const string Needs = """[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"64"}]""";

    private const string Resources =
        """{"type":"EC2","minvCpus":0,"maxvCpus":0,"instanceTypes":["optimal"],"instanceRole":"r","subnets":["s"],"securityGroupIds":["g"]}""";

    private const string Policy = "arn:aws:batch:us-east-1:123456789012:scheduling-policy/valid";

    public static IReadOnlyList<AnOperation> List { get; } =
    [
        Batch<CreateComputeEnvironmentRequest>("CreateComputeEnvironment", $$$"""{"computeEnvironmentName":"{new}","type":"MANAGED","computeResources":{{{Resources}}}}"""),
        Batch<UpdateComputeEnvironmentRequest>("UpdateComputeEnvironment", """{"computeEnvironment":"changing","computeResources":{"maxvCpus":0},"serviceRole":"r"}"""),
        Batch<DeleteComputeEnvironmentRequest>("DeleteComputeEnvironment", """{"computeEnvironment":"none"}"""),
        Batch<DescribeComputeEnvironmentsRequest>("DescribeComputeEnvironments", """{"computeEnvironments":["valid","none"],"maxResults":1}"""),
        Batch<CreateJobQueueRequest>("CreateJobQueue", """{"jobQueueName":"{new}","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"valid"}],"jobStateTimeLimitActions":[{"reason":"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT","state":"RUNNABLE","maxTimeSeconds":600,"action":"CANCEL"}],"schedulingPolicyArn":"valid","tags":{"a":"b"}}"""),
        Batch<UpdateJobQueueRequest>("UpdateJobQueue", """{"jobQueue":"fair","schedulingPolicyArn":"valid","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"changing"}]}"""),
        Batch<DeleteJobQueueRequest>("DeleteJobQueue", """{"jobQueue":"none"}"""),
        Batch<DescribeJobQueuesRequest>("DescribeJobQueues", """{"jobQueues":["valid","none"],"maxResults":1}"""),
        Batch<RegisterJobDefinitionRequest>("RegisterJobDefinition", $$$"""{"jobDefinitionName":"{new}","type":"container","parameters":{"a":"b"},"containerProperties":{"image":"i","command":["c"],"resourceRequirements":{{{Needs}}}},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"valid","quantity":1}]}}"""),
        Batch<RegisterJobDefinitionRequest>("RegisterJobDefinition", """{"jobDefinitionName":"{new}","type":"multinode","nodeProperties":{"numNodes":3,"mainNode":1,"nodeRangeProperties":[{"targetNodes":"0:1","container":{"image":"i","command":["c"],"instanceType":"c5.large","resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"64"}]},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"valid","quantity":1}]}},{"targetNodes":"2:","ecsProperties":{"taskProperties":[{"containers":[{"name":"a","image":"i","command":["c"],"resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"64"}]}]}]},"instanceTypes":["c5.large"]}]}}""")
            with { Variant = " of nodes" },
        Batch<DeregisterJobDefinitionRequest>("DeregisterJobDefinition", """{"jobDefinition":"other:1"}""") with { IsRefused = true },
        Batch<CreateSchedulingPolicyRequest>("CreateSchedulingPolicy", """{"name":"{new}","fairsharePolicy":{"shareDecaySeconds":1,"computeReservation":1,"shareDistribution":[{"shareIdentifier":"a*","weightFactor":0.1}]},"tags":{"a":"b"}}"""),
        Batch<UpdateSchedulingPolicyRequest>("UpdateSchedulingPolicy", $$$"""{"arn":"{{{Policy}}}","fairsharePolicy":{"shareDistribution":[{"shareIdentifier":"a","weightFactor":1}]}}"""),
        Batch<DeleteSchedulingPolicyRequest>("DeleteSchedulingPolicy", """{"arn":"none"}"""),
        Batch<DescribeSchedulingPoliciesRequest>("DescribeSchedulingPolicies", $$"""{"arns":["{{Policy}}","none"]}"""),
        Batch<ListSchedulingPoliciesRequest>("ListSchedulingPolicies", """{"maxResults":1}"""),
        Batch<CreateConsumableResourceRequest>("CreateConsumableResource", """{"consumableResourceName":"{new}","totalQuantity":1,"resourceType":"REPLENISHABLE","tags":{"a":"b"}}"""),
        Batch<UpdateConsumableResourceRequest>("UpdateConsumableResource", """{"consumableResource":"valid","operation":"SET","quantity":1}"""),
        Batch<DeleteConsumableResourceRequest>("DeleteConsumableResource", """{"consumableResource":"none"}""") with { IsRefused = true },
        Batch<DescribeConsumableResourceRequest>("DescribeConsumableResource", """{"consumableResource":"valid"}"""),
        Batch<ListConsumableResourcesRequest>("ListConsumableResources", """{"filters":[{"name":"CONSUMABLE_RESOURCE_NAME","values":["v*"]}],"maxResults":1}"""),
        Batch<DescribeJobDefinitionsRequest>("DescribeJobDefinitions", """{"jobDefinitionName":"valid","maxResults":1}"""),
        Batch<SubmitJobRequest>("SubmitJob", """{"jobName":"n","jobQueue":"valid","jobDefinition":"valid","containerOverrides":{"environment":[{"name":"N","value":"V"}]},"retryStrategy":{"attempts":1}}"""),
        Batch<SubmitJobRequest>("SubmitJob", """{"jobName":"n","jobQueue":"fair","jobDefinition":"valid","shareIdentifier":"a","schedulingPriorityOverride":1}""") with { Variant = " to shares" },
        Batch<SubmitJobRequest>("SubmitJob", """{"jobName":"n","jobQueue":"valid","jobDefinition":"valid","arrayProperties":{"size":2},"dependsOn":[{"jobId":"{array}","type":"N_TO_N"},{"type":"SEQUENTIAL"},{"jobId":"{job}"}]}""")
            with { Variant = " of an array" },
        Batch<SubmitJobRequest>("SubmitJob", """{"jobName":"n","jobQueue":"valid","jobDefinition":"valid","consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"valid","quantity":1}]}}""") with { Variant = " with resources" },
        Batch<SubmitJobRequest>("SubmitJob", """{"jobName":"n","jobQueue":"valid","jobDefinition":"nodes","nodeOverrides":{"numNodes":3,"nodePropertyOverrides":[{"targetNodes":"1:","containerOverrides":{"command":["c"],"instanceType":"c5.large","environment":[{"name":"N","value":"V"}]},"consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"valid","quantity":1}]}}]}}""")
            with { Variant = " of nodes" },
        Batch<GetJobQueueSnapshotRequest>("GetJobQueueSnapshot", """{"jobQueue":"valid"}"""),
        Batch<ListJobsByConsumableResourceRequest>("ListJobsByConsumableResource", """{"consumableResource":"valid","filters":[{"name":"JOB_NAME","values":["n*"]}],"maxResults":1}"""),
        Batch<DescribeJobsRequest>("DescribeJobs", """{"jobs":["{job}"]}"""),
        Batch<ListJobsRequest>("ListJobs", """{"jobQueue":"valid","jobStatus":"RUNNABLE","maxResults":1}"""),
        Batch<ListJobsRequest>("ListJobs", """{"arrayJobId":"{array}","jobStatus":"RUNNABLE","maxResults":1}""") with { Variant = " of an array" },
        Batch<StopJobRequest>("CancelJob", """{"jobId":"0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11","reason":"r"}"""),
        Batch<StopJobRequest>("TerminateJob", """{"jobId":"0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11","reason":"r"}"""),
        Batch<StopJobsRequest>("CancelJobs", """{"jobs":["0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11","0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11:3"],"reason":"r"}"""),
        Batch<StopJobsRequest>("TerminateJobs", """{"jobs":["0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11","0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11:3"],"reason":"r"}"""),
        new("TagResource", "/v1/tags/arn%3Aaws%3Abatch%3Aus-east-1%3A123456789012%3Ajob%2F{job}", """{"tags":{"a":"b"}}""", typeof(TagResourceRequest)),
        Logs<GetLogEventsRequest>("GetLogEvents", """{"logGroupName":"/aws/batch/job","logStreamName":"s","limit":1}""") with { IsRefused = true },
        Logs<FilterLogEventsRequest>("FilterLogEvents", """{"logGroupName":"/aws/batch/job","filterPattern":"a","startTime":1,"limit":1}"""),
        Logs<DescribeLogStreamsRequest>("DescribeLogStreams", """{"logGroupName":"/aws/batch/job","limit":1}"""),
        Put("PutJobQueueJobEnvironment", "/api/job-queues/valid/job-environment"),
        Put("PutComputeEnvironmentJobEnvironment", "/api/compute-environments/valid/job-environment"),
        Logs<DescribeLogGroupsRequest>("DescribeLogGroups", """{"logGroupNamePrefix":"/aws","limit":1}"""),
    ];

    private static AnOperation Batch<T>(string name, string valid) => new(name, Operation.PathOf(name), valid, typeof(T));

    private static AnOperation Put(string name, string path) =>
        new(name, path, """{"variables":{"A":"1"}}""", typeof(SetJobEnvironmentRequest)) { Method = HttpMethod.Put };

    private static AnOperation Logs<T>(string name, string valid) => new(name, "/", valid, typeof(T), ("X-Amz-Target", "Logs_20140328." + name));
}
