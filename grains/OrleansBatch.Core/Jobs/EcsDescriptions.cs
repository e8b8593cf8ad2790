using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Jobs;

/// <summary>What DescribeJobs shows of a job of several containers.</summary>
/// <remarks>Source: AWS Batch API, EcsPropertiesDetail and AttemptEcsTaskDetails.</remarks>
internal static class EcsDescriptions
{
    /// <summary>The task as submitted, lists present even when empty, with the facts of the latest attempt.</summary>
    public static EcsPropertiesDetail Detail(JobSpec spec, JobState state)
    {
        var (task, facts) = (spec.EcsTask!, AttemptFacts.Of(state));
        var last = state.Placement is null ? state.Attempts.LastOrDefault() : null;
        return new()
        {
            TaskProperties =
            [
                new()
                {
                    Containers = [.. task.Containers!.Select(container => Container(spec, container, facts, Outcome(last, container)))],
                    ContainerInstanceArn = facts.ContainerInstanceArn,
                    TaskArn = facts.TaskArn,
                    EphemeralStorage = task.EphemeralStorage,
                    ExecutionRoleArn = task.ExecutionRoleArn,
                    PlatformVersion = task.PlatformVersion,
                    IpcMode = task.IpcMode,
                    TaskRoleArn = task.TaskRoleArn,
                    PidMode = task.PidMode,
                    NetworkConfiguration = task.NetworkConfiguration,
                    RuntimePlatform = task.RuntimePlatform,
                    Volumes = task.Volumes ?? [],
                    EnableExecuteCommand = task.EnableExecuteCommand,
                    NetworkMode = task.NetworkMode,
                },
            ],
        };
    }

    /// <summary>The task of an attempt that is over.</summary>
    public static AttemptEcsTaskDetails Attempt(JobSpec spec, JobAttempt attempt) => new()
    {
        ContainerInstanceArn = attempt.ContainerInstanceArn,
        TaskArn = attempt.TaskArn,
        Containers =
        [
            .. spec.EcsTask!.Containers!.Select(container =>
            {
                var outcome = Outcome(attempt, container);
                return new AttemptTaskContainerDetails
                {
                    Name = container.NameOrDefault(),
                    ExitCode = outcome?.ExitCode,
                    Reason = outcome?.Reason,
                    LogStreamName = HasLog(attempt, outcome) ? LogNames.Stream(spec, container, LogNames.TaskId(attempt.TaskArn)) : null,
                    NetworkInterfaces = JobDescriptions.NetworkOf(attempt.Address),
                };
            }),
        ],
    };

    private static ContainerOutcome? Outcome(JobAttempt? attempt, TaskContainerProperties container) =>
        attempt?.Containers?.FirstOrDefault(outcome => outcome.Name == container.NameOrDefault());

    /// <summary>Where nobody knows what became of it, it may have written something.</summary>
    private static bool HasLog(JobAttempt attempt, ContainerOutcome? outcome) =>
        outcome is null ? attempt.LogStream is not null : outcome.StartedAt is not null;

    private static TaskContainerDetails Container(JobSpec spec, TaskContainerProperties container, AttemptFacts facts, ContainerOutcome? outcome) => new()
    {
        Command = container.Command ?? [],
        DependsOn = container.DependsOn ?? [],
        Environment = container.Environment ?? [],
        Essential = container.IsEssential(),
        FirelensConfiguration = container.FirelensConfiguration,
        Image = container.Image,
        LinuxParameters = container.LinuxParameters,
        LogConfiguration = container.LogConfiguration,
        MountPoints = container.MountPoints ?? [],
        Name = container.NameOrDefault(),
        Privileged = container.Privileged,
        ReadonlyRootFilesystem = container.ReadonlyRootFilesystem,
        RepositoryCredentials = container.RepositoryCredentials,
        ResourceRequirements = container.ResourceRequirements ?? [],
        Secrets = container.Secrets ?? [],
        Ulimits = container.Ulimits ?? [],
        User = container.User,
        StartTimeout = container.StartTimeout,
        StopTimeout = container.StopTimeout,
        ExitCode = outcome?.ExitCode,
        Reason = outcome?.Reason,
        // The task id of the attempt whose log there is: a later one may have died before it ran.
        LogStreamName = facts.LogStream is { } stream && outcome is null or { StartedAt: not null }
            ? LogNames.Stream(spec, container, LogNames.TaskId(stream))
            : null,
        NetworkInterfaces = JobDescriptions.NetworkOf(facts.Address),
    };
}
