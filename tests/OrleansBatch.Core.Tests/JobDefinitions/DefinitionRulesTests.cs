using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.JobDefinitions;

public sealed class DefinitionRulesTests
{
    private static readonly Scope Here = new("123456789012", "eu-west-1");

    private static readonly RawJson Something = new("""{"podProperties":{"hostNetwork":true}}""");

    private static readonly EcsProperties Task = new() { TaskProperties = [new()] };

    public static TheoryData<string, RegisterJobDefinitionRequest> Refused => new()
    {
        { "Provided name  is not supported pattern[a-zA-Z_0-9-]{1,128}", ARegistration.Ec2 with { JobDefinitionName = null } },
        { "Provided name a b is not supported pattern[a-zA-Z_0-9-]{1,128}", ARegistration.Ec2 with { JobDefinitionName = "a b" } },
        { "type is required.", ARegistration.Ec2 with { Type = null } },
        { "Job definition type Container is not valid. Valid values are: [container, multinode]", ARegistration.Ec2 with { Type = "Container" } },
        { "nodeProperties is only applicable for a job definition of type multinode.", ARegistration.Ec2 with { NodeProperties = new() { NumNodes = 2 } } },
        { "Cannot use both ECS containerProperties and ecsProperties", ARegistration.Ec2 with { EcsProperties = Task } },
        { "Cannot use both ECS containerProperties and eksProperties", ARegistration.Ec2 with { EksProperties = Something } },
        {
            "Cannot use both ecsProperties and eksProperties",
            ARegistration.Ec2 with { ContainerProperties = null, EcsProperties = Task, EksProperties = Something }
        },
        {
            "containerProperties is required for a job definition of type container.",
            ARegistration.Ec2 with { ContainerProperties = null, EcsProperties = new() { TaskProperties = [] } }
        },
        { "eksProperties is not available yet.", ARegistration.Ec2 with { ContainerProperties = null, EksProperties = Something } },
        {
            "Each entry of consumableResourceProperties.consumableResourceList needs consumableResource and quantity.",
            ARegistration.Ec2 with { ConsumableResourceProperties = new() { ConsumableResourceList = [new()] } }
        },
        { "containerProperties is required for a job definition of type container.", ARegistration.Ec2 with { ContainerProperties = null } },
        { "Scheduling priority must be between 0 and 9999.", ARegistration.Ec2 with { SchedulingPriority = -1 } },
        { "Scheduling priority must be between 0 and 9999.", ARegistration.Ec2 with { SchedulingPriority = 10_000 } },
        { "RetryAttempts must be provided with retry strategy.", ARegistration.Ec2 with { RetryStrategy = new() } },
        {
            "AttemptDurationSeconds in Timeout must be at least 60 seconds.",
            ARegistration.Ec2 with { Timeout = new() { AttemptDurationSeconds = 59 } }
        },
        { "Tag key 'aws:x' begins with aws:, which is reserved.", ARegistration.Ec2 with { Tags = new Dictionary<string, string> { ["aws:x"] = "" } } },
        { "platformCapabilities has 2 values, exactly one is allowed.", ARegistration.Ec2 with { PlatformCapabilities = ["EC2", "FARGATE"] } },
        {
            "platformCapabilities MANAGED_INSTANCES is only applicable with ecsProperties.",
            ARegistration.Ec2 with { PlatformCapabilities = ["MANAGED_INSTANCES"] }
        },
        { "Platform capability ec2 is not valid. Valid values are: [EC2, FARGATE]", ARegistration.Ec2 with { PlatformCapabilities = ["ec2"] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_registration_that_breaks_a_rule_is_refused_with_the_services_text(string text, RegisterJobDefinitionRequest request) =>
        Assert.Equal(text, Assert.Throws<ValidationException>(() => DefinitionRules.Register(request, 1)).Message);

    [Fact]
    public void What_is_registered_is_kept()
    {
        var definition = DefinitionRules.Register(
            ARegistration.Fargate with
            {
                Parameters = new Dictionary<string, string> { ["seconds"] = "5" },
                SchedulingPriority = 9999,
                RetryStrategy = new() { Attempts = 3 },
                Timeout = new() { AttemptDurationSeconds = 60 },
                PropagateTags = true,
                Tags = new Dictionary<string, string> { ["team"] = "blue" },
            },
            revision: 7);

        Assert.Equal(("sleep", 7, true, "container"), (definition.Name, definition.Revision, definition.IsActive, definition.Type));
        Assert.Equal("5", definition.Parameters["seconds"]);
        Assert.Equal((9999, 3, 60), (definition.SchedulingPriority, definition.RetryStrategy?.Attempts, definition.Timeout?.AttemptDurationSeconds));
        Assert.True(definition.PropagateTags);
        Assert.Equal("FARGATE", definition.PlatformCapability);
        Assert.Equal("blue", definition.Tags["team"]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"consumableResourceList":[]}""")]
    public void An_empty_member_of_a_feature_that_is_not_there_yet_asks_for_nothing(string json) =>
        DefinitionRules.Check(ARegistration.Ec2 with
        {
            EcsProperties = new(),
            EksProperties = new(json),
            NodeProperties = new(),
        });

    [Fact]
    public void Consumable_resources_are_given_back_as_they_were_registered()
    {
        var registered = ARegistration.Ec2 with { ConsumableResourceProperties = new() { ConsumableResourceList = [new() { ConsumableResource = "licences", Quantity = 2 }] } };
        var empty = ARegistration.Ec2 with { ConsumableResourceProperties = new() { ConsumableResourceList = [] } };

        Assert.Same(registered.ConsumableResourceProperties, DefinitionRules.Describe(Here, DefinitionRules.Register(registered, 1)).ConsumableResourceProperties);
        Assert.Null(DefinitionRules.Describe(Here, DefinitionRules.Register(empty, 1)).ConsumableResourceProperties);
    }

    [Fact]
    public void Actions_are_given_back_in_lower_case() => Assert.Equal(
        ["retry", "exit"],
        DefinitionRules.Register(
            ARegistration.Ec2 with
            {
                RetryStrategy = new()
                {
                    Attempts = 2,
                    EvaluateOnExit = [new() { Action = "RETRY", OnExitCode = "1" }, new() { Action = "Exit", OnReason = "*" }],
                },
            },
            1).RetryStrategy!.EvaluateOnExit!.Select(rule => rule.Action));

    [Fact]
    public void A_description_carries_the_arn_and_empty_lists_for_what_was_not_given()
    {
        var detail = DefinitionRules.Describe(Here, DefinitionRules.Register(ARegistration.Ec2, 3));

        Assert.Equal("arn:aws:batch:eu-west-1:123456789012:job-definition/sleep:3", detail.JobDefinitionArn);
        Assert.Equal(("ACTIVE", "container", "ECS"), (detail.Status, detail.Type, detail.ContainerOrchestrationType));
        Assert.Equal([], detail.ContainerProperties!.Volumes!);
        Assert.Equal([], detail.ContainerProperties!.Environment!);
        Assert.Equal(["sleep", "1"], detail.ContainerProperties!.Command!);
        Assert.Null(detail.PlatformCapabilities);
        Assert.Null(detail.Timeout);
    }

    [Fact]
    public void A_deregistered_revision_is_described_as_inactive() => Assert.Equal(
        "INACTIVE", DefinitionRules.Describe(Here, DefinitionRules.Register(ARegistration.Ec2, 1) with { IsActive = false }).Status);

    [Theory]
    [InlineData("sleep:3", "sleep", 3)]
    [InlineData("sleep", "sleep", null)]
    [InlineData("arn:aws:batch:eu-west-1:123456789012:job-definition/sleep:3", "sleep", 3)]
    [InlineData("arn:aws:batch:eu-west-1:123456789012:job-definition/sleep", "sleep", null)]
    public void Deregister_takes_name_with_revision_or_arn_or_bare_name(string text, string name, int? revision)
    {
        var reference = DefinitionRules.Deregister(new() { JobDefinition = text }, Here);

        Assert.Equal((name, revision), (reference.Name, reference.Revision));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Deregister_needs_a_definition(string? text) => Assert.Equal(
        "jobDefinition is required.",
        Assert.Throws<BatchClientException>(() => DefinitionRules.Deregister(new() { JobDefinition = text }, Here)).Message);

    [Theory]
    [InlineData("sleep:latest")]
    [InlineData("sleep:0")]
    [InlineData("sleep:1:2")]
    [InlineData("arn:aws:batch:us-east-1:123456789012:job-definition/sleep:3")]
    [InlineData("arn:aws:batch:eu-west-1:999999999999:job-definition/sleep:3")]
    public void Deregister_of_what_cannot_be_in_this_scope_says_that_it_does_not_exist(string text) => Assert.Contains(
        "does not exist",
        Assert.Throws<BatchClientException>(() => DefinitionRules.Deregister(new() { JobDefinition = text }, Here)).Message,
        StringComparison.Ordinal);
}
