using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What a container may hold on Fargate only, and what it may not hold there.</summary>
/// <remarks>Source: AWS Batch API, ContainerProperties; AWS Batch user guide, "Fargate".</remarks>
internal static class FargateContainerRules
{
    private static readonly string[] WindowsFamilies =
    [
        "WINDOWS_SERVER_2019_CORE", "WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2022_CORE", "WINDOWS_SERVER_2022_FULL",
    ];

    /// <summary>Checks a container for Fargate.</summary>
    /// <param name="container">The container.</param>
    /// <param name="needs">What it, or its task, needs.</param>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void Check(ContainerProperties container, ResourceNeeds needs)
    {
        if (string.IsNullOrEmpty(container.ExecutionRoleArn))
        {
            throw new ValidationException("executionRoleArn is required for Fargate.");
        }

        if (container.Ulimits is { Count: > 0 })
        {
            throw new ValidationException("ulimits is not applicable for Fargate.");
        }

        if (container.Privileged == true)
        {
            throw new ValidationException("Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.");
        }

        CheckLinuxParameters(container.LinuxParameters);
        CheckNetwork(container.NetworkConfiguration);
        CheckEphemeralStorage(container.EphemeralStorage);
        CheckRuntimePlatform(container, needs);
    }

    private static void CheckLinuxParameters(LinuxParameters? linux)
    {
        var wrong = linux switch
        {
            { MaxSwap: not null } => "maxSwap",
            { Swappiness: not null } => "swappiness",
            { Tmpfs.Count: > 0 } => "tmpfs",
            { Devices.Count: > 0 } => "devices",
            { SharedMemorySize: not null } => "sharedMemorySize",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new ValidationException($"linuxParameter.{wrong} is not allowed for Fargate.");
        }
    }

    private static void CheckNetwork(NetworkConfiguration? network)
    {
        if (network?.AssignPublicIp is { } assign and not ("ENABLED" or "DISABLED"))
        {
            throw new ValidationException($"assignPublicIp {assign} is not valid. Valid values are: [ENABLED, DISABLED]");
        }
    }

    private static void CheckEphemeralStorage(EphemeralStorage? storage)
    {
        if (storage is not null && storage.SizeInGiB is not (>= 21 and <= 200))
        {
            throw new ValidationException("Ephemeral storage for Fargate tasks can be only between range 21 GiB to 200 GiB");
        }
    }

    private static void CheckRuntimePlatform(ContainerProperties container, ResourceNeeds needs)
    {
        var family = container.RuntimePlatform?.OperatingSystemFamily ?? "LINUX";
        var architecture = container.RuntimePlatform?.CpuArchitecture ?? "X86_64";
        if (architecture is not ("X86_64" or "ARM64"))
        {
            throw new ValidationException($"cpuArchitecture {architecture} is not valid. Valid values are: [X86_64, ARM64]");
        }

        if (family == "LINUX")
        {
            return;
        }

        if (!WindowsFamilies.Contains(family))
        {
            throw new ValidationException(
                $"operatingSystemFamily {family} is not valid. Valid values are: [LINUX, {string.Join(", ", WindowsFamilies)}]");
        }

        CheckWindows(container, needs, architecture);
    }

    private static void CheckWindows(ContainerProperties container, ResourceNeeds needs, string architecture)
    {
        if (architecture != "X86_64")
        {
            throw new ValidationException($"cpuArchitecture {architecture} is not applicable for Windows, only X86_64 is.");
        }

        if (needs.VcpuMillis < 1000)
        {
            throw new ValidationException("Windows on Fargate needs at least 1 vCPU.");
        }

        var wrong = container switch
        {
            { LinuxParameters: not null } => "linuxParameters",
            { Privileged: not null } => "privileged",
            { User: not null } => "user",
            { Ulimits: not null } => "ulimits",
            { ReadonlyRootFilesystem: not null } => "readonlyRootFilesystem",
            _ when container.Volumes?.Any(v => v.EfsVolumeConfiguration is not null) == true => "efsVolumeConfiguration",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new ValidationException($"{wrong} is not applicable for Windows.");
        }
    }
}
