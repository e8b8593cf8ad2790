using OrleansBatch.Model;

namespace OrleansBatch.Core.Names;

/// <summary>A kind of resource that fields speak of by "name or ARN".</summary>
public enum ResourceKind
{
    /// <summary>A job queue.</summary>
    JobQueue,

    /// <summary>A compute environment.</summary>
    ComputeEnvironment,

    /// <summary>A scheduling policy.</summary>
    SchedulingPolicy,

    /// <summary>A consumable resource.</summary>
    ConsumableResource,
}

/// <summary>Makes and reads ARNs.</summary>
/// <remarks>Source: AWS Batch API and service authorization reference, resource types.</remarks>
public static class Arns
{
    /// <summary>A job queue's ARN.</summary>
    public static string JobQueue(Scope scope, string name) => Batch(scope) + "job-queue/" + name;

    /// <summary>A compute environment's ARN.</summary>
    public static string ComputeEnvironment(Scope scope, string name) => Batch(scope) + "compute-environment/" + name;

    /// <summary>A scheduling policy's ARN.</summary>
    public static string SchedulingPolicy(Scope scope, string name) => Batch(scope) + "scheduling-policy/" + name;

    /// <summary>A consumable resource's ARN.</summary>
    public static string ConsumableResource(Scope scope, string name) => Batch(scope) + "consumable-resource/" + name;

    /// <summary>A job definition revision's ARN.</summary>
    public static string JobDefinition(Scope scope, string name, int revision) => $"{Batch(scope)}job-definition/{name}:{revision}";

    /// <summary>A job's ARN.</summary>
    public static string Job(Scope scope, string jobId) => Batch(scope) + "job/" + jobId;

    /// <summary>The ARN of a modelled ECS cluster.</summary>
    public static string EcsCluster(Scope scope, string clusterName) => $"{Ecs(scope)}cluster/{clusterName}";

    /// <summary>The ARN of a modelled ECS task.</summary>
    public static string EcsTask(Scope scope, string clusterName, string taskId) => $"{Ecs(scope)}task/{clusterName}/{taskId}";

    /// <summary>The ARN of a modelled ECS container instance.</summary>
    public static string EcsContainerInstance(Scope scope, string clusterName, string instanceId) =>
        $"{Ecs(scope)}container-instance/{clusterName}/{instanceId}";

    /// <summary>The name in a "name or ARN" field.</summary>
    /// <exception cref="BatchClientException">It is neither, or the ARN is of another scope or kind: to this scope no such thing exists.</exception>
    public static string NameOf(ResourceKind kind, string text, Scope scope) => FindName(kind, text, scope) ?? throw DoesNotExist(kind, text);

    /// <summary>As <see cref="NameOf"/>, but null where that throws: for calls that drop what is unknown.</summary>
    public static string? FindName(ResourceKind kind, string text, Scope scope)
    {
        var name = text.StartsWith("arn:", StringComparison.Ordinal) ? Rest(text, Batch(scope) + Path(kind) + "/") : text;
        return ResourceNames.IsValid(name) ? name : null;
    }

    /// <summary>The id in a "job id or ARN" field; null when the ARN is of another scope, or the id malformed.</summary>
    public static string? FindJobId(string text, Scope scope)
    {
        var id = text.StartsWith("arn:", StringComparison.Ordinal) ? Rest(text, Batch(scope) + "job/") : text;
        return ResourceNames.IsJobId(id) ? id : null;
    }

    /// <summary>What follows <c>job-definition/</c> in an ARN; null when the ARN is of another scope or kind.</summary>
    public static string? FindJobDefinition(string arn, Scope scope) => Rest(arn, Batch(scope) + "job-definition/");

    /// <summary>Says that there is none. Clients look for the words <c>does not exist</c>.</summary>
    public static BatchClientException DoesNotExist(ResourceKind kind, string text) => new($"{Words(kind)} {text} does not exist");

    private static string Batch(Scope scope) => $"arn:{scope.Partition}:batch:{scope.Region}:{scope.Account}:";

    private static string Ecs(Scope scope) => $"arn:{scope.Partition}:ecs:{scope.Region}:{scope.Account}:";

    private static string? Rest(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    private static string Path(ResourceKind kind) => kind switch
    {
        ResourceKind.JobQueue => "job-queue",
        ResourceKind.ComputeEnvironment => "compute-environment",
        ResourceKind.SchedulingPolicy => "scheduling-policy",
        ResourceKind.ConsumableResource => "consumable-resource",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of resource."),
    };

    private static string Words(ResourceKind kind) => kind switch
    {
        ResourceKind.JobQueue => "Job queue",
        ResourceKind.ComputeEnvironment => "Compute environment",
        ResourceKind.SchedulingPolicy => "Scheduling policy",
        ResourceKind.ConsumableResource => "Consumable resource",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of resource."),
    };
}
