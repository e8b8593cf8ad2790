using System.Collections.Immutable;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Jobs;

/// <summary>The part of a launch that is about the containers of a job of several.</summary>
internal static class ContainerOrders
{
    /// <summary>One order for each container.</summary>
    /// <param name="job">The job.</param>
    /// <param name="placement">Its live attempt's place.</param>
    /// <param name="task">Its task.</param>
    /// <param name="environmentPlatform">What the environment is.</param>
    /// <param name="ofScheduler">What every container is told of its attempt.</param>
    public static ImmutableArray<ContainerOrder> For(
        JobRecord job,
        JobPlacement placement,
        EcsTaskProperties task,
        string environmentPlatform,
        ImmutableArray<KeyValuePair<string, string>> ofScheduler)
    {
        var taskId = LogNames.TaskId(placement.TaskArn);
        var gpus = GpuVariables.OfContainers(placement.Gpus, task.Containers!);
        return
        [
            .. task.Containers!.Select((container, index) => new ContainerOrder
            {
                Name = container.NameOrDefault(),
                Command = [.. container.Command ?? []],
                Environment =
                [
                    .. (container.Environment ?? []).Select(variable => KeyValuePair.Create(variable.Name!, variable.Value ?? "")),
                    .. ofScheduler,
                    .. GpuVariables.For(gpus[index]),
                ],
                Log = new() { Scope = job.Scope, Group = LogNames.Group(container), Stream = LogNames.Stream(job.Spec, container, taskId) },
                IsEssential = container.IsEssential(),
                DependsOn = [.. (container.DependsOn ?? []).Select(Dependency)],
                StartTimeout = container.StartTimeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                StopTimeout = container.StopTimeout is { } stop ? TimeSpan.FromSeconds(stop) : LaunchOrders.StopTimeout,
                Limits = LimitsOf(container, job.Spec.PlatformCapability == "FARGATE", environmentPlatform),
            }),
        ];
    }

    /// <summary>The orders with the operator's variables below the containers' own.</summary>
    public static ImmutableArray<ContainerOrder> Over(ImmutableArray<ContainerOrder> orders, ImmutableArray<KeyValuePair<string, string>> operators) =>
        orders.IsDefaultOrEmpty ? orders : [.. orders.Select(order => order with { Environment = [.. operators, .. order.Environment] })];

    private static ContainerDependency Dependency(TaskContainerDependency dependency) =>
        new(dependency.ContainerName!, TaskContainers.Condition(dependency.Condition)!.Value);

    private static AttemptLimits LimitsOf(TaskContainerProperties container, bool isForFargate, string environmentPlatform)
    {
        var needs = ResourceRules.InTask(container.ResourceRequirements ?? [], isForFargate);
        return new()
        {
            MemoryMiB = needs.MemoryMiB,
            SwapMiB = container.LinuxParameters?.MaxSwap ?? 0,
            VcpuMillis = needs.VcpuMillis,
            IsCpuCapped = environmentPlatform == "FARGATE",
        };
    }
}
