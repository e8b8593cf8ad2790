using OrleansBatch.Core.JobQueues;
using OrleansBatch.Core.Tests.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Core.Tests.JobQueues;

public sealed class JobQueueRulesTests
{
    private static readonly Scope Here = AnEnvironment.Scope;

    private static readonly Dictionary<string, ComputeEnvironmentConfiguration?> Environments = new()
    {
        ["ec2"] = Named("ec2", AnEnvironment.Ec2),
        ["spot"] = Named("spot", AnEnvironment.Spot),
        ["third"] = Named("third", AnEnvironment.Ec2),
        ["fourth"] = Named("fourth", AnEnvironment.Ec2),
        ["arm"] = Named("arm", AnEnvironment.Ec2.With(r => r with { InstanceTypes = ["m6g"] })),
        ["own"] = Named("own", AnEnvironment.Unmanaged),
        ["fargate"] = Named("fargate", AnEnvironment.Fargate),
        ["going"] = Named("going", AnEnvironment.Ec2) with { Status = "DELETING" },
        ["gone"] = null,
    };

    private static readonly RawJson Something = new("""[{"order":1}]""");

    private static readonly JobStateTimeLimitAction Limit = new()
    {
        Reason = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
        State = "RUNNABLE",
        MaxTimeSeconds = 600,
        Action = "CANCEL",
    };

    private static readonly CreateJobQueueRequest Good = new() { JobQueueName = "q", Priority = 1, ComputeEnvironmentOrder = Orders("ec2") };

    public static TheoryData<string, CreateJobQueueRequest> Refused => new()
    {
        { "Job Queue name should match a valid pattern.", Good with { JobQueueName = "a b" } },
        { "Job Queue name should match a valid pattern.", Good with { JobQueueName = null } },
        { "state on is not valid. Valid values are: [ENABLED, DISABLED]", Good with { State = "on" } },
        { "priority is required.", Good with { Priority = null } },
        { "priority is -1, it must be at least 0.", Good with { Priority = -1 } },
        { "A resource can have at most 50 tags, got 51.", Good with { Tags = Enumerable.Range(0, 51).ToDictionary(i => $"k{i}", _ => "") } },
        { "SchedulingPolicy arn:aws:batch:x not found.", Good with { SchedulingPolicyArn = "arn:aws:batch:x" } },
        { "serviceEnvironmentOrder is not available yet.", Good with { ComputeEnvironmentOrder = null, ServiceEnvironmentOrder = Something } },
        { "computeEnvironmentOrder and serviceEnvironmentOrder can not be used together.", Good with { ServiceEnvironmentOrder = Something } },
        { "Job queues of type SAGEMAKER_TRAINING must have serviceEnvironmentOrder.", Good with { JobQueueType = "SAGEMAKER_TRAINING" } },
        { "A job queue of type EKS is not available yet.", Good with { JobQueueType = "EKS" } },
        {
            "Job queue type ecs is not valid. Valid values are: [EKS, ECS, ECS_FARGATE, ECS_MANAGED_INSTANCES, SAGEMAKER_TRAINING]",
            Good with { JobQueueType = "ecs" }
        },
        { "jobQueueType ECS_FARGATE does not match its compute environments, which make it ECS.", Good with { JobQueueType = "ECS_FARGATE" } },
        { "computeEnvironmentOrder has 0 entries, 1 to 3 are required.", Good with { ComputeEnvironmentOrder = null } },
        { "computeEnvironmentOrder has 4 entries, 1 to 3 are required.", Good with { ComputeEnvironmentOrder = Orders("ec2", "spot", "third", "fourth") } },
        { "Each entry of computeEnvironmentOrder needs order and computeEnvironment.", Good with { ComputeEnvironmentOrder = [new() { Order = 1 }] } },
        {
            "Duplicate ComputeEnvironment order values.",
            Good with { ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = "ec2" }, new() { Order = 1, ComputeEnvironment = "spot" }] }
        },
        {
            "computeEnvironmentOrder names a compute environment twice.",
            Good with { ComputeEnvironmentOrder = Orders("ec2", "arn:aws:batch:eu-west-1:123456789012:compute-environment/ec2") }
        },
        {
            "Compute Environments must be created and valid before attaching them to a job queue: gone does not exist.",
            Good with { ComputeEnvironmentOrder = Orders("gone") }
        },
        {
            "Compute Environments must be created and valid before attaching them to a job queue: going is DELETING.",
            Good with { ComputeEnvironmentOrder = Orders("going") }
        },
        {
            "Compute Environments must be created and valid before attaching them to a job queue: arn:aws:batch:us-east-1:123456789012:compute-environment/ec2 does not exist.",
            Good with { ComputeEnvironmentOrder = Orders("arn:aws:batch:us-east-1:123456789012:compute-environment/ec2") }
        },
        { "Fargate and EC2 compute environments can not be mixed.", Good with { ComputeEnvironmentOrder = Orders("ec2", "fargate") } },
        { "Fargate and EC2 compute environments can not be mixed.", Good with { ComputeEnvironmentOrder = Orders("own", "fargate") } },
        { "Compute environments of different CPU architectures can not be mixed.", Good with { ComputeEnvironmentOrder = Orders("ec2", "arm") } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_queue_that_breaks_a_rule_is_refused_with_the_services_text(string text, CreateJobQueueRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => JobQueueRules.Create(request, Here, Environments)).Message);

    [Fact]
    public void A_queue_is_valid_and_enabled_at_once()
    {
        var queue = JobQueueRules.Create(Good, Here, Environments);

        Assert.Equal(("ENABLED", "VALID", "JobQueue Healthy", "ECS"), (queue.State, queue.Status, queue.StatusReason, queue.JobQueueType));
        Assert.Equal("DISABLED", JobQueueRules.Create(Good with { State = "DISABLED" }, Here, Environments).State);
    }

    [Theory]
    [InlineData("ECS", "ec2", "spot", "own")]
    [InlineData("ECS", "arm", "own")]
    [InlineData("ECS_FARGATE", "fargate")]
    public void The_type_follows_from_the_environments(string type, params string[] names) =>
        Assert.Equal(type, JobQueueRules.Create(Good with { ComputeEnvironmentOrder = Orders(names), JobQueueType = type }, Here, Environments).JobQueueType);

    [Fact]
    public void Environments_are_described_by_arn_in_ascending_order()
    {
        var queue = JobQueueRules.Create(
            Good with { ComputeEnvironmentOrder = [new() { Order = 9, ComputeEnvironment = "ec2" }, new() { Order = -2, ComputeEnvironment = "spot" }] },
            Here,
            Environments);

        var detail = JobQueueRules.Describe(queue);

        Assert.Equal(["spot", "ec2"], queue.Environments);
        Assert.Equal(
            [(-2, "arn:aws:batch:eu-west-1:123456789012:compute-environment/spot"), (9, "arn:aws:batch:eu-west-1:123456789012:compute-environment/ec2")],
            detail.ComputeEnvironmentOrder.Select(order => (order.Order!.Value, order.ComputeEnvironment!)));
        Assert.Equal("arn:aws:batch:eu-west-1:123456789012:job-queue/q", detail.JobQueueArn);
    }

    [Fact]
    public void Only_environments_of_this_scope_are_looked_up() => Assert.Equal(
        ["ec2", "spot"],
        JobQueueRules.EnvironmentNames(
            Orders(
                "ec2",
                "arn:aws:batch:eu-west-1:123456789012:compute-environment/spot",
                "arn:aws:batch:us-east-1:123456789012:compute-environment/other",
                "not a name"),
            Here));

    [Fact]
    public void An_update_replaces_what_it_names_and_keeps_the_rest()
    {
        var queue = JobQueueRules.Create(Good with { Tags = new Dictionary<string, string> { ["a"] = "b" } }, Here, Environments);

        var disabled = JobQueueRules.Update(queue, new() { State = "DISABLED" }, Environments);
        var moved = JobQueueRules.Update(queue, new() { Priority = 5, ComputeEnvironmentOrder = Orders("spot", "third") }, Environments);

        Assert.Equal(queue with { State = "DISABLED" }, disabled);
        Assert.Equal((5, "ENABLED"), (moved.Priority, moved.State));
        Assert.Equal(["spot", "third"], moved.Environments);
    }

    [Fact]
    public void An_update_may_move_a_queue_to_another_platform() => Assert.Equal(
        "ECS_FARGATE",
        JobQueueRules.Update(
            JobQueueRules.Create(Good, Here, Environments), new() { ComputeEnvironmentOrder = Orders("fargate") }, Environments).JobQueueType);

    public static TheoryData<string, UpdateJobQueueRequest> RefusedUpdates => new()
    {
        { "state on is not valid. Valid values are: [ENABLED, DISABLED]", new() { State = "on" } },
        { "priority is -1, it must be at least 0.", new() { Priority = -1 } },
        { "Job queue q has no scheduling policy and can get none: fair share is chosen when a queue is created.", new() { SchedulingPolicyArn = "arn:aws:batch:x" } },
        { "Duplicate job state limit actions are not allowed.", new() { JobStateTimeLimitActions = [Limit, Limit with { MaxTimeSeconds = 700 }] } },
        { "serviceEnvironmentOrder is not available yet.", new() { ServiceEnvironmentOrder = Something } },
        { "computeEnvironmentOrder has 0 entries, 1 to 3 are required.", new() { ComputeEnvironmentOrder = [] } },
    };

    [Theory]
    [MemberData(nameof(RefusedUpdates))]
    public void An_update_that_breaks_a_rule_is_refused(string text, UpdateJobQueueRequest request) => Assert.Equal(
        text,
        Assert.Throws<BatchClientException>(() => JobQueueRules.Update(JobQueueRules.Create(Good, Here, Environments), request, Environments)).Message);

    [Fact]
    public void A_fair_share_queue_keeps_its_policy_or_gets_another_and_never_loses_it()
    {
        const string Arns = "arn:aws:batch:eu-west-1:123456789012:scheduling-policy/";
        var queue = JobQueueRules.Create(Good with { SchedulingPolicyArn = Arns + "a" }, Here, Environments, Policy("a"));

        Assert.Equal(Arns + "a", JobQueueRules.Describe(queue).SchedulingPolicyArn);
        Assert.Equal("a", JobQueueRules.Update(queue, new() { Priority = 3 }, Environments).SchedulingPolicy);
        Assert.Equal("b", JobQueueRules.Update(queue, new() { SchedulingPolicyArn = Arns + "b" }, Environments, Policy("b")).SchedulingPolicy);
        Assert.Equal(
            "The schedulingPolicyArn of job queue q can be replaced, not removed.",
            Assert.Throws<BatchClientException>(() => JobQueueRules.Update(queue, new() { SchedulingPolicyArn = "" }, Environments)).Message);
    }

    public static TheoryData<string, JobStateTimeLimitAction> RefusedLimits => new()
    {
        { "Each entry of jobStateTimeLimitActions needs reason, state, maxTimeSeconds and action.", new() },
        { "Each entry of jobStateTimeLimitActions needs reason, state, maxTimeSeconds and action.", Limit with { MaxTimeSeconds = null } },
        { "jobStateTimeLimitActions: state PENDING is not valid. Valid values are: [RUNNABLE]", Limit with { State = "PENDING" } },
        { "maxTimeSeconds is 599, it must be between 600 and 86400.", Limit with { MaxTimeSeconds = 599 } },
        { "maxTimeSeconds is 86401, it must be between 600 and 86400.", Limit with { MaxTimeSeconds = 86_401 } },
        { "Invalid job action. Valid job actions: [CANCEL]", Limit with { Action = "TERMINATE" } },
        { "Invalid job action. Valid job actions: [CANCEL]", Limit with { Action = "cancel" } },
        { NoSuchReason("UNDETERMINED"), Limit with { Reason = "UNDETERMINED" } },
        { NoSuchReason("ACTION_REQUIRED"), Limit with { Reason = "ACTION_REQUIRED" } },
        { NoSuchReason("MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS"), Limit with { Reason = "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS" } },
        { NoSuchReason("MISCONFIGURATION:SERVICE_ENVIRONMENT_MAX_RESOURCE"), Limit with { Reason = "MISCONFIGURATION:SERVICE_ENVIRONMENT_MAX_RESOURCE" } },
    };

    [Theory]
    [MemberData(nameof(RefusedLimits))]
    public void A_time_limit_that_breaks_a_rule_is_refused(string text, JobStateTimeLimitAction limit) => Assert.Equal(
        text, Assert.Throws<BatchClientException>(() => JobQueueRules.Create(Good with { JobStateTimeLimitActions = [limit] }, Here, Environments)).Message);

    [Fact]
    public void Time_limits_are_described_as_given_and_an_update_replaces_or_removes_or_leaves_them()
    {
        JobStateTimeLimitAction[] limits = [Limit, Limit with { Reason = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", MaxTimeSeconds = 86_400 }];
        var queue = JobQueueRules.Create(Good with { JobStateTimeLimitActions = limits }, Here, Environments);

        Assert.Equal(limits, JobQueueRules.Describe(queue).JobStateTimeLimitActions);
        Assert.Equal(limits, JobQueueRules.Update(queue, new(), Environments).JobStateTimeLimitActions);
        Assert.Equal([Limit], JobQueueRules.Update(queue, new() { JobStateTimeLimitActions = [Limit] }, Environments).JobStateTimeLimitActions);
        Assert.Empty(JobQueueRules.Describe(JobQueueRules.Update(queue, new() { JobStateTimeLimitActions = [] }, Environments)).JobStateTimeLimitActions);
    }

    private static string NoSuchReason(string reason) =>
        $"jobStateTimeLimitActions: reason {reason} is not valid. Valid values are: [CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY, "
        + "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE, MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT, MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED]";

    [Fact]
    public void An_empty_policy_arn_means_none() =>
        Assert.Null(JobQueueRules.Describe(JobQueueRules.Create(Good with { SchedulingPolicyArn = "" }, Here, Environments)).SchedulingPolicyArn);

    [Fact]
    public void Only_a_policy_of_this_scope_is_looked_up()
    {
        Assert.Equal("p", JobQueueRules.PolicyName("arn:aws:batch:eu-west-1:123456789012:scheduling-policy/p", Here));
        Assert.Null(JobQueueRules.PolicyName("arn:aws:batch:us-east-1:123456789012:scheduling-policy/p", Here));
        Assert.Null(JobQueueRules.PolicyName(null, Here));
    }

    [Fact]
    public void A_queue_that_is_being_deleted_cannot_be_updated() => Assert.Equal(
        "Cannot update, resource is being modified.",
        Assert.Throws<BatchClientException>(() => JobQueueRules.Update(
            JobQueueRules.Create(Good, Here, Environments) with { Status = "DELETING" }, new(), Environments)).Message);

    [Theory]
    [InlineData("ENABLED", "VALID", "Cannot delete, JobQueue state must be DISABLED")]
    [InlineData("DISABLED", "UPDATING", "Cannot delete, resource is being modified.")]
    [InlineData("DISABLED", "DELETING", "Cannot delete, resource is being modified.")]
    [InlineData("DISABLED", "VALID", null)]
    public void Scenario_22_only_a_disabled_and_settled_queue_may_be_deleted(string state, string status, string? text)
    {
        var queue = JobQueueRules.Create(Good, Here, Environments) with { State = state, Status = status };

        Assert.Equal(text, Record.Exception(() => JobQueueRules.CheckDelete(queue))?.Message);
    }

    private static SchedulingPolicyConfiguration Policy(string name) =>
        new() { Name = new(Here, name), FairsharePolicy = new(), Tags = new Dictionary<string, string>() };

    private static ComputeEnvironmentOrder[] Orders(params string[] names) =>
        [.. names.Select((name, index) => new ComputeEnvironmentOrder { Order = index + 1, ComputeEnvironment = name })];

    private static ComputeEnvironmentConfiguration Named(string name, CreateComputeEnvironmentRequest request) =>
        (request with { ComputeEnvironmentName = name }).Created();
}
