namespace OrleansBatch.Model.JobDefinitions;

/// <summary>One container of a job, as registered, or after overrides and substitution.</summary>
/// <remarks>Source: AWS Batch API, ContainerProperties. Members that nothing here resolves are checked for form, kept and given back.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ContainerProperties")]
public record ContainerProperties
{
    /// <summary>Image, 1 to 255 characters. The process runtime does not use it.</summary>
    [Id(0)] public string? Image { get; init; }

    /// <summary>vCPUs, the deprecated form.</summary>
    [Id(1)] public int? Vcpus { get; init; }

    /// <summary>Memory in MiB, the deprecated form.</summary>
    [Id(2)] public int? Memory { get; init; }

    /// <summary>Program and arguments: no shell.</summary>
    [Id(3)] public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Role that the job acts under.</summary>
    [Id(4)] public string? JobRoleArn { get; init; }

    /// <summary>Role that starts the job.</summary>
    [Id(5)] public string? ExecutionRoleArn { get; init; }

    /// <summary>Volumes.</summary>
    [Id(6)] public IReadOnlyList<Volume>? Volumes { get; init; }

    /// <summary>Environment; names do not begin with <c>AWS_BATCH</c>.</summary>
    [Id(7)] public IReadOnlyList<EnvironmentVariable>? Environment { get; init; }

    /// <summary>Where volumes are seen.</summary>
    [Id(8)] public IReadOnlyList<MountPoint>? MountPoints { get; init; }

    /// <summary>Whether the root file system is read-only.</summary>
    [Id(9)] public bool? ReadonlyRootFilesystem { get; init; }

    /// <summary>Whether the container is privileged.</summary>
    [Id(10)] public bool? Privileged { get; init; }

    /// <summary>Process limits.</summary>
    [Id(11)] public IReadOnlyList<Ulimit>? Ulimits { get; init; }

    /// <summary>User inside the container.</summary>
    [Id(12)] public string? User { get; init; }

    /// <summary>Instance type; multi-node jobs only.</summary>
    [Id(13)] public string? InstanceType { get; init; }

    /// <summary>vCPU, memory and GPUs.</summary>
    [Id(14)] public IReadOnlyList<ResourceRequirement>? ResourceRequirements { get; init; }

    /// <summary>Linux settings.</summary>
    [Id(15)] public LinuxParameters? LinuxParameters { get; init; }

    /// <summary>Log driver and options.</summary>
    [Id(16)] public LogConfiguration? LogConfiguration { get; init; }

    /// <summary>Secrets.</summary>
    [Id(17)] public IReadOnlyList<Secret>? Secrets { get; init; }

    /// <summary>Fargate network.</summary>
    [Id(18)] public NetworkConfiguration? NetworkConfiguration { get; init; }

    /// <summary>Fargate platform.</summary>
    [Id(19)] public FargatePlatformConfiguration? FargatePlatformConfiguration { get; init; }

    /// <summary>Fargate ephemeral storage.</summary>
    [Id(20)] public EphemeralStorage? EphemeralStorage { get; init; }

    /// <summary>Fargate operating system and architecture.</summary>
    [Id(21)] public RuntimePlatform? RuntimePlatform { get; init; }

    /// <summary>Credentials of a private registry.</summary>
    [Id(22)] public RepositoryCredentials? RepositoryCredentials { get; init; }

    /// <summary>Whether ECS Exec is wanted.</summary>
    [Id(23)] public bool? EnableExecuteCommand { get; init; }
}

/// <summary>One environment variable.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EnvironmentVariable")]
public sealed record EnvironmentVariable
{
    /// <summary>Name.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>Value; null counts as empty.</summary>
    [Id(1)] public string? Value { get; init; }
}

/// <summary>A need: <c>VCPU</c>, <c>MEMORY</c> (MiB) or <c>GPU</c>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ResourceRequirement")]
public sealed record ResourceRequirement
{
    /// <summary>How much: a number as text.</summary>
    [Id(0)] public string? Value { get; init; }

    /// <summary>Of what.</summary>
    [Id(1)] public string? Type { get; init; }
}

/// <summary>A volume: exactly one kind.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Volume")]
public sealed record Volume
{
    /// <summary>A folder of the host.</summary>
    [Id(0)] public VolumeHost? Host { get; init; }

    /// <summary>Name that mount points use.</summary>
    [Id(1)] public string? Name { get; init; }

    /// <summary>An EFS file system.</summary>
    [Id(2)] public EfsVolumeConfiguration? EfsVolumeConfiguration { get; init; }

    /// <summary>An S3 file system.</summary>
    [Id(3)] public S3FilesVolumeConfiguration? S3filesVolumeConfiguration { get; init; }
}

/// <summary>A folder of the host.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.VolumeHost")]
public sealed record VolumeHost
{
    /// <summary>Its path.</summary>
    [Id(0)] public string? SourcePath { get; init; }
}

/// <summary>An EFS file system.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EfsVolumeConfiguration")]
public sealed record EfsVolumeConfiguration
{
    /// <summary>Id, <c>fs-…</c>.</summary>
    [Id(0)] public string? FileSystemId { get; init; }

    /// <summary>Root folder, at most 4096 characters.</summary>
    [Id(1)] public string? RootDirectory { get; init; }

    /// <summary><c>ENABLED</c> or <c>DISABLED</c>.</summary>
    [Id(2)] public string? TransitEncryption { get; init; }

    /// <summary>0 to 65535.</summary>
    [Id(3)] public int? TransitEncryptionPort { get; init; }

    /// <summary>Access point and IAM.</summary>
    [Id(4)] public EfsAuthorizationConfig? AuthorizationConfig { get; init; }
}

/// <summary>How an EFS file system is authorised.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EfsAuthorizationConfig")]
public sealed record EfsAuthorizationConfig
{
    /// <summary>Access point.</summary>
    [Id(0)] public string? AccessPointId { get; init; }

    /// <summary><c>ENABLED</c> or <c>DISABLED</c>.</summary>
    [Id(1)] public string? Iam { get; init; }
}

/// <summary>An S3 file system.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.S3FilesVolumeConfiguration")]
public sealed record S3FilesVolumeConfiguration
{
    /// <summary>ARN.</summary>
    [Id(0)] public string? FileSystemArn { get; init; }

    /// <summary>Root folder.</summary>
    [Id(1)] public string? RootDirectory { get; init; }

    /// <summary>Port.</summary>
    [Id(2)] public int? TransitEncryptionPort { get; init; }

    /// <summary>Access point.</summary>
    [Id(3)] public string? AccessPointArn { get; init; }
}

/// <summary>Where a volume is seen.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.MountPoint")]
public sealed record MountPoint
{
    /// <summary>Path inside the container.</summary>
    [Id(0)] public string? ContainerPath { get; init; }

    /// <summary>Whether it is read-only.</summary>
    [Id(1)] public bool? ReadOnly { get; init; }

    /// <summary>The volume's name.</summary>
    [Id(2)] public string? SourceVolume { get; init; }
}

/// <summary>A process limit.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Ulimit")]
public sealed record Ulimit
{
    /// <summary>Hard limit.</summary>
    [Id(0)] public long? HardLimit { get; init; }

    /// <summary>Name, such as <c>nofile</c>.</summary>
    [Id(1)] public string? Name { get; init; }

    /// <summary>Soft limit.</summary>
    [Id(2)] public long? SoftLimit { get; init; }
}

/// <summary>Linux settings.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LinuxParameters")]
public sealed record LinuxParameters
{
    /// <summary>Devices.</summary>
    [Id(0)] public IReadOnlyList<Device>? Devices { get; init; }

    /// <summary>Whether an init process runs.</summary>
    [Id(1)] public bool? InitProcessEnabled { get; init; }

    /// <summary>Size of <c>/dev/shm</c> in MiB.</summary>
    [Id(2)] public int? SharedMemorySize { get; init; }

    /// <summary>Temporary file systems.</summary>
    [Id(3)] public IReadOnlyList<Tmpfs>? Tmpfs { get; init; }

    /// <summary>Swap in MiB, at least 0.</summary>
    [Id(4)] public int? MaxSwap { get; init; }

    /// <summary>0 to 100.</summary>
    [Id(5)] public int? Swappiness { get; init; }
}

/// <summary>A device.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Device")]
public sealed record Device
{
    /// <summary>Path on the host.</summary>
    [Id(0)] public string? HostPath { get; init; }

    /// <summary>Path inside the container.</summary>
    [Id(1)] public string? ContainerPath { get; init; }

    /// <summary><c>READ</c>, <c>WRITE</c>, <c>MKNOD</c>.</summary>
    [Id(2)] public IReadOnlyList<string>? Permissions { get; init; }
}

/// <summary>A temporary file system.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Tmpfs")]
public sealed record Tmpfs
{
    /// <summary>Path inside the container.</summary>
    [Id(0)] public string? ContainerPath { get; init; }

    /// <summary>Size in MiB, above 0.</summary>
    [Id(1)] public int? Size { get; init; }

    /// <summary>Mount options.</summary>
    [Id(2)] public IReadOnlyList<string>? MountOptions { get; init; }
}

/// <summary>Log driver and options.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogConfiguration")]
public sealed record LogConfiguration
{
    /// <summary>Driver, such as <c>awslogs</c>.</summary>
    [Id(0)] public string? LogDriver { get; init; }

    /// <summary>Options.</summary>
    [Id(1)] public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>Options that are secrets.</summary>
    [Id(2)] public IReadOnlyList<Secret>? SecretOptions { get; init; }
}

/// <summary>A secret by reference.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Secret")]
public sealed record Secret
{
    /// <summary>Name.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>Where its value is.</summary>
    [Id(1)] public string? ValueFrom { get; init; }
}

/// <summary>Fargate network.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NetworkConfiguration")]
public sealed record NetworkConfiguration
{
    /// <summary><c>ENABLED</c> or <c>DISABLED</c>.</summary>
    [Id(0)] public string? AssignPublicIp { get; init; }
}

/// <summary>Fargate platform.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FargatePlatformConfiguration")]
public sealed record FargatePlatformConfiguration
{
    /// <summary>Version; default <c>LATEST</c>.</summary>
    [Id(0)] public string? PlatformVersion { get; init; }
}

/// <summary>Fargate ephemeral storage.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EphemeralStorage")]
public sealed record EphemeralStorage
{
    /// <summary>21 to 200.</summary>
    [Id(0)] public int? SizeInGiB { get; init; }
}

/// <summary>Fargate operating system and architecture.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RuntimePlatform")]
public sealed record RuntimePlatform
{
    /// <summary><c>LINUX</c> or a Windows family.</summary>
    [Id(0)] public string? OperatingSystemFamily { get; init; }

    /// <summary><c>X86_64</c> or <c>ARM64</c>.</summary>
    [Id(1)] public string? CpuArchitecture { get; init; }
}

/// <summary>Credentials of a private registry.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RepositoryCredentials")]
public sealed record RepositoryCredentials
{
    /// <summary>Where they are.</summary>
    [Id(0)] public string? CredentialsParameter { get; init; }
}
