using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Model.Jobs;

/// <summary>What a submission changes of its definition's containers.</summary>
/// <remarks>Source: AWS Batch API, EcsPropertiesOverride.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EcsPropertiesOverride")]
public sealed record EcsPropertiesOverride
{
    /// <summary>At most one.</summary>
    [Id(0)] public IReadOnlyList<TaskPropertiesOverride>? TaskProperties { get; init; }
}

/// <summary>What a submission changes of its definition's task.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TaskPropertiesOverride")]
public sealed record TaskPropertiesOverride
{
    /// <summary>One for each container that is changed.</summary>
    [Id(0)] public IReadOnlyList<TaskContainerOverrides>? Containers { get; init; }
}

/// <summary>What a submission changes of one container.</summary>
/// <remarks>Source: AWS Batch API, TaskContainerOverrides.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TaskContainerOverrides")]
public sealed record TaskContainerOverrides
{
    /// <summary>Replaces the whole command.</summary>
    [Id(0)] public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Merged by name.</summary>
    [Id(1)] public IReadOnlyList<EnvironmentVariable>? Environment { get; init; }

    /// <summary>The container.</summary>
    [Id(2)] public string? Name { get; init; }

    /// <summary>Merged by type.</summary>
    [Id(3)] public IReadOnlyList<ResourceRequirement>? ResourceRequirements { get; init; }
}

/// <summary>The containers after overrides, with the facts of the latest attempt.</summary>
/// <remarks>Source: AWS Batch API, EcsPropertiesDetail.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EcsPropertiesDetail")]
public sealed record EcsPropertiesDetail
{
    /// <summary>Exactly one.</summary>
    [Id(0)] public required IReadOnlyList<EcsTaskDetails> TaskProperties { get; init; }
}

/// <summary>The task after overrides, with the facts of the latest attempt.</summary>
/// <remarks>Source: AWS Batch API, EcsTaskDetails.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EcsTaskDetails")]
public sealed record EcsTaskDetails
{
    /// <summary>Its containers.</summary>
    [Id(0)] public required IReadOnlyList<TaskContainerDetails> Containers { get; init; }

    /// <summary>From STARTING on.</summary>
    [Id(1)] public string? ContainerInstanceArn { get; init; }

    /// <summary>From STARTING on.</summary>
    [Id(2)] public string? TaskArn { get; init; }

    /// <summary>Fargate ephemeral storage.</summary>
    [Id(3)] public EphemeralStorage? EphemeralStorage { get; init; }

    /// <summary>Role that starts the task.</summary>
    [Id(4)] public string? ExecutionRoleArn { get; init; }

    /// <summary>Fargate platform version.</summary>
    [Id(5)] public string? PlatformVersion { get; init; }

    /// <summary><c>host</c>, <c>task</c> or <c>none</c>.</summary>
    [Id(6)] public string? IpcMode { get; init; }

    /// <summary>Role that the containers act under.</summary>
    [Id(7)] public string? TaskRoleArn { get; init; }

    /// <summary><c>host</c> or <c>task</c>.</summary>
    [Id(8)] public string? PidMode { get; init; }

    /// <summary>Fargate network.</summary>
    [Id(9)] public NetworkConfiguration? NetworkConfiguration { get; init; }

    /// <summary>Operating system and architecture.</summary>
    [Id(10)] public RuntimePlatform? RuntimePlatform { get; init; }

    /// <summary>Volumes.</summary>
    [Id(11)] public IReadOnlyList<Volume> Volumes { get; init; } = [];

    /// <summary>Whether ECS Exec is wanted.</summary>
    [Id(12)] public bool? EnableExecuteCommand { get; init; }

    /// <summary><c>host</c>; managed instances only.</summary>
    [Id(13)] public string? NetworkMode { get; init; }
}

/// <summary>A container after overrides, with the facts of the latest attempt.</summary>
/// <remarks>Source: AWS Batch API, TaskContainerDetails.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.TaskContainerDetails")]
public sealed record TaskContainerDetails : TaskContainerProperties
{
    /// <summary>Absent until it ended with one.</summary>
    [Id(0)] public int? ExitCode { get; init; }

    /// <summary>The runtime's text.</summary>
    [Id(1)] public string? Reason { get; init; }

    /// <summary>From RUNNING on.</summary>
    [Id(2)] public string? LogStreamName { get; init; }

    /// <summary>Of a node of a multi-node job: its own; none on the host network.</summary>
    [Id(3)] public IReadOnlyList<NetworkInterface> NetworkInterfaces { get; init; } = [];
}

/// <summary>The task of an attempt that is over.</summary>
/// <remarks>Source: AWS Batch API, AttemptEcsTaskDetails.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptEcsTaskDetails")]
public sealed record AttemptEcsTaskDetails
{
    /// <summary>Modelled container instance.</summary>
    [Id(0)] public string? ContainerInstanceArn { get; init; }

    /// <summary>Modelled task.</summary>
    [Id(1)] public string? TaskArn { get; init; }

    /// <summary>Its containers.</summary>
    [Id(2)] public required IReadOnlyList<AttemptTaskContainerDetails> Containers { get; init; }
}

/// <summary>A container of an attempt that is over.</summary>
/// <remarks>Source: AWS Batch API, AttemptTaskContainerDetails.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.AttemptTaskContainerDetails")]
public sealed record AttemptTaskContainerDetails
{
    /// <summary>Absent when there was none.</summary>
    [Id(0)] public int? ExitCode { get; init; }

    /// <summary>Which.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>The runtime's text.</summary>
    [Id(2)] public string? Reason { get; init; }

    /// <summary>Its log.</summary>
    [Id(3)] public string? LogStreamName { get; init; }

    /// <summary>Of a node of a multi-node job: its own; none on the host network.</summary>
    [Id(4)] public IReadOnlyList<NetworkInterface> NetworkInterfaces { get; init; } = [];
}
