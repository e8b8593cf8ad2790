using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What the volumes of a container may hold. Nothing here resolves them.</summary>
/// <remarks>Source: AWS Batch API, Volume, EFSVolumeConfiguration, S3FilesVolumeConfiguration.</remarks>
internal static class VolumeRules
{
    private static readonly Version FirstPlatformWithEfs = new(1, 4, 0);

    /// <summary>Checks the volumes of a container, and the Fargate platform that they need.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void Check(ContainerProperties container, bool isFargate)
    {
        var platform = isFargate ? PlatformOf(container.FargatePlatformConfiguration) : null;
        foreach (var volume in container.Volumes ?? [])
        {
            CheckKind(volume, isFargate);
            if (volume.EfsVolumeConfiguration is { } efs)
            {
                CheckEfs(efs, platform);
            }

            if (volume.S3filesVolumeConfiguration is { } files)
            {
                CheckS3Files(files, container.JobRoleArn);
            }
        }
    }

    private static void CheckKind(Volume volume, bool isFargate)
    {
        if (volume.Name is not null && (volume.Name.Length is 0 or > 255 || !volume.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            throw new ValidationException("The name of a volume must have 1 to 255 characters out of letters, digits, '-' and '_'.");
        }

        // A volume that names no kind is a folder that the runtime chooses.
        object?[] kinds = [volume.Host, volume.EfsVolumeConfiguration, volume.S3filesVolumeConfiguration];
        if (kinds.Count(kind => kind is not null) > 1)
        {
            throw new ValidationException(
                "A volume can have only one of host, efsVolumeConfiguration and s3filesVolumeConfiguration.");
        }

        if (isFargate && volume.Host?.SourcePath is not null)
        {
            throw new ValidationException("host.sourcePath should not be set for volumes in Fargate.");
        }
    }

    private static void CheckEfs(EfsVolumeConfiguration efs, Version? platform)
    {
        if (efs.FileSystemId?.StartsWith("fs-", StringComparison.Ordinal) != true)
        {
            throw new ValidationException("efsVolumeConfiguration.fileSystemId is required and begins with fs-.");
        }

        if (efs.RootDirectory is { Length: > 4096 })
        {
            throw new ValidationException($"efsVolumeConfiguration.rootDirectory has {efs.RootDirectory.Length} characters, at most 4096 are allowed.");
        }

        CheckSwitch(efs.TransitEncryption, "transitEncryption");
        CheckSwitch(efs.AuthorizationConfig?.Iam, "iam");
        CheckPort(efs.TransitEncryptionPort, "efsVolumeConfiguration");
        CheckAuthorization(efs);
        if (platform is not null && platform < FirstPlatformWithEfs)
        {
            throw new ValidationException($"EFS is supported for Fargate platform versions 1.4.0 or later, provided {platform}");
        }
    }

    private static void CheckAuthorization(EfsVolumeConfiguration efs)
    {
        var accessPoint = efs.AuthorizationConfig?.AccessPointId;
        if (accessPoint is not null && efs.RootDirectory is not (null or "/"))
        {
            throw new ValidationException("efsVolumeConfiguration.rootDirectory must be omitted or / when an access point is used.");
        }

        if ((accessPoint is not null || efs.AuthorizationConfig?.Iam == "ENABLED") && efs.TransitEncryption != "ENABLED")
        {
            throw new ValidationException("efsVolumeConfiguration.transitEncryption must be ENABLED when an access point or iam is used.");
        }
    }

    private static void CheckS3Files(S3FilesVolumeConfiguration files, string? jobRole)
    {
        if (string.IsNullOrEmpty(files.FileSystemArn))
        {
            throw new ValidationException("s3filesVolumeConfiguration.fileSystemArn is required.");
        }

        CheckPort(files.TransitEncryptionPort, "s3filesVolumeConfiguration");
        if (string.IsNullOrEmpty(jobRole))
        {
            throw new ValidationException("jobRoleArn cannot be empty when using s3filesVolumeConfiguration.");
        }
    }

    private static void CheckSwitch(string? value, string member)
    {
        if (value is not (null or "ENABLED" or "DISABLED"))
        {
            throw new ValidationException($"{member} {value} is not valid. Valid values are: [ENABLED, DISABLED]");
        }
    }

    private static void CheckPort(int? port, string where)
    {
        if (port is < 0 or > 65535)
        {
            throw new ValidationException($"{where}.transitEncryptionPort is {port}, it must be between 0 and 65535.");
        }
    }

    // Null is the latest.
    private static Version? PlatformOf(FargatePlatformConfiguration? configuration)
    {
        if (configuration?.PlatformVersion is not { } text || text == "LATEST")
        {
            return null;
        }

        return Version.TryParse(text, out var version) && version.Build >= 0 && version.Revision < 0
            ? version
            : throw new ValidationException($"platformVersion {text} is not valid, it must be LATEST or have the form 1.4.0.");
    }
}
