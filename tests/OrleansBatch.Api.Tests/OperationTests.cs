using System.Text.Json;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Api.Tests;

public sealed class OperationTests
{
    private const string Container =
        """{"image":"i","vcpus":1,"memory":2,"command":["a","ü"],"jobRoleArn":"r","executionRoleArn":"e","volumes":[{"host":{"sourcePath":"/h"},"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs-1","rootDirectory":"/","transitEncryption":"ENABLED","transitEncryptionPort":3,"authorizationConfig":{"accessPointId":"p","iam":"ENABLED"}},"s3filesVolumeConfiguration":{"fileSystemArn":"f","rootDirectory":"/","transitEncryptionPort":4,"accessPointArn":"a"}}],"environment":[{"name":"N","value":"V"}],"mountPoints":[{"containerPath":"/c","readOnly":true,"sourceVolume":"v"}],"readonlyRootFilesystem":true,"privileged":false,"ulimits":[{"hardLimit":2,"name":"nofile","softLimit":1}],"user":"u","instanceType":"t","resourceRequirements":[{"value":"1","type":"VCPU"}],"linuxParameters":{"devices":[{"hostPath":"/d","containerPath":"/e","permissions":["READ"]}],"initProcessEnabled":true,"sharedMemorySize":5,"tmpfs":[{"containerPath":"/t","size":6,"mountOptions":["rw"]}],"maxSwap":7,"swappiness":8},"logConfiguration":{"logDriver":"awslogs","options":{"a":"b"},"secretOptions":[{"name":"s","valueFrom":"t"}]},"secrets":[{"name":"x","valueFrom":"y"}],"networkConfiguration":{"assignPublicIp":"ENABLED"},"fargatePlatformConfiguration":{"platformVersion":"LATEST"},"ephemeralStorage":{"sizeInGiB":21},"runtimePlatform":{"operatingSystemFamily":"LINUX","cpuArchitecture":"X86_64"},"repositoryCredentials":{"credentialsParameter":"c"},"enableExecuteCommand":false}""";

    private const string Retry = """{"attempts":2,"evaluateOnExit":[{"onStatusReason":"a","onReason":"b","onExitCode":"1","action":"retry"}]}""";

    private const string Resources =
        """{"type":"EC2","allocationStrategy":"BEST_FIT","minvCpus":0,"maxvCpus":4,"desiredvCpus":1,"instanceTypes":["optimal"],"imageId":"ami","subnets":["s"],"securityGroupIds":["g"],"ec2KeyPair":"k","instanceRole":"r","tags":{"a":"b"},"placementGroup":"p","bidPercentage":50,"spotIamFleetRole":"f","launchTemplate":{"launchTemplateId":"l","launchTemplateName":"n","version":"1","overrides":[{"launchTemplateId":"l","launchTemplateName":"n","version":"1","targetInstanceTypes":["m5"],"userdataType":"EKS_NODEADM"}],"userdataType":"EKS_NODEADM"},"ec2Configuration":[{"imageType":"t","imageIdOverride":"o","imageKubernetesVersion":"v"}],"scalingPolicy":{"minScaleDownDelayMinutes":20},"updateToLatestImageVersion":true,"capacityTags":{"c":"d"},"managedInstancesProvider":{"x":[1,2]}}""";

    /// <summary>Operation, scope's grain method, a request with every member, and the answer to it.</summary>
    public static TheoryData<string, string, string, string> Operations => new()
    {
        {
            "CreateComputeEnvironment", "Create",
            $$$"""{"computeEnvironmentName":"c","type":"MANAGED","state":"ENABLED","unmanagedvCpus":1,"computeResources":{{{Resources}}},"serviceRole":"s","tags":{"t":"u"},"eksConfiguration":{"e":1},"context":"x","ecsSettings":{"containerInsights":"ENABLED"}}""",
            """{"computeEnvironmentName":"c","computeEnvironmentArn":"arn:aws:batch:us-east-1:123456789012:compute-environment/c"}"""
        },
        {
            "UpdateComputeEnvironment", "Update",
            $$$"""{"computeEnvironment":"c","state":"ENABLED","unmanagedvCpus":1,"computeResources":{{{Resources}}},"serviceRole":"s","updatePolicy":{"terminateJobsOnUpdate":true,"jobExecutionTimeoutMinutes":9},"context":"x","ecsSettings":{"containerInsights":"ENABLED"}}""",
            """{"computeEnvironmentName":"c","computeEnvironmentArn":"arn:aws:batch:us-east-1:123456789012:compute-environment/c"}"""
        },
        { "DeleteComputeEnvironment", "Delete", """{"computeEnvironment":"c"}""", "{}" },
        {
            "DescribeComputeEnvironments", "Describe",
            """{"computeEnvironments":["c","d"],"maxResults":5,"nextToken":"t"}""",
            """{"computeEnvironments":[]}"""
        },
        {
            "CreateJobQueue", "Create",
            """{"jobQueueName":"q","state":"ENABLED","schedulingPolicyArn":"a","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"c"}],"serviceEnvironmentOrder":[{"order":1}],"jobQueueType":"ECS","tags":{"t":"u"},"jobStateTimeLimitActions":[{"reason":"r","state":"RUNNABLE","maxTimeSeconds":600,"action":"CANCEL"}]}""",
            """{"jobQueueName":"q","jobQueueArn":"arn:aws:batch:us-east-1:123456789012:job-queue/q"}"""
        },
        {
            "UpdateJobQueue", "Update",
            """{"jobQueue":"q","state":"ENABLED","schedulingPolicyArn":"a","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"c"}],"serviceEnvironmentOrder":[],"jobStateTimeLimitActions":[]}""",
            """{"jobQueueName":"q","jobQueueArn":"arn:aws:batch:us-east-1:123456789012:job-queue/q"}"""
        },
        { "DeleteJobQueue", "Delete", """{"jobQueue":"q"}""", "{}" },
        { "DescribeJobQueues", "Describe", """{"jobQueues":["q"],"maxResults":5,"nextToken":"t"}""", """{"jobQueues":[]}""" },
        {
            "CreateSchedulingPolicy", "Create",
            """{"name":"p","fairsharePolicy":{"shareDecaySeconds":1,"computeReservation":2,"shareDistribution":[{"shareIdentifier":"s","weightFactor":0.1}]},"quotaSharePolicy":{"idleResourceAssignmentStrategy":"FIFO"},"tags":{"t":"u"}}""",
            """{"name":"p","arn":"arn:aws:batch:us-east-1:123456789012:scheduling-policy/p"}"""
        },
        { "UpdateSchedulingPolicy", "Update", """{"arn":"a","fairsharePolicy":{},"quotaSharePolicy":{}}""", "{}" },
        { "DeleteSchedulingPolicy", "Delete", """{"arn":"a"}""", "{}" },
        { "DescribeSchedulingPolicies", "Describe", """{"arns":["a","b"]}""", """{"schedulingPolicies":[]}""" },
        { "ListSchedulingPolicies", "List", """{"maxResults":5,"nextToken":"t"}""", """{"schedulingPolicies":[{"arn":"a"}],"nextToken":"t"}""" },
        {
            "CreateConsumableResource", "Create",
            """{"consumableResourceName":"r","totalQuantity":9000000000,"resourceType":"NON_REPLENISHABLE","tags":{"t":"u"}}""",
            """{"consumableResourceName":"r","consumableResourceArn":"a"}"""
        },
        {
            "UpdateConsumableResource", "Update",
            """{"consumableResource":"r","operation":"ADD","quantity":1,"clientToken":"c"}""",
            """{"consumableResourceName":"r","consumableResourceArn":"a","totalQuantity":9000000000}"""
        },
        { "DeleteConsumableResource", "Delete", """{"consumableResource":"r"}""", "{}" },
        {
            "DescribeConsumableResource", "Describe", """{"consumableResource":"r"}""",
            """{"consumableResourceName":"r","consumableResourceArn":"a","totalQuantity":5,"inUseQuantity":2,"availableQuantity":3,"resourceType":"REPLENISHABLE","createdAt":1641944200058,"tags":{}}"""
        },
        {
            "ListJobsByConsumableResource", "ListJobs",
            """{"consumableResource":"r","filters":[{"name":"JOB_NAME","values":["a*"]}],"maxResults":5,"nextToken":"t"}""",
            """{"jobs":[]}"""
        },
        {
            "GetJobQueueSnapshot", "Snapshot",
            """{"jobQueue":"q"}""",
            """{"frontOfQueue":{"jobs":[{"jobArn":"a","earliestTimeAtPosition":1641944200058}],"lastUpdatedAt":1641944200059},"queueUtilization":{"totalCapacityUsage":[{"capacityUnit":"VCPU","quantity":1.5}],"fairshareUtilization":{"activeShareCount":1,"topCapacityUtilization":[{"shareIdentifier":"A","capacityUsage":[{"capacityUnit":"VCPU","quantity":1}]}]},"lastUpdatedAt":1641944200059}}"""
        },
        {
            "ListConsumableResources", "List",
            """{"filters":[{"name":"CONSUMABLE_RESOURCE_NAME","values":["a*"]}],"maxResults":5,"nextToken":"t"}""",
            """{"consumableResources":[]}"""
        },
        {
            "RegisterJobDefinition", "Register",
            $$$"""{"jobDefinitionName":"d","type":"container","parameters":{"p":"q"},"schedulingPriority":1,"containerProperties":{{{Container}}},"retryStrategy":{{{Retry}}},"timeout":{"attemptDurationSeconds":60},"propagateTags":true,"platformCapabilities":["EC2"],"tags":{"t":"u"},"nodeProperties":{"numNodes":2,"mainNode":1,"nodeRangeProperties":[{"targetNodes":"0:","container":{{{Container}}},"instanceTypes":["t"],"ecsProperties":{},"eksProperties":{"n":1},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"r","quantity":1}]}}]},"ecsProperties":{},"eksProperties":{},"consumableResourceProperties":{"consumableResourceList":[{"consumableResource":"r","quantity":3000000000}]}}""",
            """{"jobDefinitionName":"d","jobDefinitionArn":"arn:aws:batch:us-east-1:123456789012:job-definition/d:1","revision":1}"""
        },
        { "DeregisterJobDefinition", "Deregister", """{"jobDefinition":"d:1"}""", "{}" },
        {
            "DescribeJobDefinitions", "Describe",
            """{"jobDefinitions":["d:1"],"maxResults":5,"jobDefinitionName":"d","status":"ACTIVE","nextToken":"t"}""",
            """{"jobDefinitions":[]}"""
        },
        {
            "SubmitJob", "Submit",
            $$$"""{"jobName":"n","jobQueue":"q","jobDefinition":"d","parameters":{"p":"q"},"containerOverrides":{"vcpus":1,"memory":2,"command":["c"],"instanceType":"t","environment":[{"name":"N","value":"V"}],"resourceRequirements":[{"value":"1","type":"VCPU"}]},"retryStrategy":{{{Retry}}},"timeout":{"attemptDurationSeconds":60},"propagateTags":true,"tags":{"t":"u"},"shareIdentifier":"s","schedulingPriorityOverride":1,"nodeOverrides":{"numNodes":3,"nodePropertyOverrides":[{"targetNodes":"1","containerOverrides":{"command":["c"],"instanceType":"t"},"ecsPropertiesOverride":{},"instanceTypes":["t"],"eksPropertiesOverride":{"n":1},"consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"r","quantity":1}]}}]},"ecsPropertiesOverride":{},"eksPropertiesOverride":{},"consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"r","quantity":1}]},"arrayProperties":{"size":2},"dependsOn":[{"jobId":"j"}]}""",
            """{"jobArn":"arn:aws:batch:us-east-1:123456789012:job/1","jobName":"n","jobId":"1"}"""
        },
        {
            "SubmitJob", "Submit",
            """{"jobName":"n","arrayProperties":{"size":10000},"dependsOn":[{"jobId":"j","type":"N_TO_N"},{"type":"SEQUENTIAL"},{"jobId":"k:3"}]}""",
            """{"jobArn":"arn:aws:batch:us-east-1:123456789012:job/1","jobName":"n","jobId":"1"}"""
        },
        { "DescribeJobs", "Describe", """{"jobs":["a","b"]}""", """{"jobs":[]}""" },
        {
            "ListJobs", "List",
            """{"jobQueue":"q","arrayJobId":"a","multiNodeJobId":"m","jobStatus":"RUNNING","filters":[{"name":"JOB_NAME","values":["v*"]}],"maxResults":5,"nextToken":"t"}""",
            """{"jobSummaryList":[]}"""
        },
        { "CancelJob", "Cancel", """{"jobId":"j","reason":"no \"longer\" needed"}""", "{}" },
        { "CancelJobs", "CancelMany", """{"jobs":["j","k:3"],"reason":"r"}""", """{"successful":[],"errors":[]}""" },
        { "TerminateJobs", "TerminateMany", """{"jobs":["j"],"reason":"r"}""", """{"successful":[],"errors":[]}""" },
        { "TerminateJob", "Terminate", """{"jobId":"j","reason":"stop"}""", "{}" },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_operation_reads_every_member_and_answers_to_the_byte(string operation, string method, string request, string answer)
    {
        await using var server = await ABatchServer.StartAsync();

        var received = await server.PostAsync(Operation.PathOf(operation), request);

        Assert.Equal((200, answer), (received.Status, received.Body));
        Assert.Equal("application/json", received.ContentHeaders.ContentType?.ToString());
        Assert.Null(received.ErrorType);
        received.AssertFramed();
        var call = server.Grains.TheCall;
        Assert.Equal((method, "123456789012/us-east-1"), (call.Method, call.Key));
        Assert.Equal(Compact(request), Compact(JsonSerializer.Serialize(call.Request, call.Request.GetType(), BatchJson.Default)));
    }

    [Fact]
    public void Every_known_operation_is_served_or_announced() => Assert.Equal(
        48, OperationIndex.Available.Count + OperationIndex.Later.Count + 3);

    [Fact]
    public async Task An_empty_body_counts_as_an_empty_object()
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await server.SendAsync(HttpMethod.Post, "/v1/describejobqueues", null);

        Assert.Equal((200, """{"jobQueues":[]}"""), (answer.Status, answer.Body));
        Assert.Equal(new DescribeJobQueuesRequest(), server.Grains.TheCall.Request);
    }

    [Fact]
    public async Task A_job_is_written_with_what_it_has_and_without_what_it_has_not()
    {
        await using var server = await ABatchServer.StartAsync(_ => new DescribeJobsResponse
        {
            Jobs =
            [
                new()
                {
                    JobArn = "a", JobName = "n", JobId = "i", JobQueue = "q", Status = "FAILED", CreatedAt = 1641944200058, StoppedAt = 1641944200059,
                    Attempts = [new() { Container = new() { ExitCode = 137, Reason = "<é>" }, StartedAt = 5 }],
                    JobDefinition = "d", Parameters = new Dictionary<string, string>(), Tags = new Dictionary<string, string> { ["k"] = "v" },
                    Container = new() { Image = "b", Command = ["x"], LogStreamName = "l" },
                    PlatformCapabilities = ["EC2"], IsCancelled = true,
                },
            ],
        });

        var answer = await server.PostAsync("/v1/describejobs", """{"jobs":["i"]}""");

        Assert.Equal(
            """{"jobs":[{"jobArn":"a","jobName":"n","jobId":"i","jobQueue":"q","status":"FAILED","attempts":[{"container":{"exitCode":137,"reason":"<é>","networkInterfaces":[]},"startedAt":5}],"createdAt":1641944200058,"stoppedAt":1641944200059,"jobDefinition":"d","parameters":{},"container":{"logStreamName":"l","networkInterfaces":[],"image":"b","command":["x"]},"tags":{"k":"v"},"propagateTags":false,"platformCapabilities":["EC2"],"isCancelled":true,"isTerminated":false,"dependsOn":[]}]}""",
            answer.Body);
    }

    [Fact]
    public async Task An_array_is_written_with_its_counts_and_a_child_with_its_index()
    {
        await using var server = await ABatchServer.StartAsync(_ => new DescribeJobsResponse
        {
            Jobs =
            [
                AnArray("p") with
                {
                    DependsOn = [new() { JobId = "j", Type = "N_TO_N" }, new() { Type = "SEQUENTIAL" }, new() { JobId = "k" }],
                    ArrayProperties = new() { Size = 2, StatusSummary = new Dictionary<string, int> { ["RUNNING"] = 2, ["FAILED"] = 0 }, StatusSummaryLastUpdatedAt = 7 },
                },
                AnArray("p:0") with { ArrayProperties = new() { Index = 0 } },
            ],
        });

        var answer = await server.PostAsync("/v1/describejobs", """{"jobs":["p","p:0"]}""");

        using var document = JsonDocument.Parse(answer.Body);
        var jobs = document.RootElement.GetProperty("jobs");
        Assert.Equal("""{"statusSummary":{"RUNNING":2,"FAILED":0},"size":2,"statusSummaryLastUpdatedAt":7}""", jobs[0].GetProperty("arrayProperties").GetRawText());
        Assert.Equal("""[{"jobId":"j","type":"N_TO_N"},{"type":"SEQUENTIAL"},{"jobId":"k"}]""", jobs[0].GetProperty("dependsOn").GetRawText());
        Assert.Equal("""{"index":0}""", jobs[1].GetProperty("arrayProperties").GetRawText());
    }

    [Fact]
    public async Task A_listing_shows_of_an_array_its_counts_and_of_a_child_its_index()
    {
        JobSummary summary = new() { JobArn = "a", JobId = "p", JobName = "n", CreatedAt = 1, Status = "PENDING", JobDefinition = "d" };
        await using var server = await ABatchServer.StartAsync(_ => new ListJobsResponse
        {
            JobSummaryList =
            [
                summary with { ArrayProperties = new() { Size = 2, StatusSummary = new Dictionary<string, int> { ["RUNNABLE"] = 2 }, StatusSummaryLastUpdatedAt = 7 } },
                summary with { ArrayProperties = new() { Index = 1 } },
            ],
        });

        var answer = await server.PostAsync("/v1/listjobs", """{"arrayJobId":"p"}""");

        using var document = JsonDocument.Parse(answer.Body);
        var jobs = document.RootElement.GetProperty("jobSummaryList");
        Assert.Equal("""{"statusSummary":{"RUNNABLE":2},"size":2,"statusSummaryLastUpdatedAt":7}""", jobs[0].GetProperty("arrayProperties").GetRawText());
        Assert.Equal("""{"index":1}""", jobs[1].GetProperty("arrayProperties").GetRawText());
    }

    [Theory]
    [InlineData("canceljobs")]
    [InlineData("terminatejobs")]
    public async Task What_is_wrong_with_one_job_of_many_stands_in_an_answer_that_is_no_error(string path)
    {
        await using var server = await ABatchServer.StartAsync(_ => new StopJobsResponse
        {
            Successful = ["j"],
            Errors = [new() { Job = "x", Code = "ValidationException", Message = "no id" }],
        });

        var answer = await server.PostAsync($"/v1/{path}", """{"jobs":["j","x"],"reason":"r"}""");

        Assert.Equal((200, """{"successful":["j"],"errors":[{"job":"x","code":"ValidationException","message":"no id"}]}"""), (answer.Status, answer.Body));
        Assert.Null(answer.ErrorType);
    }

    [Fact]
    public async Task A_flag_of_a_summary_is_written_only_when_true()
    {
        await using var server = await ABatchServer.StartAsync(_ => new ListJobsResponse
        {
            JobSummaryList = [new() { JobArn = "a", JobId = "i", JobName = "n", CreatedAt = 1, Status = "FAILED", JobDefinition = "d", IsTerminated = true }],
            NextToken = "t",
        });

        var answer = await server.PostAsync("/v1/listjobs", "{}");

        Assert.Equal(
            """{"jobSummaryList":[{"jobArn":"a","jobId":"i","jobName":"n","createdAt":1,"status":"FAILED","jobDefinition":"d","isTerminated":true}],"nextToken":"t"}""",
            answer.Body);
    }

    [Fact]
    public async Task An_environment_is_written_as_the_service_writes_it()
    {
        await using var server = await ABatchServer.StartAsync(_ => new DescribeComputeEnvironmentsResponse
        {
            ComputeEnvironments =
            [
                new()
                {
                    ComputeEnvironmentName = "c", ComputeEnvironmentArn = "a", Tags = new Dictionary<string, string>(), Type = "MANAGED", State = "ENABLED",
                    Status = "VALID", StatusReason = "ComputeEnvironment Healthy", ComputeResources = new ComputeResource { Type = "EC2", MinvCpus = 0, MaxvCpus = 4 },
                },
            ],
        });

        var answer = await server.PostAsync("/v1/describecomputeenvironments", "{}");

        Assert.Equal(
            """{"computeEnvironments":[{"computeEnvironmentName":"c","computeEnvironmentArn":"a","tags":{},"type":"MANAGED","state":"ENABLED","status":"VALID","statusReason":"ComputeEnvironment Healthy","computeResources":{"type":"EC2","minvCpus":0,"maxvCpus":4}}]}""",
            answer.Body);
    }

    [Fact]
    public async Task Log_events_are_read_by_target()
    {
        await using var server = await ABatchServer.StartAsync(_ => new GetLogEventsResponse
        {
            Events = [new() { Timestamp = 1, Message = "täst", IngestionTime = 1 }],
            NextForwardToken = "f/1/s",
            NextBackwardToken = "b/0/s",
        });
        const string Request =
            """{"logGroupName":"g","logGroupIdentifier":"i","logStreamName":"s","startTime":1,"endTime":2,"nextToken":"t","limit":3,"startFromHead":true,"unmask":false}""";

        var answer = await server.PostAsync("/", Request, ("X-Amz-Target", "Logs_20140328.GetLogEvents"));

        Assert.Equal(
            """{"events":[{"timestamp":1,"message":"täst","ingestionTime":1}],"nextForwardToken":"f/1/s","nextBackwardToken":"b/0/s"}""", answer.Body);
        Assert.Equal("application/x-amz-json-1.1", answer.ContentHeaders.ContentType?.ToString());
        Assert.Equal(
            new GetLogEventsRequest
            {
                LogGroupName = "g",
                LogGroupIdentifier = "i",
                LogStreamName = "s",
                StartTime = 1,
                EndTime = 2,
                NextToken = "t",
                Limit = 3,
                StartFromHead = true,
                Unmask = false,
            },
            server.Grains.TheCall.Request);
    }

    [Fact]
    public async Task Answers_to_many_callers_at_once_are_never_mixed_up()
    {
        await using var server = await ABatchServer.StartAsync(async call =>
        {
            await Task.Yield();
            var id = ((DescribeJobsRequest)call.Request).Jobs![0];
            return new DescribeJobsResponse
            {
                Jobs =
                [
                    new()
                    {
                        JobArn = new string('a', id.Length * 100), JobName = "n", JobId = id, JobQueue = "q", Status = "RUNNING", CreatedAt = 1, Attempts = [],
                        JobDefinition = "d", Parameters = new Dictionary<string, string>(), Tags = new Dictionary<string, string>(), PlatformCapabilities = [],
                    },
                ],
            };
        });

        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
        {
            var id = new string('x', number % 50) + number;
            var answer = await server.PostAsync("/v1/describejobs", $$"""{"jobs":["{{id}}"]}""");
            using var document = JsonDocument.Parse(answer.Body);
            Assert.Equal(id, document.RootElement.GetProperty("jobs")[0].GetProperty("jobId").GetString());
        });
    }

    private static JobDetail AnArray(string id) => new()
    {
        JobArn = "a",
        JobName = "n",
        JobId = id,
        JobQueue = "q",
        Status = "PENDING",
        CreatedAt = 1,
        Attempts = [],
        JobDefinition = "d",
        Parameters = new Dictionary<string, string>(),
        Tags = new Dictionary<string, string>(),
        PlatformCapabilities = [],
    };

    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }
}
