namespace OrleansBatch.Model.ComputeEnvironments;

/// <summary>The compute resources of a managed environment.</summary>
/// <remarks>Source: AWS Batch API, ComputeResource and ComputeResourceUpdate.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ComputeResource")]
public sealed record ComputeResource
{
    /// <summary>EC2, SPOT, FARGATE or FARGATE_SPOT.</summary>
    [Id(0)] public string? Type { get; init; }

    /// <summary>How instance types are chosen.</summary>
    [Id(1)] public string? AllocationStrategy { get; init; }

    /// <summary>vCPUs kept, at least 0.</summary>
    [Id(2)] public int? MinvCpus { get; init; }

    /// <summary>vCPUs at most.</summary>
    [Id(3)] public int? MaxvCpus { get; init; }

    /// <summary>vCPUs wanted now.</summary>
    [Id(4)] public int? DesiredvCpus { get; init; }

    /// <summary>Instance types, families or bundles.</summary>
    [Id(5)] public IReadOnlyList<string>? InstanceTypes { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(6)] public string? ImageId { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(7)] public IReadOnlyList<string>? Subnets { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(8)] public IReadOnlyList<string>? SecurityGroupIds { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(9)] public string? Ec2KeyPair { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(10)] public string? InstanceRole { get; init; }

    /// <summary>Tags of the instances.</summary>
    [Id(11)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(12)] public string? PlacementGroup { get; init; }

    /// <summary>0 to 100, SPOT only.</summary>
    [Id(13)] public int? BidPercentage { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(14)] public string? SpotIamFleetRole { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(15)] public LaunchTemplateSpecification? LaunchTemplate { get; init; }

    /// <summary>At most 2.</summary>
    [Id(16)] public IReadOnlyList<Ec2Configuration>? Ec2Configuration { get; init; }

    /// <summary>Scale-down delay.</summary>
    [Id(17)] public ComputeScalingPolicy? ScalingPolicy { get; init; }

    /// <summary>Updates only.</summary>
    [Id(18)] public bool? UpdateToLatestImageVersion { get; init; }

    /// <summary>Managed instances only.</summary>
    [Id(19)] public IReadOnlyDictionary<string, string>? CapacityTags { get; init; }

    /// <summary>Managed instances only.</summary>
    [Id(20)] public RawJson? ManagedInstancesProvider { get; init; }
}

/// <summary>A launch template.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LaunchTemplateSpecification")]
public sealed record LaunchTemplateSpecification
{
    /// <summary>Id.</summary>
    [Id(0)] public string? LaunchTemplateId { get; init; }

    /// <summary>Name.</summary>
    [Id(1)] public string? LaunchTemplateName { get; init; }

    /// <summary><c>$Default</c>, <c>$Latest</c> or a number.</summary>
    [Id(2)] public string? Version { get; init; }

    /// <summary>At most 10.</summary>
    [Id(3)] public IReadOnlyList<LaunchTemplateSpecificationOverride>? Overrides { get; init; }

    /// <summary>EKS_BOOTSTRAP_SH or EKS_NODEADM.</summary>
    [Id(4)] public string? UserdataType { get; init; }
}

/// <summary>A launch template for some instance types.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LaunchTemplateSpecificationOverride")]
public sealed record LaunchTemplateSpecificationOverride
{
    /// <summary>Id.</summary>
    [Id(0)] public string? LaunchTemplateId { get; init; }

    /// <summary>Name.</summary>
    [Id(1)] public string? LaunchTemplateName { get; init; }

    /// <summary>Version.</summary>
    [Id(2)] public string? Version { get; init; }

    /// <summary>Which.</summary>
    [Id(3)] public IReadOnlyList<string>? TargetInstanceTypes { get; init; }

    /// <summary>EKS_BOOTSTRAP_SH or EKS_NODEADM.</summary>
    [Id(4)] public string? UserdataType { get; init; }
}

/// <summary>An image for instances.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Ec2Configuration")]
public sealed record Ec2Configuration
{
    /// <summary>1 to 256 characters.</summary>
    [Id(0)] public string? ImageType { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(1)] public string? ImageIdOverride { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(2)] public string? ImageKubernetesVersion { get; init; }
}

/// <summary>Scale-down delay.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ComputeScalingPolicy")]
public sealed record ComputeScalingPolicy
{
    /// <summary>20 to 10080, or 0 for none.</summary>
    [Id(0)] public int? MinScaleDownDelayMinutes { get; init; }
}
