using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Tests.ComputeEnvironments;

public sealed class UpdateComputeEnvironmentTests
{
    private static readonly ComputeEnvironmentConfiguration Ec2 = AnEnvironment.Ec2.With(r => r with { MinvCpus = 2, DesiredvCpus = 4 }).Created();

    private static readonly ComputeEnvironmentConfiguration Progressive =
        AnEnvironment.Ec2.With(r => r with { AllocationStrategy = "BEST_FIT_PROGRESSIVE", Ec2KeyPair = "key", ImageId = "ami-1" }).Created();

    private static readonly ComputeEnvironmentConfiguration Fargate = AnEnvironment.Fargate.Created();

    public static TheoryData<string, ComputeEnvironmentConfiguration, UpdateComputeEnvironmentRequest> Refused => new()
    {
        { "Cannot update, resource is being modified.", Ec2 with { Status = "DELETING" }, new() { State = "ENABLED" } },
        { "state on is not valid. Valid values are: [ENABLED, DISABLED]", Ec2, new() { State = "on" } },
        { "unmanagedvCpus is only applicable for an UNMANAGED compute environment.", Ec2, new() { UnmanagedvCpus = 1 } },
        { "computeResources is not applicable for an UNMANAGED compute environment.", AnEnvironment.Unmanaged.Created(), Change(new()) },
        { "jobExecutionTimeoutMinutes is 7201, it must be between 1 and 7200.", Ec2, new() { UpdatePolicy = new() { JobExecutionTimeoutMinutes = 7201 } } },
        {
            "Manually scaling down compute environment is not supported. Disconnecting job queues from compute environment will cause it to scale-down to minvCpus",
            Ec2,
            Change(new() { DesiredvCpus = 3 })
        },
        { "desiredvCpus should be between minvCpus and maxvCpus.", Ec2, Change(new() { DesiredvCpus = 17 }) },
        { "minvCpus is 17, it must be between 0 and maxvCpus, which is 16.", Ec2, Change(new() { MinvCpus = 17 }) },
        {
            "A compute environment with allocation strategy BEST_FIT allows updates of minvCpus, maxvCpus, desiredvCpus, scalingPolicy, state and serviceRole only.",
            Ec2,
            Change(new() { InstanceTypes = ["m5"] })
        },
        {
            "A compute environment with allocation strategy BEST_FIT allows updates of minvCpus, maxvCpus, desiredvCpus, scalingPolicy, state and serviceRole only.",
            Ec2,
            Change(new() { UpdateToLatestImageVersion = true })
        },
        { "Allocation strategy can not be updated to BEST_FIT.", Progressive, Change(new() { AllocationStrategy = "BEST_FIT" }) },
        {
            "A compute environment with service role mine allows scaling updates only, others need the service-linked role.",
            Progressive with { ServiceRole = "mine" },
            Change(new() { InstanceTypes = ["m5"] })
        },
        { "A compute environment of type EC2 can not become FARGATE.", Progressive, Change(new() { Type = "FARGATE" }) },
        { "A compute environment of type FARGATE can not become EC2.", Fargate, Change(new() { Type = "EC2" }) },
        { "A compute environment of type EC2 can not become ECS_MANAGED_INSTANCES.", Progressive, Change(new() { Type = "ECS_MANAGED_INSTANCES" }) },
        { "instanceTypes is not applicable for Fargate.", Fargate, Change(new() { InstanceTypes = ["m5"] }) },
        { "desiredvCpus is not applicable for Fargate.", Fargate, Change(new() { DesiredvCpus = 1 }) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_update_that_breaks_a_rule_is_refused(string text, ComputeEnvironmentConfiguration environment, UpdateComputeEnvironmentRequest request) =>
        Assert.Equal(text, Assert.ThrowsAny<BatchClientException>(() => ComputeEnvironmentRules.Update(environment, request)).Message);

    [Fact]
    public void What_an_update_does_not_name_stays()
    {
        var updated = ComputeEnvironmentRules.Update(Ec2, new() { State = "DISABLED" });

        Assert.Equal(Ec2 with { State = "DISABLED" }, updated);
    }

    [Fact]
    public void The_same_update_again_changes_nothing()
    {
        var request = Change(new() { MaxvCpus = 32, DesiredvCpus = 8, InstanceTypes = ["optimal"], Tags = new Dictionary<string, string> { ["a"] = "b" } });

        var once = ComputeEnvironmentRules.Update(Progressive, request);
        var twice = ComputeEnvironmentRules.Update(once, request);

        Assert.Equal((32, 8), (once.ComputeResources!.MaxvCpus, once.ComputeResources.DesiredvCpus));
        Assert.Equal(once, twice);
    }

    [Fact]
    public void Naming_what_is_there_already_is_no_infrastructure_update() =>
        Assert.Equal(Ec2.ComputeResources!.Type, ComputeEnvironmentRules.Update(Ec2, Change(new() { Type = "EC2", InstanceTypes = ["optimal"], Subnets = ["subnet-1"] })).ComputeResources!.Type);

    [Theory]
    [InlineData(8, null, 4)]
    [InlineData(3, null, 3)]
    [InlineData(null, 6, 6)]
    public void Desired_vcpus_stay_inside_new_bounds(int? max, int? min, int desired) =>
        Assert.Equal(desired, ComputeEnvironmentRules.Update(Ec2, Change(new() { MaxvCpus = max, MinvCpus = min })).ComputeResources!.DesiredvCpus);

    [Fact]
    public void Desired_vcpus_may_not_fall_below_what_the_environment_has_now() =>
        Assert.Throws<BatchClientException>(() => ComputeEnvironmentRules.Update(Ec2, Change(new() { DesiredvCpus = 7 }), desiredvCpus: 8));

    [Fact]
    public void An_empty_text_clears_key_pair_image_and_launch_template()
    {
        var stored = ComputeEnvironmentRules.Update(Progressive, Change(new() { LaunchTemplate = new() { LaunchTemplateName = "x" } }));

        var resources = ComputeEnvironmentRules.Update(
            stored, Change(new() { Ec2KeyPair = "", ImageId = "", LaunchTemplate = new() { LaunchTemplateName = "" } })).ComputeResources!;

        Assert.Equal((null, null, null), (resources.Ec2KeyPair, resources.ImageId, resources.LaunchTemplate));
    }

    [Fact]
    public void Type_may_move_between_ec2_and_spot() => Assert.Equal(
        "SPOT",
        ComputeEnvironmentRules.Update(Progressive, Change(new() { Type = "SPOT", AllocationStrategy = "SPOT_CAPACITY_OPTIMIZED" })).ComputeResources!.Type);

    [Fact]
    public void Empty_lists_change_nothing_on_fargate()
    {
        var resources = ComputeEnvironmentRules.Update(Fargate, Change(new() { MaxvCpus = 4, Subnets = [], SecurityGroupIds = [] })).ComputeResources!;

        Assert.Equal(4, resources.MaxvCpus);
        Assert.Equal(["subnet-1"], resources.Subnets!);
        Assert.Equal(["sg-1"], resources.SecurityGroupIds!);
    }

    [Fact]
    public void An_update_policy_has_defaults_and_keeps_what_is_not_given()
    {
        var once = ComputeEnvironmentRules.Update(Ec2, new() { UpdatePolicy = new() { TerminateJobsOnUpdate = true } });
        var twice = ComputeEnvironmentRules.Update(once, new() { UpdatePolicy = new() { JobExecutionTimeoutMinutes = 60 } });

        Assert.Equal(new UpdatePolicy { TerminateJobsOnUpdate = true, JobExecutionTimeoutMinutes = 30 }, once.UpdatePolicy);
        Assert.Equal(new UpdatePolicy { TerminateJobsOnUpdate = true, JobExecutionTimeoutMinutes = 60 }, twice.UpdatePolicy);
    }

    [Fact]
    public void A_good_update_repairs_an_invalid_environment() =>
        Assert.Equal("VALID", ComputeEnvironmentRules.Update(Ec2 with { Status = "INVALID", StatusReason = "CLIENT_ERROR - x" }, new()).Status);

    [Theory]
    [InlineData("ENABLED", "VALID", true, true, "Cannot delete, state must be DISABLED")]
    [InlineData("DISABLED", "DELETING", true, true, "Cannot delete, resource is being modified.")]
    [InlineData("DISABLED", "VALID", true, true, "Cannot delete, found existing JobQueue relationship")]
    [InlineData("DISABLED", "VALID", false, true, "Cannot delete, found running Fargate jobs")]
    [InlineData("DISABLED", "VALID", false, false, null)]
    [InlineData("DISABLED", "INVALID", false, false, null)]
    public void Reasons_against_a_delete_are_told_in_the_services_order(string state, string status, bool isAttached, bool hasJobs, string? text)
    {
        var refusal = Record.Exception(() => ComputeEnvironmentRules.CheckDelete(Ec2 with { State = state, Status = status }, isAttached, hasJobs));

        Assert.Equal(text, refusal?.Message);
    }

    [Theory]
    [InlineData("ce")]
    [InlineData("arn:aws:batch:eu-west-1:123456789012:compute-environment/ce")]
    public void An_environment_is_named_by_name_or_arn(string text) => Assert.Equal("ce", ComputeEnvironmentRules.NameOf(text, AnEnvironment.Scope));

    [Fact]
    public void An_arn_of_another_region_does_not_exist_here() => Assert.Contains(
        "does not exist",
        Assert.Throws<BatchClientException>(
            () => ComputeEnvironmentRules.NameOf("arn:aws:batch:us-east-1:123456789012:compute-environment/ce", AnEnvironment.Scope)).Message,
        StringComparison.Ordinal);

    private static UpdateComputeEnvironmentRequest Change(ComputeResource change) => new() { ComputeResources = change };
}
