using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Works a submission's overrides into its definition's container.</summary>
/// <remarks>Source: AWS Batch API, ContainerOverrides.</remarks>
internal static class Overrides
{
    /// <summary>Checks what needs no definition.</summary>
    /// <param name="overrides">As they came.</param>
    /// <param name="where">The member that they stand in.</param>
    /// <param name="isNode">Whether they are a node's.</param>
    /// <exception cref="BatchClientException">A member breaks a rule.</exception>
    public static void Check(ContainerOverrides? overrides, string where = "containerOverrides", bool isNode = false)
    {
        if (overrides is null)
        {
            return;
        }

        if (overrides.InstanceType is not null && !isNode)
        {
            throw new BatchClientException($"{where}.instanceType is for multi-node parallel jobs only.");
        }

        if (overrides.InstanceType is "")
        {
            throw new BatchClientException($"{where}.instanceType cannot be empty.");
        }

        if (overrides.Command?.Any(string.IsNullOrEmpty) == true)
        {
            throw new BatchClientException($"{where}.command must not contain an empty string.");
        }

        EnvironmentRules.Check(overrides.Environment, $"{where}.environment");
        ResourceRules.CheckTypes(overrides.ResourceRequirements);
    }

    /// <summary>The container with the overrides over it.</summary>
    public static ContainerProperties Over(ContainerProperties container, ContainerOverrides? overrides, bool isFargate)
    {
        if (overrides is null)
        {
            return container;
        }

        if (isFargate && (overrides.Vcpus ?? overrides.Memory) is not null)
        {
            throw new BatchClientException("containerOverrides.vcpus and containerOverrides.memory are not applicable for Fargate. Use resourceRequirements.");
        }

        return container with
        {
            Command = overrides.Command ?? container.Command,
            Environment = Merge(container.Environment, overrides.Environment, variable => variable.Name),
            ResourceRequirements = Merge(container.ResourceRequirements, overrides.ResourceRequirements, requirement => requirement.Type),
            // The deprecated forms override only themselves, and give way to the form that replaced them.
            Vcpus = Legacy(container.Vcpus, overrides.Vcpus, overrides.ResourceRequirements, "VCPU"),
            Memory = Legacy(container.Memory, overrides.Memory, overrides.ResourceRequirements, "MEMORY"),
        };
    }

    /// <summary>Characters of the overrides as the task gets them: the command with its parameters in it.</summary>
    public static int Length(ContainerOverrides? overrides, ContainerProperties container) => overrides is null
        ? 0
        : SubmissionSize.OfTaskOverrides(overrides.Command is null ? overrides : overrides with { Command = container.Command });

    private static int? Legacy(int? defined, int? given, IReadOnlyList<ResourceRequirement>? requirements, string type) =>
        defined is null || requirements?.Any(requirement => requirement.Type == type) == true ? null : given ?? defined;

    /// <summary>What is there keeps its place; what is new follows. A name given twice in the overrides counts once, the last time.</summary>
    public static IReadOnlyList<T>? Merge<T>(IReadOnlyList<T>? below, IReadOnlyList<T>? above, Func<T, string?> key)
    {
        if (above is not { Count: > 0 })
        {
            return below;
        }

        List<T> merged = [.. below ?? []];
        foreach (var item in above)
        {
            var place = merged.FindIndex(other => key(other) == key(item));
            if (place < 0)
            {
                merged.Add(item);
            }
            else
            {
                merged[place] = item;
            }
        }

        return merged;
    }
}
