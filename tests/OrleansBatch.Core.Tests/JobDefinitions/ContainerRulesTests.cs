using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Tests.JobDefinitions;

public sealed class ContainerRulesTests
{
    public static TheoryData<string, RegisterJobDefinitionRequest> Refused
    {
        get
        {
            TheoryData<string, RegisterJobDefinitionRequest> cases = [];
            foreach (var (text, change) in OnEc2)
            {
                cases.Add(text, ARegistration.Ec2.With(change));
            }

            foreach (var (text, change) in OnFargate)
            {
                cases.Add(text, ARegistration.Fargate.With(change));
            }

            return cases;
        }
    }

    public static TheoryData<RegisterJobDefinitionRequest> Accepted =>
    [
        ARegistration.Ec2,
        ARegistration.Fargate,
        ARegistration.Ec2.With(c => c with { Image = "registry.example.com:5000/a_b/c-d@sha256:0a1b#x" }),
        ARegistration.Ec2.With(c => c with { User = "nobody" }),
        ARegistration.Ec2.With(c => c with { User = "1000:1000" }),
        ARegistration.Ec2.With(c => c with { Privileged = true, ReadonlyRootFilesystem = true, EnableExecuteCommand = true }),
        ARegistration.Ec2.With(c => c with { Ulimits = [new() { Name = "nofile", SoftLimit = 1, HardLimit = 2 }] }),
        ARegistration.Ec2.With(c => c with
        {
            LinuxParameters = new()
            {
                Devices = [new() { HostPath = "/dev/fuse", Permissions = ["READ", "WRITE", "MKNOD"] }],
                InitProcessEnabled = true,
                SharedMemorySize = 64,
                Tmpfs = [new() { ContainerPath = "/tmp", Size = 1 }],
                MaxSwap = 0,
                Swappiness = 100,
            },
        }),
        ARegistration.Ec2.With(c => c with { Volumes = [new() { Name = "data", Host = new() { SourcePath = "/data" } }, new() { Name = "scratch" }] }),
        ARegistration.Ec2.With(c => c with { LogConfiguration = new() { LogDriver = "json-file" } }),
        ARegistration.Ec2.With(c => c with
        {
            LogConfiguration = new() { LogDriver = "awslogs", Options = Map("awslogs-group", "/my/group", "awslogs-stream-prefix", "run") },
        }),
        ARegistration.Ec2.With(c => c with { Secrets = [new() { Name = "A", ValueFrom = "arn:aws:ssm:x" }], ExecutionRoleArn = "arn:aws:iam::1:role/x" }),
        ARegistration.Fargate.With(c => c with { LinuxParameters = new() { InitProcessEnabled = true }, Privileged = false, Ulimits = [] }),
        ARegistration.Fargate.With(c => c with { EphemeralStorage = new() { SizeInGiB = 21 }, NetworkConfiguration = new() { AssignPublicIp = "ENABLED" } }),
        ARegistration.Fargate.With(c => c with { Volumes = [new() { Name = "efs", EfsVolumeConfiguration = new() { FileSystemId = "fs-1" } }] }),
        ARegistration.Fargate.With(c => c with { RuntimePlatform = new() { OperatingSystemFamily = "WINDOWS_SERVER_2022_CORE" } }),
        ARegistration.Fargate.With(c => c with { RuntimePlatform = new() { CpuArchitecture = "ARM64" } }),
        ARegistration.Fargate.With(c => c with { LogConfiguration = new() { LogDriver = "awsfirelens" } }),
    ];

    private static IEnumerable<(string Text, Func<ContainerProperties, ContainerProperties> Change)> OnEc2 =>
    [
        ("Container image is required.", c => c with { Image = null }),
        ("Container image is required.", c => c with { Image = "" }),
        (
            "Container image must have at most 255 characters out of letters, digits, '_', '-', ':', '.', '/', '#' and '@'.",
            c => c with { Image = "busy box" }),
        (
            "Container image must have at most 255 characters out of letters, digits, '_', '-', ':', '.', '/', '#' and '@'.",
            c => c with { Image = new string('a', 256) }),
        ("vCPU is required.", c => c with { ResourceRequirements = [new() { Type = "MEMORY", Value = "4" }] }),
        ("User 'Root User' does not match regex", c => c with { User = "Root User" }),
        ("User '' does not match regex", c => c with { User = "" }),
        ("executionRoleArn cannot be empty when using secrets or secretOptions", c => c with { Secrets = [new() { Name = "A", ValueFrom = "b" }] }),
        (
            "executionRoleArn cannot be empty when using secrets or secretOptions",
            c => c with { LogConfiguration = new() { LogDriver = "splunk", SecretOptions = [new() { Name = "A", ValueFrom = "b" }] } }),
        ("A secret needs both name and valueFrom.", c => c with { Secrets = [new() { Name = "A" }], ExecutionRoleArn = "r" }),
        ("A ulimit needs name, softLimit and hardLimit.", c => c with { Ulimits = [new() { Name = "nofile", SoftLimit = 1 }] }),
        (
            "Ulimit name files is not valid. Valid values are: [core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack]",
            c => c with { Ulimits = [new() { Name = "files", SoftLimit = 1, HardLimit = 1 }] }),
        ("A device needs hostPath.", c => c with { LinuxParameters = new() { Devices = [new()] } }),
        (
            "Device permission EXECUTE is not valid. Valid values are: [READ, WRITE, MKNOD]",
            c => c with { LinuxParameters = new() { Devices = [new() { HostPath = "/dev/x", Permissions = ["EXECUTE"] }] } }),
        ("A tmpfs needs containerPath and a size above 0.", c => c with { LinuxParameters = new() { Tmpfs = [new() { ContainerPath = "/t", Size = 0 }] } }),
        ("sharedMemorySize is 0, it must be above 0.", c => c with { LinuxParameters = new() { SharedMemorySize = 0 } }),
        ("Invalid swap memory size: -1, must be non-negative.", c => c with { LinuxParameters = new() { MaxSwap = -1 } }),
        ("swappiness is 101, it must be between 0 and 100.", c => c with { LinuxParameters = new() { Swappiness = 101 } }),
        ("containerPath and sourceVolume of a mount point cannot be empty.", c => c with { MountPoints = [new() { ContainerPath = "", SourceVolume = "x" }] }),
        ("instanceType is only applicable for multi-node parallel jobs.", c => c with { InstanceType = "m5.large" }),
        ("networkConfiguration not applicable for EC2.", c => c with { NetworkConfiguration = new() }),
        ("fargatePlatformConfiguration not applicable for EC2.", c => c with { FargatePlatformConfiguration = new() }),
        ("ephemeralStorage not applicable for EC2.", c => c with { EphemeralStorage = new() { SizeInGiB = 30 } }),
        ("runtimePlatform not applicable for EC2.", c => c with { RuntimePlatform = new() }),
        ("logConfiguration.logDriver is required.", c => c with { LogConfiguration = new() }),
        (
            "Log driver stdout is not valid. Valid values are: [json-file, syslog, journald, gelf, fluentd, awslogs, splunk, awsfirelens]",
            c => c with { LogConfiguration = new() { LogDriver = "stdout" } }),
        (
            "Log driver awslogs disallows options: a, b",
            c => c with { LogConfiguration = new() { LogDriver = "awslogs", Options = Map("b", "1", "a", "2") } }),
        (
            "awslogs-group must have 1 to 512 characters out of letters, digits, '.', '-', '_', '/' and '#'.",
            c => c with { LogConfiguration = new() { LogDriver = "awslogs", Options = Map("awslogs-group", "my group") } }),
        (
            "awslogs-stream-prefix must have 1 to 200 characters and neither ':' nor '*'.",
            c => c with { LogConfiguration = new() { LogDriver = "awslogs", Options = Map("awslogs-stream-prefix", "a:b") } }),
        ("The name of a volume must have 1 to 255 characters out of letters, digits, '-' and '_'.", c => c with { Volumes = [new() { Name = "a/b" }] }),
        (
            "A volume can have only one of host, efsVolumeConfiguration and s3filesVolumeConfiguration.",
            c => c with { Volumes = [new() { Name = "v", Host = new(), EfsVolumeConfiguration = new() { FileSystemId = "fs-1" } }] }),
        ("efsVolumeConfiguration.fileSystemId is required and begins with fs-.", c => c with { Volumes = [Efs(new())] }),
        (
            "efsVolumeConfiguration.rootDirectory has 4097 characters, at most 4096 are allowed.",
            c => c with { Volumes = [Efs(new() { FileSystemId = "fs-1", RootDirectory = new string('/', 4097) })] }),
        (
            "transitEncryption on is not valid. Valid values are: [ENABLED, DISABLED]",
            c => c with { Volumes = [Efs(new() { FileSystemId = "fs-1", TransitEncryption = "on" })] }),
        (
            "efsVolumeConfiguration.transitEncryptionPort is 65536, it must be between 0 and 65535.",
            c => c with { Volumes = [Efs(new() { FileSystemId = "fs-1", TransitEncryptionPort = 65536 })] }),
        (
            "efsVolumeConfiguration.rootDirectory must be omitted or / when an access point is used.",
            c => c with
            {
                Volumes = [Efs(new() { FileSystemId = "fs-1", RootDirectory = "/x", TransitEncryption = "ENABLED", AuthorizationConfig = new() { AccessPointId = "p" } })],
            }),
        (
            "efsVolumeConfiguration.transitEncryption must be ENABLED when an access point or iam is used.",
            c => c with { Volumes = [Efs(new() { FileSystemId = "fs-1", AuthorizationConfig = new() { Iam = "ENABLED" } })] }),
        ("s3filesVolumeConfiguration.fileSystemArn is required.", c => c with { Volumes = [new() { S3filesVolumeConfiguration = new() }] }),
        (
            "jobRoleArn cannot be empty when using s3filesVolumeConfiguration.",
            c => c with { Volumes = [new() { S3filesVolumeConfiguration = new() { FileSystemArn = "arn:aws:s3files:x" } }] }),
    ];

    private static IEnumerable<(string Text, Func<ContainerProperties, ContainerProperties> Change)> OnFargate =>
    [
        ("executionRoleArn is required for Fargate.", c => c with { ExecutionRoleArn = null }),
        ("ulimits is not applicable for Fargate.", c => c with { Ulimits = [new() { Name = "nofile", SoftLimit = 1, HardLimit = 1 }] }),
        ("Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.", c => c with { Privileged = true }),
        ("linuxParameter.maxSwap is not allowed for Fargate.", c => c with { LinuxParameters = new() { MaxSwap = 1 } }),
        ("linuxParameter.swappiness is not allowed for Fargate.", c => c with { LinuxParameters = new() { Swappiness = 1 } }),
        ("linuxParameter.tmpfs is not allowed for Fargate.", c => c with { LinuxParameters = new() { Tmpfs = [new() { ContainerPath = "/t", Size = 1 }] } }),
        ("linuxParameter.devices is not allowed for Fargate.", c => c with { LinuxParameters = new() { Devices = [new() { HostPath = "/dev/x" }] } }),
        ("linuxParameter.sharedMemorySize is not allowed for Fargate.", c => c with { LinuxParameters = new() { SharedMemorySize = 1 } }),
        ("Log driver for Fargate is not valid: json-file", c => c with { LogConfiguration = new() { LogDriver = "json-file" } }),
        ("host.sourcePath should not be set for volumes in Fargate.", c => c with { Volumes = [new() { Host = new() { SourcePath = "/x" } }] }),
        ("Ephemeral storage for Fargate tasks can be only between range 21 GiB to 200 GiB", c => c with { EphemeralStorage = new() { SizeInGiB = 20 } }),
        ("Ephemeral storage for Fargate tasks can be only between range 21 GiB to 200 GiB", c => c with { EphemeralStorage = new() { SizeInGiB = 201 } }),
        (
            "EFS is supported for Fargate platform versions 1.4.0 or later, provided 1.3.0",
            c => c with { Volumes = [Efs(new() { FileSystemId = "fs-1" })], FargatePlatformConfiguration = new() { PlatformVersion = "1.3.0" } }),
        (
            "platformVersion newest is not valid, it must be LATEST or have the form 1.4.0.",
            c => c with { FargatePlatformConfiguration = new() { PlatformVersion = "newest" } }),
        (
            "assignPublicIp yes is not valid. Valid values are: [ENABLED, DISABLED]",
            c => c with { NetworkConfiguration = new() { AssignPublicIp = "yes" } }),
        ("GPU is not applicable for Fargate.", c => c with { ResourceRequirements = [.. c.ResourceRequirements!, new() { Type = "GPU", Value = "1" }] }),
        ("cpuArchitecture MIPS is not valid. Valid values are: [X86_64, ARM64]", c => c with { RuntimePlatform = new() { CpuArchitecture = "MIPS" } }),
        (
            "operatingSystemFamily BSD is not valid. Valid values are: [LINUX, WINDOWS_SERVER_2019_CORE, WINDOWS_SERVER_2019_FULL, WINDOWS_SERVER_2022_CORE, WINDOWS_SERVER_2022_FULL]",
            c => c with { RuntimePlatform = new() { OperatingSystemFamily = "BSD" } }),
        ("cpuArchitecture ARM64 is not applicable for Windows, only X86_64 is.", c => Windows(c) with { RuntimePlatform = new() { OperatingSystemFamily = "WINDOWS_SERVER_2019_FULL", CpuArchitecture = "ARM64" } }),
        (
            "Windows on Fargate needs at least 1 vCPU.",
            c => Windows(c) with { ResourceRequirements = [new() { Type = "VCPU", Value = "0.5" }, new() { Type = "MEMORY", Value = "1024" }] }),
        ("linuxParameters is not applicable for Windows.", c => Windows(c) with { LinuxParameters = new() }),
        ("user is not applicable for Windows.", c => Windows(c) with { User = "nobody" }),
        ("readonlyRootFilesystem is not applicable for Windows.", c => Windows(c) with { ReadonlyRootFilesystem = false }),
        ("efsVolumeConfiguration is not applicable for Windows.", c => Windows(c) with { Volumes = [Efs(new() { FileSystemId = "fs-1" })] }),
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_container_that_breaks_a_rule_is_refused_with_the_services_text(string text, RegisterJobDefinitionRequest request) =>
        Assert.Equal(text, Assert.Throws<ValidationException>(() => DefinitionRules.Check(request)).Message);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_container_within_the_rules_is_accepted(RegisterJobDefinitionRequest request) => DefinitionRules.Check(request);

    private static ContainerProperties Windows(ContainerProperties container) =>
        container with { RuntimePlatform = new() { OperatingSystemFamily = "WINDOWS_SERVER_2019_FULL" } };

    private static Volume Efs(EfsVolumeConfiguration efs) => new() { Name = "efs", EfsVolumeConfiguration = efs };

    private static Dictionary<string, string> Map(params string[] pairs) =>
        pairs.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
}
