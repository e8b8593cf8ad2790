using System.Collections.Immutable;
using System.Globalization;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Jobs;

/// <summary>Makes the order that starts a job's live attempt.</summary>
public static class LaunchOrders
{
    /// <summary>From SIGTERM to SIGKILL.</summary>
    /// <remarks>Source: Amazon ECS, stopTimeout.</remarks>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The order, from the row alone: as often as it is asked for, it is the same.</summary>
    /// <param name="job">A job that is STARTING or RUNNING.</param>
    /// <param name="environmentPlatform"><c>EC2</c> or <c>FARGATE</c>: what the environment is, not what the job asked for.</param>
    /// <param name="mainAddress">For a node of a multi-node job: the main node's address.</param>
    /// <exception cref="InvalidOperationException">The job has no live attempt.</exception>
    public static LaunchOrder For(JobRecord job, string environmentPlatform, string? mainAddress = null)
    {
        var placement = job.State.Placement
            ?? throw new InvalidOperationException($"Job {job.JobId} is {job.State.Status.ToWire()}: it has no attempt to launch.");
        var spec = MultiNodeJobs.SpecOf(job);
        KeyValuePair<string, string>[] ofScheduler = [.. OfScheduler(job, placement, environmentPlatform), .. MultiNodeJobs.Variables(job, mainAddress)];
        return new()
        {
            Attempt = new(job.JobId, job.State.Fence),
            Incarnation = placement.Incarnation,
            ReservationId = placement.ReservationId,
            EnvironmentKey = new ScopedName(job.Scope, placement.Environment).Key,
            QueueKey = new ScopedName(job.Scope, job.Spec.JobQueue).Key,
            Command = [.. spec.Container.Command ?? []],
            Environment = [.. OfContainer(spec), .. ofScheduler, .. GpuVariables.For(placement.Gpus)],
            Log = new() { Scope = job.Scope, Group = LogNames.Group(spec), Stream = placement.LogStream },
            Timeout = spec.Timeout?.AttemptDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            StopTimeout = StopTimeout,
            Limits = new()
            {
                MemoryMiB = spec.Needs.MemoryMiB,
                SwapMiB = spec.Container.LinuxParameters?.MaxSwap ?? 0,
                VcpuMillis = spec.Needs.VcpuMillis,
                // A share on EC2, the size of the task on Fargate.
                IsCpuCapped = environmentPlatform == "FARGATE",
            },
            Containers = spec.EcsTask is { } task ? ContainerOrders.For(job, placement, task, environmentPlatform, [.. ofScheduler]) : [],
        };
    }

    /// <summary>The order with the operator's variables below the job's own: the queue's over the compute environment's.</summary>
    public static LaunchOrder Over(LaunchOrder order, JobEnvironment environment, JobEnvironment queue) =>
        environment.Variables.IsEmpty && queue.Variables.IsEmpty
            ? order
            : order with
            {
                Environment = [.. environment.Variables, .. queue.Variables, .. order.Environment],
                Containers = ContainerOrders.Over(order.Containers, [.. environment.Variables, .. queue.Variables]),
            };

    private static IEnumerable<KeyValuePair<string, string>> OfContainer(JobSpec spec) =>
        (spec.Container.Environment ?? []).Select(variable => KeyValuePair.Create(variable.Name!, variable.Value ?? ""));

    /// <summary>What every attempt is told of itself.</summary>
    /// <remarks>Source: AWS Batch user guide, "Job environment variables"; clients fail without any one of them.</remarks>
    private static IEnumerable<KeyValuePair<string, string>> OfScheduler(JobRecord job, JobPlacement placement, string environmentPlatform) =>
    [
        new("AWS_BATCH_JOB_ID", job.JobId),
        new("AWS_BATCH_JQ_NAME", job.Spec.JobQueue),
        new("AWS_BATCH_CE_NAME", placement.Environment),
        new("AWS_BATCH_JOB_ATTEMPT", job.State.Fence.ToString(CultureInfo.InvariantCulture)),
        new("AWS_EXECUTION_ENV", environmentPlatform == "FARGATE" ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2"),
        .. OfChild(job),
    ];

    private static IEnumerable<KeyValuePair<string, string>> OfChild(JobRecord job) => job.Child is not { } child || job.Spec.ArraySize is not { } size ? [] :
    [
        new("AWS_BATCH_JOB_ARRAY_INDEX", child.Index.ToString(CultureInfo.InvariantCulture)),
        new("AWS_BATCH_JOB_ARRAY_SIZE", size.ToString(CultureInfo.InvariantCulture)),
    ];
}
