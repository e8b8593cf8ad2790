using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.ComputeEnvironments;

/// <summary>What an update may change of computeResources.</summary>
/// <remarks>Source: AWS Batch API, ComputeResourceUpdate; user guide, "Updating a compute environment".</remarks>
internal static class ComputeResourceUpdates
{
    /// <summary>Whether an update changes more than the scaling: hosts with the former settings are replaced.</summary>
    public static bool IsInfrastructure(ComputeResource stored, ComputeResource updated, ComputeResource change) =>
        !ComputeResourceRules.IsFargate(stored) && (!Same(stored, updated) || change.UpdateToLatestImageVersion == true);

    /// <summary>The resources after an update; not yet checked as a whole.</summary>
    /// <exception cref="BatchClientException">The environment cannot change like this.</exception>
    public static ComputeResource Apply(ComputeEnvironmentConfiguration environment, ComputeResource change, int? desiredvCpus)
    {
        if (environment.ComputeResources is not { } stored)
        {
            throw new ValidationException("computeResources is not applicable for an UNMANAGED compute environment.");
        }

        return ComputeResourceRules.IsFargate(stored)
            ? ApplyToFargate(stored, change)
            : ApplyToEc2(environment, stored, change, desiredvCpus);
    }

    private static ComputeResource ApplyToFargate(ComputeResource stored, ComputeResource change)
    {
        if (change.Type is not null && change.Type != stored.Type)
        {
            throw new ValidationException($"A compute environment of type {stored.Type} can not become {change.Type}.");
        }

        ComputeResourceRules.RefuseEc2Members(change);
        return stored with
        {
            MaxvCpus = change.MaxvCpus ?? stored.MaxvCpus,
            // Empty lists change nothing here.
            Subnets = change.Subnets is { Count: > 0 } ? change.Subnets : stored.Subnets,
            SecurityGroupIds = change.SecurityGroupIds is { Count: > 0 } ? change.SecurityGroupIds : stored.SecurityGroupIds,
            CapacityTags = change.CapacityTags,
            ManagedInstancesProvider = change.ManagedInstancesProvider,
        };
    }

    private static ComputeResource ApplyToEc2(
        ComputeEnvironmentConfiguration environment, ComputeResource stored, ComputeResource change, int? desiredvCpus)
    {
        if (change.Type is not (null or "EC2" or "SPOT"))
        {
            throw new ValidationException($"A compute environment of type {stored.Type} can not become {change.Type}.");
        }

        var kept = stored with
        {
            Type = change.Type ?? stored.Type,
            AllocationStrategy = change.AllocationStrategy ?? stored.AllocationStrategy,
            InstanceTypes = change.InstanceTypes ?? stored.InstanceTypes,
            ImageId = Cleared(change.ImageId, stored.ImageId),
            Subnets = change.Subnets ?? stored.Subnets,
            SecurityGroupIds = change.SecurityGroupIds ?? stored.SecurityGroupIds,
            Ec2KeyPair = Cleared(change.Ec2KeyPair, stored.Ec2KeyPair),
            InstanceRole = change.InstanceRole ?? stored.InstanceRole,
            Tags = change.Tags ?? stored.Tags,
            PlacementGroup = change.PlacementGroup ?? stored.PlacementGroup,
            BidPercentage = change.BidPercentage ?? stored.BidPercentage,
            LaunchTemplate = LaunchTemplateOf(change.LaunchTemplate, stored.LaunchTemplate),
            Ec2Configuration = change.Ec2Configuration ?? stored.Ec2Configuration,
            CapacityTags = change.CapacityTags,
            ManagedInstancesProvider = change.ManagedInstancesProvider,
        };
        CheckInfrastructure(environment, stored, kept, change);
        var min = change.MinvCpus ?? stored.MinvCpus;
        var max = change.MaxvCpus ?? stored.MaxvCpus;
        return kept with
        {
            MinvCpus = min,
            MaxvCpus = max,
            DesiredvCpus = DesiredOf(change.DesiredvCpus, desiredvCpus ?? stored.DesiredvCpus, min, max),
            ScalingPolicy = change.ScalingPolicy ?? stored.ScalingPolicy,
        };
    }

    // Anything but scaling replaces instances: the service does that only for some environments.
    private static void CheckInfrastructure(
        ComputeEnvironmentConfiguration environment, ComputeResource stored, ComputeResource kept, ComputeResource change)
    {
        if (!IsInfrastructure(stored, kept, change))
        {
            return;
        }

        if (change.AllocationStrategy == "BEST_FIT")
        {
            throw new ValidationException("Allocation strategy can not be updated to BEST_FIT.");
        }

        if (stored.AllocationStrategy is null or "BEST_FIT")
        {
            throw new BatchClientException(
                "A compute environment with allocation strategy BEST_FIT allows updates of "
                + "minvCpus, maxvCpus, desiredvCpus, scalingPolicy, state and serviceRole only.");
        }

        // Without a role the service uses its service-linked one.
        if (!string.IsNullOrEmpty(environment.ServiceRole) && !environment.ServiceRole.Contains("AWSServiceRoleForBatch", StringComparison.Ordinal))
        {
            throw new BatchClientException(
                $"A compute environment with service role {environment.ServiceRole} allows scaling updates only, others need the service-linked role.");
        }
    }

    // Unasked it stays as the environment has it, but inside the new bounds.
    private static int? DesiredOf(int? asked, int? now, int? min, int? max)
    {
        if (asked is null)
        {
            return min <= max && now is { } value ? Math.Clamp(value, min.Value, max.Value) : now;
        }

        return asked < now
            ? throw new BatchClientException(
                "Manually scaling down compute environment is not supported. "
                + "Disconnecting job queues from compute environment will cause it to scale-down to minvCpus")
            : asked;
    }

    private static string? Cleared(string? change, string? stored) => change is "" ? null : change ?? stored;

    private static LaunchTemplateSpecification? LaunchTemplateOf(LaunchTemplateSpecification? change, LaunchTemplateSpecification? stored) =>
        change switch
        {
            null => stored,
            { LaunchTemplateId: "", LaunchTemplateName: null or "" } or { LaunchTemplateId: null, LaunchTemplateName: "" } => null,
            _ => change,
        };

    // Records compare lists by reference, so compare what they say.
    private static bool Same(ComputeResource left, ComputeResource right) =>
        (left.Type, left.AllocationStrategy, left.ImageId, left.Ec2KeyPair, left.InstanceRole, left.PlacementGroup, left.BidPercentage)
            == (right.Type, right.AllocationStrategy, right.ImageId, right.Ec2KeyPair, right.InstanceRole, right.PlacementGroup, right.BidPercentage)
        && Same(left.InstanceTypes, right.InstanceTypes)
        && Same(left.Subnets, right.Subnets)
        && Same(left.SecurityGroupIds, right.SecurityGroupIds)
        && Same(left.Ec2Configuration, right.Ec2Configuration)
        && Same(left.Tags?.OrderBy(tag => tag.Key, StringComparer.Ordinal), right.Tags?.OrderBy(tag => tag.Key, StringComparer.Ordinal))
        && Same(left.LaunchTemplate, right.LaunchTemplate);

    private static bool Same(LaunchTemplateSpecification? left, LaunchTemplateSpecification? right) =>
        (left is null) == (right is null)
        && (left?.LaunchTemplateId, left?.LaunchTemplateName, left?.Version, left?.UserdataType)
            == (right?.LaunchTemplateId, right?.LaunchTemplateName, right?.Version, right?.UserdataType)
        && (left?.Overrides ?? []).Count == (right?.Overrides ?? []).Count
        && (left?.Overrides ?? []).Zip(right?.Overrides ?? []).All(pair =>
            pair.First with { TargetInstanceTypes = null } == pair.Second with { TargetInstanceTypes = null }
            && Same(pair.First.TargetInstanceTypes, pair.Second.TargetInstanceTypes));

    private static bool Same<T>(IEnumerable<T>? left, IEnumerable<T>? right) => (left ?? []).SequenceEqual(right ?? []);
}
