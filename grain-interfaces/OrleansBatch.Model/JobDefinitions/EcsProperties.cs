namespace OrleansBatch.Model.JobDefinitions;

/// <summary>A job of several containers, as registered, or after overrides and substitution.</summary>
/// <remarks>Source: AWS Batch API, EcsProperties.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EcsProperties")]
public sealed record EcsProperties
{
    /// <summary>Exactly one.</summary>
    [Id(0)] public IReadOnlyList<EcsTaskProperties>? TaskProperties { get; init; }
}

/// <summary>The task that the containers run in.</summary>
/// <remarks>Source: AWS Batch API, EcsTaskProperties. Members that nothing here resolves are checked for form, kept and given back.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EcsTaskProperties")]
public sealed record EcsTaskProperties
{
    /// <summary>1 to 10.</summary>
    [Id(0)] public IReadOnlyList<TaskContainerProperties>? Containers { get; init; }

    /// <summary>Fargate ephemeral storage.</summary>
    [Id(1)] public EphemeralStorage? EphemeralStorage { get; init; }

    /// <summary>Role that starts the task.</summary>
    [Id(2)] public string? ExecutionRoleArn { get; init; }

    /// <summary>Fargate platform version; default <c>LATEST</c>.</summary>
    [Id(3)] public string? PlatformVersion { get; init; }

    /// <summary><c>host</c>, <c>task</c> or <c>none</c>.</summary>
    [Id(4)] public string? IpcMode { get; init; }

    /// <summary>Role that the containers act under.</summary>
    [Id(5)] public string? TaskRoleArn { get; init; }

    /// <summary><c>host</c> or <c>task</c>.</summary>
    [Id(6)] public string? PidMode { get; init; }

    /// <summary>Fargate network.</summary>
    [Id(7)] public NetworkConfiguration? NetworkConfiguration { get; init; }

    /// <summary>Operating system and architecture; Fargate and managed instances.</summary>
    [Id(8)] public RuntimePlatform? RuntimePlatform { get; init; }

    /// <summary>Volumes.</summary>
    [Id(9)] public IReadOnlyList<Volume>? Volumes { get; init; }

    /// <summary>Whether ECS Exec is wanted.</summary>
    [Id(10)] public bool? EnableExecuteCommand { get; init; }

    /// <summary><c>host</c>; managed instances only.</summary>
    [Id(11)] public string? NetworkMode { get; init; }
}

/// <summary>One container of a task.</summary>
/// <remarks>Source: AWS Batch API, TaskContainerProperties.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TaskContainerProperties")]
public record TaskContainerProperties
{
    /// <summary>Program and arguments: no shell.</summary>
    [Id(0)] public IReadOnlyList<string>? Command { get; init; }

    /// <summary>What must have happened to other containers before it starts.</summary>
    [Id(1)] public IReadOnlyList<TaskContainerDependency>? DependsOn { get; init; }

    /// <summary>Environment; names do not begin with <c>AWS_BATCH</c>.</summary>
    [Id(2)] public IReadOnlyList<EnvironmentVariable>? Environment { get; init; }

    /// <summary>Whether the task ends with it; default true. At least one container is essential.</summary>
    [Id(3)] public bool? Essential { get; init; }

    /// <summary>Log router.</summary>
    [Id(4)] public FirelensConfiguration? FirelensConfiguration { get; init; }

    /// <summary>Image, 1 to 255 characters. The process runtime does not use it.</summary>
    [Id(5)] public string? Image { get; init; }

    /// <summary>Linux settings.</summary>
    [Id(6)] public LinuxParameters? LinuxParameters { get; init; }

    /// <summary>Log driver and options.</summary>
    [Id(7)] public LogConfiguration? LogConfiguration { get; init; }

    /// <summary>Where volumes are seen.</summary>
    [Id(8)] public IReadOnlyList<MountPoint>? MountPoints { get; init; }

    /// <summary>Name, unique in the task; default <c>default</c>.</summary>
    [Id(9)] public string? Name { get; init; }

    /// <summary>Whether the container is privileged.</summary>
    [Id(10)] public bool? Privileged { get; init; }

    /// <summary>Whether the root file system is read-only.</summary>
    [Id(11)] public bool? ReadonlyRootFilesystem { get; init; }

    /// <summary>Credentials of a private registry.</summary>
    [Id(12)] public RepositoryCredentials? RepositoryCredentials { get; init; }

    /// <summary>vCPU, memory and GPUs.</summary>
    [Id(13)] public IReadOnlyList<ResourceRequirement>? ResourceRequirements { get; init; }

    /// <summary>Secrets.</summary>
    [Id(14)] public IReadOnlyList<Secret>? Secrets { get; init; }

    /// <summary>Process limits.</summary>
    [Id(15)] public IReadOnlyList<Ulimit>? Ulimits { get; init; }

    /// <summary>User inside the container.</summary>
    [Id(16)] public string? User { get; init; }

    /// <summary>Seconds from its start within which it must have ended as others that wait for its end want it; at least 2. Null: no limit.</summary>
    /// <remarks>Source: Amazon ECS API, ContainerDefinition.startTimeout: it stands at the container that is waited for.</remarks>
    [Id(17)] public int? StartTimeout { get; init; }

    /// <summary>Seconds from SIGTERM to SIGKILL, at least 2; default 30.</summary>
    [Id(18)] public int? StopTimeout { get; init; }
}

/// <summary>What one container waits for.</summary>
/// <remarks>Source: AWS Batch API, TaskContainerDependency.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TaskContainerDependency")]
public sealed record TaskContainerDependency
{
    /// <summary>Name of the other container.</summary>
    [Id(0)] public string? ContainerName { get; init; }

    /// <summary><c>START</c>, <c>COMPLETE</c> or <c>SUCCESS</c>.</summary>
    [Id(1)] public string? Condition { get; init; }
}

/// <summary>A log router. Nothing here resolves it.</summary>
/// <remarks>Source: AWS Batch API, FirelensConfiguration.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FirelensConfiguration")]
public sealed record FirelensConfiguration
{
    /// <summary><c>fluentd</c> or <c>fluentbit</c>.</summary>
    [Id(0)] public string? Type { get; init; }

    /// <summary>Options.</summary>
    [Id(1)] public IReadOnlyDictionary<string, string>? Options { get; init; }
}
