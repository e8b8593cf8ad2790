using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using static OrleansBatch.Core.Tests.JobDefinitions.ATask;

namespace OrleansBatch.Core.Tests.JobDefinitions;

public sealed class EcsTaskRulesTests
{
    private static readonly Scope Here = new("123456789012", "eu-west-1");

    private static readonly EcsTaskProperties OnFargate = Of(Container("a", "0.25", "512"), Container("b", "0.75", "1536")) with
    {
        ExecutionRoleArn = "arn:aws:iam::123456789012:role/execution",
    };

    public static TheoryData<string, RegisterJobDefinitionRequest> Refused => new()
    {
        {
            "ecsProperties.taskProperties must have exactly 1 element, got 2.",
            InitAndApp.Registration() with { EcsProperties = new() { TaskProperties = [InitAndApp, InitAndApp] } }
        },
        { "Number of containers must be between 1 and 10", Of().Registration() },
        { "Number of containers must be between 1 and 10", new EcsTaskProperties().Registration() },
        { "Number of containers must be between 1 and 10", Of([.. Enumerable.Range(0, 11).Select(i => Container($"c{i}"))]).Registration() },
        { "At least one container must be set as essential", Of(Container("a") with { Essential = false }).Registration() },
        { "The container name: a must be unique in multi-container job.", Of(Container("a"), Container("a")).Registration() },
        { "The container name: default must be unique in multi-container job.", Of(Container("default"), Container("") with { Name = null }).Registration() },
        {
            "Container name a/b must have 1 to 255 characters out of letters, digits, '-' and '_'.",
            Of(Container("a/b")).Registration()
        },
        { "Container image is required.", Of(Container("a") with { Image = null }).Registration() },
        { "vCPU is required.", Of(Container("a"), Container("b") with { ResourceRequirements = null }).Registration() },
        { "vCPU must be at least 1, got 0.5.", Of(Container("a", "0.5")).Registration() },
        { "Memory must be at least 4 MiB, got 3.", Of(Container("a", memory: "3")).Registration() },
        {
            "ecsProperties.taskProperties.containers.environment: the name AWS_BATCH_X begins with AWS_BATCH, which is reserved.",
            Of(Container("a") with { Environment = [new() { Name = "AWS_BATCH_X" }] }).Registration()
        },
        { "User 'Root User' does not match regex", Of(Container("a") with { User = "Root User" }).Registration() },
        {
            "executionRoleArn cannot be empty when using secrets or secretOptions",
            Of(Container("a") with { Secrets = [new() { Name = "A", ValueFrom = "b" }] }).Registration()
        },
        { "Log driver awslogs disallows options: x", Of(Container("a") with { LogConfiguration = Awslogs("x") }).Registration() },
        { "firelensConfiguration type x is not valid. Valid values are: [fluentd, fluentbit]", Of(Container("a") with { FirelensConfiguration = new() { Type = "x" } }).Registration() },
        { "startTimeout is 1, it must be at least 2.", Of(Container("a") with { StartTimeout = 1 }).Registration() },
        { "stopTimeout is 1, it must be at least 2.", Of(Container("a") with { StopTimeout = 1 }).Registration() },
        {
            "stopTimeout is 121, it must be between 2 and 120 for Fargate.",
            (OnFargate with { Containers = [OnFargate.Containers![0] with { StopTimeout = 121 }, OnFargate.Containers[1]] }).Registration("FARGATE")
        },
        { "Container dependency can not be used in a single-container job.", Of(Container("a") with { DependsOn = On("a", "START") }).Registration() },
        { "containerName c must reference a defined container.", Of(Container("a") with { DependsOn = On("c", "START") }, Container("b")).Registration() },
        {
            "The container target of a dependency can not have condition COMPLETE if the target is essential",
            Of(Container("a") with { DependsOn = On("b", "COMPLETE") }, Container("b")).Registration()
        },
        {
            "The container target of a dependency can not have condition SUCCESS if the target is essential",
            Of(Container("a") with { DependsOn = On("b", "SUCCESS") }, Container("b")).Registration()
        },
        {
            "TaskContainer dependency HEALTHY is not valid. Valid values are: [START, COMPLETE, SUCCESS]",
            Of(Container("a") with { DependsOn = On("b", "HEALTHY") }, Container("b")).Registration()
        },
        {
            "Container a depends on itself.",
            Of(Container("a") with { DependsOn = On("b", "START") }, Container("b") with { DependsOn = On("a", "START") }).Registration()
        },
        { "ipcMode x is not valid. Valid values are: [host, task, none]", (InitAndApp with { IpcMode = "x" }).Registration() },
        { "ipcMode is not applicable for Fargate.", (OnFargate with { IpcMode = "task" }).Registration("FARGATE") },
        { "pidMode none is not valid. Valid values are: [host, task]", (InitAndApp with { PidMode = "none" }).Registration() },
        { "networkMode is only applicable for MANAGED_INSTANCES.", (InitAndApp with { NetworkMode = "host" }).Registration() },
        { "networkMode awsvpc is not valid. Valid values are: [host]", (InitAndApp with { NetworkMode = "awsvpc" }).Registration("MANAGED_INSTANCES") },
        { "networkConfiguration not applicable for EC2.", (InitAndApp with { NetworkConfiguration = new() }).Registration() },
        {
            "cpuArchitecture M68K is not valid. Valid values are: [X86_64, ARM64]",
            (InitAndApp with { RuntimePlatform = new() { CpuArchitecture = "M68K" } }).Registration("MANAGED_INSTANCES")
        },
        {
            "operatingSystemFamily WINDOWS is not valid. Valid values are: [LINUX]",
            (InitAndApp with { RuntimePlatform = new() { OperatingSystemFamily = "WINDOWS" } }).Registration("MANAGED_INSTANCES")
        },
        { "executionRoleArn is required for Fargate.", (OnFargate with { ExecutionRoleArn = null }).Registration("FARGATE") },
        {
            "Fargate resource requirements (VCPU 0.5, MEMORY 768) are not a valid pair.",
            (OnFargate with { Containers = [Container("a", "0.25", "512"), Container("b", "0.25", "256")] }).Registration("FARGATE")
        },
        { "GPU is not applicable for Fargate.", (OnFargate with { Containers = [WithGpu] }).Registration("FARGATE") },
        { "s3filesVolumeConfiguration.fileSystemArn is required.", (InitAndApp with { Volumes = [new() { S3filesVolumeConfiguration = new() }] }).Registration() },
    };

    public static TheoryData<RegisterJobDefinitionRequest> Accepted =>
    [
        InitAndApp.Registration(),
        Of(Container("only")).Registration(),
        Of(Container("") with { Name = null }).Registration(),
        Of(Container("a") with { DependsOn = On("b", "START") }, Container("b")).Registration(),
        Of(Container("a") with { StartTimeout = 2, StopTimeout = 3600 }).Registration(),
        (InitAndApp with { IpcMode = "none", PidMode = "host", EnableExecuteCommand = true }).Registration(),
        (InitAndApp with { NetworkMode = "host", RuntimePlatform = new() { CpuArchitecture = "ARM64" } }).Registration("MANAGED_INSTANCES"),
        OnFargate.Registration("FARGATE"),
        (OnFargate with { NetworkConfiguration = new() { AssignPublicIp = "ENABLED" }, EphemeralStorage = new() { SizeInGiB = 30 } }).Registration("FARGATE"),
    ];

    private static TaskContainerProperties WithGpu => Container("a") with { ResourceRequirements = ADefinitionNeeds("1", "2048", "1") };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_task_that_breaks_a_rule_is_refused_with_the_services_text(string text, RegisterJobDefinitionRequest request) =>
        Assert.Equal(text, Assert.Throws<ValidationException>(() => DefinitionRules.Register(request, 1)).Message);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_task_within_the_rules_is_taken(RegisterJobDefinitionRequest request) => DefinitionRules.Check(request);

    [Fact]
    public void A_task_is_kept_and_given_back_with_empty_lists_and_no_containerProperties()
    {
        var definition = InitAndApp.Definition();

        var described = DefinitionRules.Describe(Here, definition);

        Assert.Null(described.ContainerProperties);
        var task = Assert.Single(described.EcsProperties!.TaskProperties!);
        Assert.Equal(["init", "app"], task.Containers!.Select(container => container.Name));
        Assert.Equal(([false, null]), task.Containers!.Select(container => container.Essential));
        Assert.Equal(new TaskContainerDependency { ContainerName = "init", Condition = "SUCCESS" }, Assert.Single(task.Containers![1].DependsOn!));
        Assert.Empty(task.Containers![0].DependsOn!);
        Assert.Empty(task.Volumes!);
        Assert.Equal("ECS", described.ContainerOrchestrationType);
    }

    private static TaskContainerDependency[] On(string name, string condition) => [new() { ContainerName = name, Condition = condition }];

    private static ResourceRequirement[] ADefinitionNeeds(string vcpus, string memory, string gpus) => Jobs.ADefinition.Needs(vcpus, memory, gpus);

    private static LogConfiguration Awslogs(string option) =>
        new() { LogDriver = "awslogs", Options = new Dictionary<string, string> { [option] = "y" } };
}
