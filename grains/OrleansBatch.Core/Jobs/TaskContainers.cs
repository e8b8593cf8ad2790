using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Jobs;

/// <summary>What the members of a container of a task mean.</summary>
internal static class TaskContainers
{
    /// <summary>Where the containers of a task stand in a request.</summary>
    public const string Place = "ecsProperties.taskProperties.containers";

    private const string DefaultName = "default";

    /// <summary>The name by which others, overrides and the log stream mean it.</summary>
    public static string NameOrDefault(this TaskContainerProperties container) => string.IsNullOrEmpty(container.Name) ? DefaultName : container.Name;

    /// <summary>Whether the task ends with it.</summary>
    public static bool IsEssential(this TaskContainerProperties container) => container.Essential ?? true;

    /// <summary>A condition of the wire; null when there is no such.</summary>
    public static ContainerCondition? Condition(string? text) => text switch
    {
        "START" => ContainerCondition.Start,
        "COMPLETE" => ContainerCondition.Complete,
        "SUCCESS" => ContainerCondition.Success,
        _ => null,
    };

    /// <summary>The container as if it were a job's only one, with what its task says put in.</summary>
    public static ContainerProperties Alone(this TaskContainerProperties container, EcsTaskProperties task) => new()
    {
        Image = container.Image,
        Command = container.Command,
        JobRoleArn = task.TaskRoleArn,
        ExecutionRoleArn = task.ExecutionRoleArn,
        Volumes = task.Volumes,
        Environment = container.Environment,
        MountPoints = container.MountPoints,
        ReadonlyRootFilesystem = container.ReadonlyRootFilesystem,
        Privileged = container.Privileged,
        Ulimits = container.Ulimits,
        User = container.User,
        ResourceRequirements = container.ResourceRequirements,
        LinuxParameters = container.LinuxParameters,
        LogConfiguration = container.LogConfiguration,
        Secrets = container.Secrets,
        NetworkConfiguration = task.NetworkConfiguration,
        FargatePlatformConfiguration = task.PlatformVersion is null ? null : new() { PlatformVersion = task.PlatformVersion },
        EphemeralStorage = task.EphemeralStorage,
        RuntimePlatform = task.RuntimePlatform,
        RepositoryCredentials = container.RepositoryCredentials,
        EnableExecuteCommand = task.EnableExecuteCommand,
    };
}
