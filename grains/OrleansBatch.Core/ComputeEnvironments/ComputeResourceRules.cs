using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.ComputeEnvironments;

/// <summary>What computeResources may hold. What nothing here resolves is checked for form only.</summary>
/// <remarks>Source: AWS Batch API, ComputeResource.</remarks>
internal static class ComputeResourceRules
{
    private static readonly string[] Types = ["EC2", "SPOT", "FARGATE", "FARGATE_SPOT"];

    private static readonly string[] Strategies =
    [
        "BEST_FIT", "BEST_FIT_PROGRESSIVE", "SPOT_CAPACITY_OPTIMIZED", "SPOT_PRICE_CAPACITY_OPTIMIZED",
        "BEST_FIT_PROGRESSIVE_ORDERED", "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED",
    ];

    /// <summary>Whether these are of Fargate.</summary>
    public static bool IsFargate(ComputeResource resources) => resources.Type is "FARGATE" or "FARGATE_SPOT";

    /// <summary>Checks the whole of them.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not available yet.</exception>
    public static void Check(ComputeResource resources)
    {
        CheckType(resources);
        if (resources.MaxvCpus is not { } max)
        {
            throw new ValidationException("Resource maxvCpus is required.");
        }

        if (max < 0)
        {
            throw new ValidationException($"maxvCpus is {max}, it must be at least 0.");
        }

        CheckNames(resources.Subnets, "subnets");
        CheckNames(resources.SecurityGroupIds, "securityGroupIds");
        if (resources.Subnets is null or [])
        {
            throw new ValidationException("Resource subnets is required.");
        }

        if (IsFargate(resources))
        {
            CheckFargate(resources);
        }
        else
        {
            CheckEc2(resources, max);
        }
    }

    /// <summary>Refuses what has no meaning on Fargate.</summary>
    /// <exception cref="ValidationException">Such a member is given.</exception>
    public static void RefuseEc2Members(ComputeResource resources)
    {
        var wrong = resources switch
        {
            { MinvCpus: not null } => "minvCpus",
            { DesiredvCpus: not null } => "desiredvCpus",
            { InstanceTypes.Count: > 0 } => "instanceTypes",
            { InstanceRole: not null } => "instanceRole",
            { AllocationStrategy: not null } => "allocationStrategy",
            { BidPercentage: not null } => "bidPercentage",
            { SpotIamFleetRole: not null } => "spotIamFleetRole",
            { ImageId: not null } => "imageId",
            { Ec2KeyPair: not null } => "ec2KeyPair",
            { PlacementGroup: not null } => "placementGroup",
            { Tags.Count: > 0 } => "tags",
            { LaunchTemplate: not null } => "launchTemplate",
            { Ec2Configuration.Count: > 0 } => "ec2Configuration",
            { ScalingPolicy: not null } => "scalingPolicy",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new ValidationException($"{wrong} is not applicable for Fargate.");
        }
    }

    private static void CheckType(ComputeResource resources)
    {
        if (resources.Type == "ECS_MANAGED_INSTANCES")
        {
            throw Unavailable.Feature("A compute environment of type ECS_MANAGED_INSTANCES");
        }

        if (resources.Type is null || !Types.Contains(resources.Type))
        {
            throw new ValidationException(resources.Type is null
                ? "Resource type is required."
                : $"Resource type {resources.Type} is not valid. Valid values are: [{string.Join(", ", Types)}]");
        }

        if (resources.CapacityTags is { Count: > 0 } || resources.ManagedInstancesProvider.IsGiven())
        {
            throw new ValidationException(
                $"{(resources.CapacityTags is { Count: > 0 } ? "capacityTags" : "managedInstancesProvider")} is only applicable for ECS_MANAGED_INSTANCES.");
        }
    }

    private static void CheckFargate(ComputeResource resources)
    {
        RefuseEc2Members(resources);
        if (resources.Subnets!.Count > 16)
        {
            throw new ValidationException($"subnets has {resources.Subnets.Count} entries, at most 16 are allowed for Fargate.");
        }

        if (resources.SecurityGroupIds is not { Count: >= 1 and <= 5 })
        {
            throw new ValidationException($"securityGroupIds has {resources.SecurityGroupIds?.Count ?? 0} entries, 1 to 5 are required for Fargate.");
        }
    }

    private static void CheckEc2(ComputeResource resources, int max)
    {
        if (resources.MinvCpus is not { } min)
        {
            throw new ValidationException("Resource minvCpus is required.");
        }

        if (min < 0 || min > max)
        {
            throw new ValidationException($"minvCpus is {min}, it must be between 0 and maxvCpus, which is {max}.");
        }

        if (resources.DesiredvCpus is { } desired && (desired < min || desired > max))
        {
            throw new ValidationException("desiredvCpus should be between minvCpus and maxvCpus.");
        }

        if (string.IsNullOrEmpty(resources.InstanceRole))
        {
            throw new ValidationException("Instance role is required.");
        }

        InstanceTypes.Check(resources.InstanceTypes);
        LaunchTemplateRules.Check(resources.LaunchTemplate, resources.InstanceTypes!);
        if (resources.SecurityGroupIds is null or [] && resources.LaunchTemplate is null)
        {
            throw new ValidationException("securityGroupIds is required unless a launch template names them.");
        }

        CheckStrategy(resources);
        CheckSpot(resources);
        CheckImages(resources.Ec2Configuration);
        if (resources.ScalingPolicy?.MinScaleDownDelayMinutes is { } delay and not (0 or (>= 20 and <= 10080)))
        {
            throw new ValidationException($"minScaleDownDelayMinutes is {delay}, it must be 0 or between 20 and 10080.");
        }

        TagRules.Check(resources.Tags);
    }

    private static void CheckStrategy(ComputeResource resources)
    {
        if (resources.AllocationStrategy is not { } strategy)
        {
            return;
        }

        if (!Strategies.Contains(strategy))
        {
            throw new ValidationException($"Allocation strategy {strategy} is not valid. Valid values are: [{string.Join(", ", Strategies)}]");
        }

        if (strategy.StartsWith("SPOT_", StringComparison.Ordinal) && resources.Type != "SPOT")
        {
            throw new ValidationException($"Allocation strategy {strategy} is only applicable for SPOT.");
        }

        if (strategy == "BEST_FIT_PROGRESSIVE_ORDERED" && resources.Type != "EC2")
        {
            throw new ValidationException($"Allocation strategy {strategy} is only applicable for EC2.");
        }

        if (strategy is "BEST_FIT_PROGRESSIVE_ORDERED" or "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED"
            && resources.InstanceTypes!.FirstOrDefault(InstanceTypes.IsBundle) is { } bundle)
        {
            throw new ValidationException($"Allocation strategy {strategy} needs instance types or families, not {bundle}.");
        }
    }

    private static void CheckSpot(ComputeResource resources)
    {
        if (resources.BidPercentage is < 0 or > 100)
        {
            throw new ValidationException($"bidPercentage is {resources.BidPercentage}, it must be between 0 and 100.");
        }

        if (resources is { Type: "SPOT", AllocationStrategy: null or "BEST_FIT" } && string.IsNullOrEmpty(resources.SpotIamFleetRole))
        {
            throw new ValidationException("Resource spotIamFleetRole is required for SPOT with allocation strategy BEST_FIT.");
        }
    }

    private static void CheckImages(IReadOnlyList<Ec2Configuration>? images)
    {
        if (images is { Count: > 2 })
        {
            throw new ValidationException($"ec2Configuration has {images.Count} entries, at most 2 are allowed.");
        }

        if (images?.Any(image => image.ImageType is not { Length: >= 1 and <= 256 }) == true)
        {
            throw new ValidationException("imageType of ec2Configuration is required and has 1 to 256 characters.");
        }
    }

    private static void CheckNames(IReadOnlyList<string>? names, string member)
    {
        if (names?.Any(name => name.Length is 0 or > 256 || name.Any(c => c <= ' ')) == true)
        {
            throw new ValidationException($"Each of {member} must have 1 to 256 characters and no white space.");
        }
    }
}
