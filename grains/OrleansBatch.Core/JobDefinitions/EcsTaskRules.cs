using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What ecsProperties may hold.</summary>
/// <remarks>Source: AWS Batch API, EcsTaskProperties and TaskContainerProperties; the texts were measured against the live service.</remarks>
internal static class EcsTaskRules
{
    private const int MostContainers = 10;
    private const int LongestName = 255;
    private const int ShortestTimeout = 2;
    private const int LongestTimeoutOnFargate = 120;
    private const string ManagedInstances = "MANAGED_INSTANCES";

    /// <summary>Whether it asks for something: clients also send empty objects and lists, which ask for nothing.</summary>
    public static bool IsGiven(this EcsProperties? properties) => properties?.TaskProperties is { Count: > 0 };

    /// <summary>Checks ecsProperties.</summary>
    /// <param name="properties">As they came.</param>
    /// <param name="platform"><c>EC2</c>, <c>FARGATE</c> or <c>MANAGED_INSTANCES</c>.</param>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void Check(EcsProperties properties, string platform)
    {
        if (properties.TaskProperties is not [{ } task])
        {
            throw new ValidationException($"ecsProperties.taskProperties must have exactly 1 element, got {properties.TaskProperties?.Count ?? 0}.");
        }

        var containers = task.Containers ?? [];
        if (containers.Count is < 1 or > MostContainers || containers.Any(container => container is null))
        {
            throw new ValidationException($"Number of containers must be between 1 and {MostContainers}");
        }

        CheckNames(containers);
        CheckTask(task, platform);
        CheckContainers(task, containers, platform);
        CheckDependencies(containers);
    }

    private static void CheckNames(IReadOnlyList<TaskContainerProperties> containers)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var name in containers.Select(container => container.NameOrDefault()))
        {
            if (name.Length > LongestName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                throw new ValidationException($"Container name {name} must have 1 to {LongestName} characters out of letters, digits, '-' and '_'.");
            }

            if (!seen.Add(name))
            {
                throw new ValidationException($"The container name: {name} must be unique in multi-container job.");
            }
        }

        if (!containers.Any(container => container.IsEssential()))
        {
            throw new ValidationException("At least one container must be set as essential");
        }
    }

    private static void CheckTask(EcsTaskProperties task, string platform)
    {
        if (task.IpcMode is { } ipc and not ("host" or "task" or "none"))
        {
            throw new ValidationException($"ipcMode {ipc} is not valid. Valid values are: [host, task, none]");
        }

        if (task.IpcMode is not null && platform == "FARGATE")
        {
            throw new ValidationException("ipcMode is not applicable for Fargate.");
        }

        if (task.PidMode is { } pid and not ("host" or "task"))
        {
            throw new ValidationException($"pidMode {pid} is not valid. Valid values are: [host, task]");
        }

        if (task.NetworkMode is not null && platform != ManagedInstances)
        {
            throw new ValidationException("networkMode is only applicable for MANAGED_INSTANCES.");
        }

        if (task.NetworkMode is { } network and not "host")
        {
            throw new ValidationException($"networkMode {network} is not valid. Valid values are: [host]");
        }
    }

    private static void CheckContainers(EcsTaskProperties task, IReadOnlyList<TaskContainerProperties> containers, string platform)
    {
        var isFargate = platform == "FARGATE";
        foreach (var container in containers)
        {
            ContainerRules.CheckImage(container.Image);
        }

        var needs = ResourceRules.NeedsOf(containers, isFargate);
        foreach (var container in containers)
        {
            ContainerRules.CheckInside(WithoutManaged(container.Alone(task), platform), isFargate, needs, TaskContainers.Place);
            CheckTimeout("startTimeout", container.StartTimeout, isFargate);
            CheckTimeout("stopTimeout", container.StopTimeout, isFargate);
            if (container.FirelensConfiguration is { } firelens && firelens.Type is not ("fluentd" or "fluentbit"))
            {
                throw new ValidationException($"firelensConfiguration type {firelens.Type} is not valid. Valid values are: [fluentd, fluentbit]");
            }
        }
    }

    /// <summary>What only managed instances may say beside what EC2 may.</summary>
    private static ContainerProperties WithoutManaged(ContainerProperties container, string platform)
    {
        if (platform != ManagedInstances || container.RuntimePlatform is not { } runtime)
        {
            return container;
        }

        return (runtime.OperatingSystemFamily ?? "LINUX", runtime.CpuArchitecture ?? "X86_64") switch
        {
            ("LINUX", "X86_64" or "ARM64") => container with { RuntimePlatform = null },
            ("LINUX", var other) => throw new ValidationException($"cpuArchitecture {other} is not valid. Valid values are: [X86_64, ARM64]"),
            (var other, _) => throw new ValidationException($"operatingSystemFamily {other} is not valid. Valid values are: [LINUX]"),
        };
    }

    private static void CheckTimeout(string member, int? seconds, bool isFargate)
    {
        if (seconds is < ShortestTimeout || (isFargate && seconds > LongestTimeoutOnFargate))
        {
            throw new ValidationException(isFargate
                ? $"{member} is {seconds}, it must be between {ShortestTimeout} and {LongestTimeoutOnFargate} for Fargate."
                : $"{member} is {seconds}, it must be at least {ShortestTimeout}.");
        }
    }

    private static void CheckDependencies(IReadOnlyList<TaskContainerProperties> containers)
    {
        var byName = containers.ToDictionary(container => container.NameOrDefault(), StringComparer.Ordinal);
        foreach (var container in containers)
        {
            foreach (var dependency in container.DependsOn ?? [])
            {
                CheckDependency(dependency, byName);
            }
        }

        if (FindCircle(byName) is { } name)
        {
            throw new ValidationException($"Container {name} depends on itself.");
        }
    }

    private static void CheckDependency(TaskContainerDependency? dependency, Dictionary<string, TaskContainerProperties> byName)
    {
        if (byName.Count == 1)
        {
            throw new ValidationException("Container dependency can not be used in a single-container job.");
        }

        var condition = TaskContainers.Condition(dependency?.Condition)
            ?? throw new ValidationException($"TaskContainer dependency {dependency?.Condition} is not valid. Valid values are: [START, COMPLETE, SUCCESS]");
        if (!byName.TryGetValue(dependency!.ContainerName ?? "", out var target))
        {
            throw new ValidationException($"containerName {dependency.ContainerName} must reference a defined container.");
        }

        if (condition != ContainerCondition.Start && target.IsEssential())
        {
            throw new ValidationException(
                $"The container target of a dependency can not have condition {dependency.Condition} if the target is essential");
        }
    }

    /// <summary>A container that, by way of others, waits for itself; null when there is none.</summary>
    private static string? FindCircle(Dictionary<string, TaskContainerProperties> byName)
    {
        // Whoever waits only for those that can start can start: what is left over then waits in a circle.
        HashSet<string> startable = new(StringComparer.Ordinal);
        while (byName.FirstOrDefault(each => !startable.Contains(each.Key)
            && (each.Value.DependsOn ?? []).All(dependency => startable.Contains(dependency.ContainerName!))).Key is { } next)
        {
            startable.Add(next);
        }

        return byName.Keys.FirstOrDefault(name => !startable.Contains(name));
    }
}
