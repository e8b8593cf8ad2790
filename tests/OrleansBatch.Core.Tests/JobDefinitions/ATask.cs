using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Core.Tests.Jobs;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Tests.JobDefinitions;

/// <summary>Tasks of several containers that are right but for what a test changes.</summary>
internal static class ATask
{
    /// <summary>An essential container <c>app</c> that waits until <c>init</c>, which is not, has succeeded.</summary>
    public static EcsTaskProperties InitAndApp { get; } = Of(
        Container("init") with { Essential = false },
        Container("app") with { DependsOn = [new() { ContainerName = "init", Condition = "SUCCESS" }] });

    public static EcsTaskProperties Of(params TaskContainerProperties[] containers) => new() { Containers = containers };

    public static TaskContainerProperties Container(string name, string vcpus = "1", string memory = "64") => new()
    {
        Name = name,
        Image = "busybox",
        Command = ["sleep", "1"],
        ResourceRequirements = ADefinition.Needs(vcpus, memory),
    };

    public static RegisterJobDefinitionRequest Registration(this EcsTaskProperties task, string? platform = null) => new()
    {
        JobDefinitionName = "work",
        Type = "container",
        EcsProperties = new() { TaskProperties = [task] },
        PlatformCapabilities = platform is null ? null : [platform],
    };

    public static JobDefinition Definition(this EcsTaskProperties task, string? platform = null) => DefinitionRules.Register(task.Registration(platform), 1);
}
