using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Tests.ComputeEnvironments;

public sealed class CreateComputeEnvironmentTests
{
    private static readonly RawJson Something = new("""{"eksClusterArn":"arn:aws:eks:x"}""");

    public static TheoryData<string, CreateComputeEnvironmentRequest> Refused => new()
    {
        {
            "Compute Environment name should match a valid pattern: 1 to 128 letters, digits, hyphens and underscores.",
            AnEnvironment.Ec2 with { ComputeEnvironmentName = "a b" }
        },
        { "type is required.", AnEnvironment.Ec2 with { Type = null } },
        { "Compute environment type EC2 is not valid. Valid values are: [MANAGED, UNMANAGED]", AnEnvironment.Ec2 with { Type = "EC2" } },
        { "Compute Environment must be created in ENABLED state.", AnEnvironment.Ec2 with { State = "DISABLED" } },
        { "state enabled is not valid. Valid values are: [ENABLED, DISABLED]", AnEnvironment.Ec2 with { State = "enabled" } },
        { "computeResources is required for a MANAGED compute environment.", AnEnvironment.Ec2 with { ComputeResources = null } },
        { "unmanagedvCpus is only applicable for an UNMANAGED compute environment.", AnEnvironment.Ec2 with { UnmanagedvCpus = 4 } },
        { "unmanagedvCpus is -1, it must be at least 0.", AnEnvironment.Unmanaged with { UnmanagedvCpus = -1 } },
        {
            "computeResources is not applicable for an UNMANAGED compute environment.",
            AnEnvironment.Unmanaged with { ComputeResources = AnEnvironment.Ec2.ComputeResources }
        },
        {
            "containerInsights on is not valid. Valid values are: [ENABLED, ENHANCED, DISABLED]",
            AnEnvironment.Ec2 with { EcsSettings = new() { ContainerInsights = "on" } }
        },
        { "Tag key 'AWS:x' begins with aws:, which is reserved.", AnEnvironment.Ec2 with { Tags = new Dictionary<string, string> { ["AWS:x"] = "" } } },
        { "Resource type is required.", AnEnvironment.Ec2.With(r => r with { Type = null }) },
        { "Resource type ec2 is not valid. Valid values are: [EC2, SPOT, FARGATE, FARGATE_SPOT]", AnEnvironment.Ec2.With(r => r with { Type = "ec2" }) },
        { "capacityTags is only applicable for ECS_MANAGED_INSTANCES.", AnEnvironment.Ec2.With(r => r with { CapacityTags = new Dictionary<string, string> { ["a"] = "b" } }) },
        { "managedInstancesProvider is only applicable for ECS_MANAGED_INSTANCES.", AnEnvironment.Ec2.With(r => r with { ManagedInstancesProvider = Something }) },
        { "Resource maxvCpus is required.", AnEnvironment.Ec2.With(r => r with { MaxvCpus = null }) },
        { "maxvCpus is -1, it must be at least 0.", AnEnvironment.Ec2.With(r => r with { MaxvCpus = -1 }) },
        { "Resource minvCpus is required.", AnEnvironment.Ec2.With(r => r with { MinvCpus = null }) },
        { "minvCpus is -1, it must be between 0 and maxvCpus, which is 16.", AnEnvironment.Ec2.With(r => r with { MinvCpus = -1 }) },
        { "minvCpus is 17, it must be between 0 and maxvCpus, which is 16.", AnEnvironment.Ec2.With(r => r with { MinvCpus = 17 }) },
        { "desiredvCpus should be between minvCpus and maxvCpus.", AnEnvironment.Ec2.With(r => r with { MinvCpus = 2, DesiredvCpus = 1 }) },
        { "desiredvCpus should be between minvCpus and maxvCpus.", AnEnvironment.Ec2.With(r => r with { DesiredvCpus = 17 }) },
        { "Instance role is required.", AnEnvironment.Ec2.With(r => r with { InstanceRole = null }) },
        { "Resource subnets is required.", AnEnvironment.Ec2.With(r => r with { Subnets = [] }) },
        { "Each of subnets must have 1 to 256 characters and no white space.", AnEnvironment.Ec2.With(r => r with { Subnets = ["a b"] }) },
        { "securityGroupIds is required unless a launch template names them.", AnEnvironment.Ec2.With(r => r with { SecurityGroupIds = null }) },
        { "Resource instanceTypes is required.", AnEnvironment.Ec2.With(r => r with { InstanceTypes = [] }) },
        {
            "Instance type M5 is not valid: it must be a size, a family, optimal, default_x86_64 or default_arm64.",
            AnEnvironment.Ec2.With(r => r with { InstanceTypes = ["M5"] })
        },
        { "instanceTypes of different CPU architectures can not be mixed.", AnEnvironment.Ec2.With(r => r with { InstanceTypes = ["m5.large", "m6g"] }) },
        {
            "Allocation strategy CHEAPEST is not valid. Valid values are: [BEST_FIT, BEST_FIT_PROGRESSIVE, SPOT_CAPACITY_OPTIMIZED, SPOT_PRICE_CAPACITY_OPTIMIZED, BEST_FIT_PROGRESSIVE_ORDERED, SPOT_CAPACITY_OPTIMIZED_PRIORITIZED]",
            AnEnvironment.Ec2.With(r => r with { AllocationStrategy = "CHEAPEST" })
        },
        {
            "Allocation strategy SPOT_PRICE_CAPACITY_OPTIMIZED is only applicable for SPOT.",
            AnEnvironment.Ec2.With(r => r with { AllocationStrategy = "SPOT_PRICE_CAPACITY_OPTIMIZED" })
        },
        {
            "Allocation strategy BEST_FIT_PROGRESSIVE_ORDERED is only applicable for EC2.",
            AnEnvironment.Spot.With(r => r with { AllocationStrategy = "BEST_FIT_PROGRESSIVE_ORDERED" })
        },
        {
            "Allocation strategy BEST_FIT_PROGRESSIVE_ORDERED needs instance types or families, not optimal.",
            AnEnvironment.Ec2.With(r => r with { AllocationStrategy = "BEST_FIT_PROGRESSIVE_ORDERED" })
        },
        { "bidPercentage is 101, it must be between 0 and 100.", AnEnvironment.Spot.With(r => r with { BidPercentage = 101 }) },
        {
            "Resource spotIamFleetRole is required for SPOT with allocation strategy BEST_FIT.",
            AnEnvironment.Spot.With(r => r with { AllocationStrategy = null })
        },
        {
            "ec2Configuration has 3 entries, at most 2 are allowed.",
            AnEnvironment.Ec2.With(r => r with { Ec2Configuration = [new() { ImageType = "a" }, new() { ImageType = "b" }, new() { ImageType = "c" }] })
        },
        {
            "imageType of ec2Configuration is required and has 1 to 256 characters.",
            AnEnvironment.Ec2.With(r => r with { Ec2Configuration = [new()] })
        },
        {
            "minScaleDownDelayMinutes is 19, it must be 0 or between 20 and 10080.",
            AnEnvironment.Ec2.With(r => r with { ScalingPolicy = new() { MinScaleDownDelayMinutes = 19 } })
        },
        {
            "LaunchTemplate should have either LaunchTemplateId or LaunchTemplateName",
            AnEnvironment.Ec2.With(r => r with { LaunchTemplate = new() { LaunchTemplateId = "lt-1", LaunchTemplateName = "x" } })
        },
        {
            "LaunchTemplate version latest is not valid: it must be $Default, $Latest or a number.",
            AnEnvironment.Ec2.With(r => r with { LaunchTemplate = new() { LaunchTemplateId = "lt-1", Version = "latest" } })
        },
        {
            "userdataType BASH is not valid. Valid values are: [EKS_BOOTSTRAP_SH, EKS_NODEADM]",
            AnEnvironment.Ec2.With(r => r with { LaunchTemplate = new() { LaunchTemplateId = "lt-1", UserdataType = "BASH" } })
        },
        { "LaunchTemplate.overrides should have either LaunchTemplateId or LaunchTemplateName", WithOverrides(new LaunchTemplateSpecificationOverride()) },
        { "LaunchTemplate.overrides need targetInstanceTypes.", WithOverrides(new LaunchTemplateSpecificationOverride { LaunchTemplateId = "lt-2" }) },
        {
            "LaunchTemplate.overrides targetInstanceTypes c5.large is not among instanceTypes.",
            WithOverrides(new LaunchTemplateSpecificationOverride { LaunchTemplateId = "lt-2", TargetInstanceTypes = ["c5.large"] })
        },
        {
            "LaunchTemplate.overrides have duplicate targetInstanceTypes",
            WithOverrides(
                new LaunchTemplateSpecificationOverride { LaunchTemplateId = "lt-2", TargetInstanceTypes = ["m5.large"] },
                new LaunchTemplateSpecificationOverride { LaunchTemplateId = "lt-3", TargetInstanceTypes = ["m5.large"] })
        },
        { "LaunchTemplate.overrides has 11 entries, at most 10 are allowed.", WithOverrides([.. Enumerable.Repeat(new LaunchTemplateSpecificationOverride(), 11)]) },
        { "desiredvCpus is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { DesiredvCpus = 1 }) },
        { "minvCpus is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { MinvCpus = 0 }) },
        { "instanceTypes is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { InstanceTypes = ["optimal"] }) },
        { "instanceRole is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { InstanceRole = "r" }) },
        { "allocationStrategy is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { AllocationStrategy = "BEST_FIT" }) },
        { "bidPercentage is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { BidPercentage = 1 }) },
        { "spotIamFleetRole is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { SpotIamFleetRole = "r" }) },
        { "imageId is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { ImageId = "ami-1" }) },
        { "ec2KeyPair is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { Ec2KeyPair = "k" }) },
        { "placementGroup is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { PlacementGroup = "p" }) },
        { "tags is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { Tags = new Dictionary<string, string> { ["a"] = "b" } }) },
        { "launchTemplate is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { LaunchTemplate = new() }) },
        { "ec2Configuration is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { Ec2Configuration = [new()] }) },
        { "scalingPolicy is not applicable for Fargate.", AnEnvironment.Fargate.With(r => r with { ScalingPolicy = new() }) },
        { "securityGroupIds has 0 entries, 1 to 5 are required for Fargate.", AnEnvironment.Fargate.With(r => r with { SecurityGroupIds = null }) },
        { "subnets has 17 entries, at most 16 are allowed for Fargate.", AnEnvironment.Fargate.With(r => r with { Subnets = [.. Enumerable.Repeat("s", 17)] }) },
    };

    public static TheoryData<string, CreateComputeEnvironmentRequest> NotYet => new()
    {
        { "eksConfiguration is not available yet.", AnEnvironment.Ec2 with { EksConfiguration = Something } },
        {
            "A compute environment of type ECS_MANAGED_INSTANCES is not available yet.",
            AnEnvironment.Ec2.With(r => r with { Type = "ECS_MANAGED_INSTANCES" })
        },
    };

    public static TheoryData<CreateComputeEnvironmentRequest> Accepted =>
    [
        AnEnvironment.Ec2,
        AnEnvironment.Spot,
        AnEnvironment.Fargate,
        AnEnvironment.Unmanaged with { UnmanagedvCpus = 0 },
        AnEnvironment.Ec2 with { State = "ENABLED", ServiceRole = "any role", Context = "any", EksConfiguration = new("{}") },
        AnEnvironment.Ec2.With(r => r with { MaxvCpus = 0 }),
        AnEnvironment.Ec2.With(r => r with { SecurityGroupIds = null, LaunchTemplate = new() { LaunchTemplateName = "x", Version = "$Latest" } }),
        AnEnvironment.Ec2.With(r => r with { ScalingPolicy = new() { MinScaleDownDelayMinutes = 0 } }),
        AnEnvironment.Ec2.With(r => r with { ScalingPolicy = new() { MinScaleDownDelayMinutes = 10080 } }),
        AnEnvironment.Ec2.With(r => r with { AllocationStrategy = "BEST_FIT_PROGRESSIVE_ORDERED", InstanceTypes = ["m5", "c5.large"] }),
        AnEnvironment.Spot.With(r => r with { AllocationStrategy = null, SpotIamFleetRole = "r", BidPercentage = 100 }),
        AnEnvironment.Fargate.With(r => r with { Type = "FARGATE_SPOT", Tags = new Dictionary<string, string>(), InstanceTypes = [] }),
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_environment_that_breaks_a_rule_is_refused_with_the_services_text(string text, CreateComputeEnvironmentRequest request) =>
        Assert.Equal(text, Assert.Throws<ValidationException>(() => request.Created()).Message);

    [Theory]
    [MemberData(nameof(NotYet))]
    public void What_is_not_there_yet_is_refused_as_such(string text, CreateComputeEnvironmentRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => request.Created()).Message);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void An_environment_within_the_rules_is_valid_at_once(CreateComputeEnvironmentRequest request)
    {
        var created = request.Created();

        Assert.Equal(("ENABLED", "VALID", "ComputeEnvironment Healthy"), (created.State, created.Status, created.StatusReason));
    }

    [Fact]
    public void Desired_vcpus_are_the_minimum_when_not_given() =>
        Assert.Equal(3, AnEnvironment.Ec2.With(r => r with { MinvCpus = 3 }).Created().ComputeResources!.DesiredvCpus);

    [Fact]
    public void What_is_only_kept_is_given_back()
    {
        var created = (AnEnvironment.Ec2 with { ServiceRole = "role", Context = "c", EcsSettings = new() { ContainerInsights = "ENHANCED" } }).Created();

        var detail = ComputeEnvironmentRules.Describe(created, desiredvCpus: 5);

        Assert.Equal(("role", "c", "ENHANCED"), (detail.ServiceRole, detail.Context, detail.EcsSettings!.ContainerInsights));
        Assert.Equal(("ecsInstanceRole", 5), (detail.ComputeResources!.InstanceRole, detail.ComputeResources.DesiredvCpus));
        Assert.Equal(["subnet-1"], detail.ComputeResources.Subnets!);
        Assert.Equal("arn:aws:batch:eu-west-1:123456789012:compute-environment/ce", detail.ComputeEnvironmentArn);
        Assert.Equal("arn:aws:ecs:eu-west-1:123456789012:cluster/AWSBatch-ce-0e1f", detail.EcsClusterArn);
        Assert.Equal(("0e1f", "ECS"), (detail.Uuid, detail.ContainerOrchestrationType));
    }

    [Fact]
    public void Fargate_is_described_without_desired_vcpus() =>
        Assert.Null(ComputeEnvironmentRules.Describe(AnEnvironment.Fargate.Created(), desiredvCpus: 5).ComputeResources!.DesiredvCpus);

    [Fact]
    public void A_managed_environment_holds_its_vcpus_any_memory_and_the_gpus_that_are_there()
    {
        var capacity = ComputeEnvironmentRules.Capacity(AnEnvironment.Ec2.Created(), new() { VcpuMillis = 2000, MemoryMiB = 1024, Gpus = 1 });

        Assert.Equal((16_000, 1), (capacity.VcpuMillis, capacity.Gpus));
        Assert.True(capacity.MemoryMiB > 1_000_000_000);
    }

    [Fact]
    public void An_unmanaged_environment_holds_what_its_host_has()
    {
        var host = new ResourceNeeds { VcpuMillis = 2000, MemoryMiB = 1024, Gpus = 1 };

        Assert.Equal(host, ComputeEnvironmentRules.Capacity((AnEnvironment.Unmanaged with { UnmanagedvCpus = 99 }).Created(), host));
    }

    [Fact]
    public void The_platform_follows_from_the_type()
    {
        Assert.Equal("EC2", ComputeEnvironmentRules.Platform(AnEnvironment.Ec2.Created()));
        Assert.Equal("EC2", ComputeEnvironmentRules.Platform(AnEnvironment.Spot.Created()));
        Assert.Equal("EC2", ComputeEnvironmentRules.Platform(AnEnvironment.Unmanaged.Created()));
        Assert.Equal("FARGATE", ComputeEnvironmentRules.Platform(AnEnvironment.Fargate.Created()));
        Assert.Equal("FARGATE", ComputeEnvironmentRules.Platform(AnEnvironment.Fargate.With(r => r with { Type = "FARGATE_SPOT" }).Created()));
    }

    [Theory]
    [InlineData("m6g", "c7gn.large", true)]
    [InlineData("a1.medium", "im4gn", true)]
    [InlineData("default_arm64", "t4g.small", true)]
    [InlineData("m5", "g4dn.xlarge", true)]
    [InlineData("optimal", "p4d", true)]
    [InlineData("g5g", "g5", false)]
    [InlineData("a1", "optimal", false)]
    public void Families_tell_their_architecture_by_name(string one, string other, bool isSame)
    {
        var request = AnEnvironment.Ec2.With(r => r with { InstanceTypes = [one, other] });

        if (isSame)
        {
            _ = request.Created();
        }
        else
        {
            Assert.Throws<ValidationException>(() => request.Created());
        }
    }

    private static CreateComputeEnvironmentRequest WithOverrides(params LaunchTemplateSpecificationOverride[] overrides) =>
        AnEnvironment.Ec2.With(r => r with { InstanceTypes = ["m5"], LaunchTemplate = new() { LaunchTemplateId = "lt-1", Overrides = overrides } });
}
