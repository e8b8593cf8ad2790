using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Core.JobQueues;

/// <summary>Which environments may stand together in one queue.</summary>
/// <remarks>Source: AWS Batch API, CreateJobQueue.computeEnvironmentOrder.</remarks>
internal static class EnvironmentOrders
{
    private const int MaxEnvironments = 3;

    /// <summary>The queue with these environments, lowest order first, and with the type that follows from them.</summary>
    /// <exception cref="BatchClientException">They cannot stand together, or one is missing or not VALID.</exception>
    public static JobQueueConfiguration Attach(
        JobQueueConfiguration queue,
        IReadOnlyList<ComputeEnvironmentOrder>? orders,
        IReadOnlyDictionary<string, ComputeEnvironmentConfiguration?> environments)
    {
        if (orders is not { Count: >= 1 and <= MaxEnvironments })
        {
            throw new BatchClientException($"computeEnvironmentOrder has {orders?.Count ?? 0} entries, 1 to {MaxEnvironments} are required.");
        }

        if (orders.Any(order => order.Order is null || string.IsNullOrEmpty(order.ComputeEnvironment)))
        {
            throw new BatchClientException("Each entry of computeEnvironmentOrder needs order and computeEnvironment.");
        }

        if (orders.DistinctBy(order => order.Order).Count() < orders.Count)
        {
            throw new BatchClientException("Duplicate ComputeEnvironment order values.");
        }

        var attached = orders
            .OrderBy(order => order.Order)
            .Select(order => (Order: order.Order!.Value, Environment: Find(order.ComputeEnvironment!, queue.Name.Scope, environments)))
            .ToList();
        if (attached.DistinctBy(one => one.Environment.Name).Count() < attached.Count)
        {
            throw new BatchClientException("computeEnvironmentOrder names a compute environment twice.");
        }

        return queue with
        {
            Environments = [.. attached.Select(one => one.Environment.Name.Name)],
            Orders = [.. attached.Select(one => one.Order)],
            JobQueueType = TypeOf([.. attached.Select(one => one.Environment)]),
        };
    }

    private static ComputeEnvironmentConfiguration Find(
        string nameOrArn, Scope scope, IReadOnlyDictionary<string, ComputeEnvironmentConfiguration?> environments)
    {
        const string Rule = "Compute Environments must be created and valid before attaching them to a job queue";
        var name = Arns.FindName(ResourceKind.ComputeEnvironment, nameOrArn, scope);
        if (name is null || !environments.TryGetValue(name, out var environment) || environment is null)
        {
            throw new BatchClientException($"{Rule}: {nameOrArn} does not exist.");
        }

        return environment.Status == "VALID"
            ? environment
            : throw new BatchClientException($"{Rule}: {nameOrArn} is {environment.Status}.");
    }

    private static string TypeOf(IReadOnlyList<ComputeEnvironmentConfiguration> environments)
    {
        if (environments.Select(ComputeEnvironmentRules.Platform).Distinct().Count() > 1)
        {
            throw new BatchClientException("Fargate and EC2 compute environments can not be mixed.");
        }

        // Unmanaged environments and Fargate name no instance types: they go with any.
        var architectures = environments
            .Select(environment => environment.ComputeResources?.InstanceTypes)
            .Where(types => types is { Count: > 0 })
            .Select(types => InstanceTypes.IsArm(types![0]));
        if (architectures.Distinct().Count() > 1)
        {
            throw new BatchClientException("Compute environments of different CPU architectures can not be mixed.");
        }

        return ComputeEnvironmentRules.Platform(environments[0]) == "FARGATE" ? "ECS_FARGATE" : "ECS";
    }
}
