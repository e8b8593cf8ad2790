using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Works a submission's overrides into the containers of its definition's task.</summary>
/// <remarks>Source: AWS Batch API, EcsPropertiesOverride.</remarks>
internal static class EcsOverrides
{
    private const string Place = "ecsPropertiesOverride.taskProperties";

    /// <summary>Whether it asks for something: clients also send empty objects and lists, which ask for nothing.</summary>
    public static bool IsGiven(this EcsPropertiesOverride? overrides) => overrides?.TaskProperties is { Count: > 0 };

    /// <summary>Checks what needs no definition.</summary>
    /// <exception cref="BatchClientException">A member breaks a rule.</exception>
    public static void Check(EcsPropertiesOverride? overrides)
    {
        if (overrides?.TaskProperties is { Count: > 1 } tasks)
        {
            throw new BatchClientException($"{Place} can have at most 1 element, got {tasks.Count}.");
        }

        HashSet<string?> seen = [];
        foreach (var container in Containers(overrides))
        {
            if (string.IsNullOrEmpty(container?.Name))
            {
                throw new BatchClientException($"{Place}.containers: every entry needs the name of a container.");
            }

            if (!seen.Add(container.Name))
            {
                throw new BatchClientException($"{Place}.containers: container {container.Name} is given twice.");
            }

            if (container.Command?.Any(string.IsNullOrEmpty) == true)
            {
                throw new BatchClientException($"{Place}.containers.command must not contain an empty string.");
            }

            EnvironmentRules.Check(container.Environment, $"{Place}.containers.environment");
            ResourceRules.CheckTypes(container.ResourceRequirements);
        }
    }

    /// <summary>The task with the overrides over it, and parameters in its commands. <see cref="Check"/> has accepted them.</summary>
    /// <exception cref="BatchClientException">A name is that of no container, or a reference has no value.</exception>
    public static EcsTaskProperties Over(
        EcsTaskProperties task, EcsPropertiesOverride? overrides, IReadOnlyDictionary<string, string> parameters)
    {
        var merged = Merge(task, overrides);
        return merged with
        {
            Containers = [.. merged.Containers!.Select(container => container with { Command = ParameterSubstitution.InCommand(container.Command ?? [], parameters) })],
        };
    }

    /// <summary>The task with the overrides over it. <see cref="Check"/> has accepted them.</summary>
    /// <exception cref="BatchClientException">A name is that of no container.</exception>
    public static EcsTaskProperties Merge(EcsTaskProperties task, EcsPropertiesOverride? overrides)
    {
        var byName = Containers(overrides).ToDictionary(container => container.Name!, StringComparer.Ordinal);
        var containers = task.Containers!.Select(container => Over(container, byName.GetValueOrDefault(container.NameOrDefault()))).ToArray();
        var unknown = byName.Keys.FirstOrDefault(name => !containers.Any(container => container.NameOrDefault() == name));
        return unknown is null
            ? task with { Containers = containers }
            : throw new BatchClientException($"{Place}.containers: the job definition has no container {unknown}.");
    }

    /// <summary>Characters of the overrides as the task gets them: the commands with their parameters in them.</summary>
    public static int Length(EcsPropertiesOverride? overrides, EcsTaskProperties task)
    {
        var given = Containers(overrides);
        return given.Count == 0
            ? 0
            : SubmissionSize.OfTaskOverrides([.. given.Select(one => new TaskContainerOverride(
                one.Name!,
                one.Command is null ? null : task.Containers!.First(container => container.NameOrDefault() == one.Name).Command,
                one.Environment,
                one.ResourceRequirements))]);
    }

    private static TaskContainerProperties Over(TaskContainerProperties container, TaskContainerOverrides? overrides) => container with
    {
        Command = overrides?.Command ?? container.Command,
        Environment = Overrides.Merge(container.Environment, overrides?.Environment, variable => variable.Name),
        ResourceRequirements = Overrides.Merge(container.ResourceRequirements, overrides?.ResourceRequirements, requirement => requirement.Type),
    };

    private static IReadOnlyList<TaskContainerOverrides> Containers(EcsPropertiesOverride? overrides) =>
        overrides?.TaskProperties is [{ Containers: { } containers }] ? containers : [];
}
