using System.Text.RegularExpressions;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What containerProperties may hold.</summary>
/// <remarks>Source: AWS Batch API, ContainerProperties; the texts were measured against the live service.</remarks>
internal static partial class ContainerRules
{
    private static readonly string[] UlimitNames =
    [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ];

    /// <summary>Checks a container for EC2 or Fargate.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void Check(ContainerProperties container, bool isFargate)
    {
        CheckImage(container.Image);
        CheckInside(container, isFargate, ResourceRules.NeedsOf(container, isFargate), "containerProperties");
    }

    /// <summary>Checks the container of a node of a multi-node job: it alone may name an instance type.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void CheckOfNode(ContainerProperties container)
    {
        if (container.InstanceType is "")
        {
            throw new ValidationException("instanceType cannot be empty.");
        }

        var plain = container with { InstanceType = null };
        CheckImage(plain.Image);
        CheckInside(plain, isFargate: false, ResourceRules.NeedsOf(plain, isFargate: false), "nodeRangeProperties.container");
    }

    /// <summary>Checks the image.</summary>
    /// <exception cref="BatchClientException">It is missing, or has not the form of one.</exception>
    public static void CheckImage(string? image)
    {
        if (string.IsNullOrEmpty(image))
        {
            throw new ValidationException("Container image is required.");
        }

        if (!ImagePattern().IsMatch(image))
        {
            throw new ValidationException(
                "Container image must have at most 255 characters out of letters, digits, '_', '-', ':', '.', '/', '#' and '@'.");
        }
    }

    /// <summary>Checks all but image and needs.</summary>
    /// <param name="container">The container; one of a task with what its task says put in.</param>
    /// <param name="isFargate">For Fargate, or for EC2.</param>
    /// <param name="needs">What it, or its task, needs.</param>
    /// <param name="where">The member that it stands in.</param>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void CheckInside(ContainerProperties container, bool isFargate, ResourceNeeds needs, string where)
    {
        EnvironmentRules.Check(container.Environment, $"{where}.environment");
        CheckSecrets(container);
        CheckUser(container.User);
        CheckUlimits(container.Ulimits);
        CheckLinuxParameters(container.LinuxParameters);
        CheckMountPoints(container.MountPoints);
        VolumeRules.Check(container, isFargate);
        LogConfigurationRules.Check(container.LogConfiguration, isFargate);
        if (container.InstanceType is not null)
        {
            throw new ValidationException("instanceType is only applicable for multi-node parallel jobs.");
        }

        if (isFargate)
        {
            FargateContainerRules.Check(container, needs);
        }
        else
        {
            RefuseFargateMembers(container);
        }
    }

    private static void CheckSecrets(ContainerProperties container)
    {
        var secrets = container.Secrets ?? [];
        var options = container.LogConfiguration?.SecretOptions ?? [];
        foreach (var secret in secrets.Concat(options))
        {
            if (string.IsNullOrEmpty(secret.Name) || string.IsNullOrEmpty(secret.ValueFrom))
            {
                throw new ValidationException("A secret needs both name and valueFrom.");
            }
        }

        if (secrets.Count + options.Count > 0 && string.IsNullOrEmpty(container.ExecutionRoleArn))
        {
            throw new ValidationException("executionRoleArn cannot be empty when using secrets or secretOptions");
        }
    }

    private static void CheckUser(string? user)
    {
        if (user is not null && !UserPattern().IsMatch(user))
        {
            throw new ValidationException($"User '{user}' does not match regex");
        }
    }

    private static void CheckUlimits(IReadOnlyList<Ulimit>? ulimits)
    {
        foreach (var ulimit in ulimits ?? [])
        {
            if (ulimit.Name is null || ulimit.SoftLimit is null || ulimit.HardLimit is null)
            {
                throw new ValidationException("A ulimit needs name, softLimit and hardLimit.");
            }

            if (!UlimitNames.Contains(ulimit.Name))
            {
                throw new ValidationException($"Ulimit name {ulimit.Name} is not valid. Valid values are: [{string.Join(", ", UlimitNames)}]");
            }
        }
    }

    private static void CheckLinuxParameters(LinuxParameters? linux)
    {
        if (linux is null)
        {
            return;
        }

        foreach (var device in linux.Devices ?? [])
        {
            CheckDevice(device);
        }

        foreach (var tmpfs in linux.Tmpfs ?? [])
        {
            if (string.IsNullOrEmpty(tmpfs.ContainerPath) || tmpfs.Size is not > 0)
            {
                throw new ValidationException("A tmpfs needs containerPath and a size above 0.");
            }
        }

        if (linux.SharedMemorySize is <= 0)
        {
            throw new ValidationException($"sharedMemorySize is {linux.SharedMemorySize}, it must be above 0.");
        }

        if (linux.MaxSwap is < 0)
        {
            throw new ValidationException($"Invalid swap memory size: {linux.MaxSwap}, must be non-negative.");
        }

        if (linux.Swappiness is < 0 or > 100)
        {
            throw new ValidationException($"swappiness is {linux.Swappiness}, it must be between 0 and 100.");
        }
    }

    private static void CheckDevice(Device device)
    {
        if (string.IsNullOrEmpty(device.HostPath))
        {
            throw new ValidationException("A device needs hostPath.");
        }

        if (device.Permissions?.FirstOrDefault(p => p is not ("READ" or "WRITE" or "MKNOD")) is { } wrong)
        {
            throw new ValidationException($"Device permission {wrong} is not valid. Valid values are: [READ, WRITE, MKNOD]");
        }
    }

    private static void CheckMountPoints(IReadOnlyList<MountPoint>? mountPoints)
    {
        if (mountPoints?.Any(m => m.ContainerPath is "" || m.SourceVolume is "") == true)
        {
            throw new ValidationException("containerPath and sourceVolume of a mount point cannot be empty.");
        }
    }

    private static void RefuseFargateMembers(ContainerProperties container)
    {
        var wrong = container switch
        {
            { NetworkConfiguration: not null } => "networkConfiguration",
            { FargatePlatformConfiguration: not null } => "fargatePlatformConfiguration",
            { EphemeralStorage: not null } => "ephemeralStorage",
            { RuntimePlatform: not null } => "runtimePlatform",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new ValidationException($"{wrong} not applicable for EC2.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_\-:./#@]{1,255}\z")]
    private static partial Regex ImagePattern();

    // The service's own pattern, and the user:group form that container runtimes take.
    [GeneratedRegex(@"\A[a-z0-9_][a-z0-9_-]{0,30}(:[a-z0-9_][a-z0-9_-]{0,30})?\z")]
    private static partial Regex UserPattern();
}
