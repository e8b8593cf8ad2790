using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Where a job's output goes.</summary>
/// <remarks>Source: AWS Batch user guide, "Using the awslogs log driver".</remarks>
public static class LogNames
{
    /// <summary>The group of jobs that name none.</summary>
    public const string DefaultGroup = "/aws/batch/job";

    private const int MaximumPrefixLength = 200;

    /// <summary>The log group; of a job of several containers that of the first.</summary>
    public static string Group(JobSpec spec) => Option(First(spec), "awslogs-group") ?? DefaultGroup;

    /// <summary>The log group of one of a job's several containers.</summary>
    public static string Group(TaskContainerProperties container) => Option(container.LogConfiguration, "awslogs-group") ?? DefaultGroup;

    /// <summary>The log stream of one attempt; of a job of several containers that of the first.</summary>
    public static string Stream(JobSpec spec, string taskId) =>
        spec.EcsTask is { } task ? Stream(spec, task.Containers![0], taskId) : Stream(spec, spec.Container.LogConfiguration, "default", taskId);

    /// <summary>The log stream of one of several containers in one attempt.</summary>
    public static string Stream(JobSpec spec, TaskContainerProperties container, string taskId) =>
        Stream(spec, container.LogConfiguration, container.NameOrDefault(), taskId);

    /// <summary>All log streams of one attempt, each with its group: one, or one for each of several containers.</summary>
    public static IEnumerable<(string Group, string Stream)> Streams(JobSpec spec, string taskArn) => spec.EcsTask is { } task
        ? task.Containers!.Select(container => (Group(container), Stream(spec, container, TaskId(taskArn))))
        : [(Group(spec), Stream(spec, TaskId(taskArn)))];

    /// <summary>The task id that the ARN of an attempt's task, and each of its log streams, ends with.</summary>
    public static string TaskId(string taskArn) => taskArn[(taskArn.LastIndexOf('/') + 1)..];

    private static string Stream(JobSpec spec, LogConfiguration? configuration, string container, string taskId)
    {
        var prefix = Option(configuration, "awslogs-stream-prefix")
            ?? (spec.DefinitionName.Length > MaximumPrefixLength ? spec.DefinitionName[..MaximumPrefixLength] : spec.DefinitionName);
        return $"{prefix}/{container}/{taskId}";
    }

    private static LogConfiguration? First(JobSpec spec) => spec.EcsTask is { } task ? task.Containers![0].LogConfiguration : spec.Container.LogConfiguration;

    /// <summary>Options of other drivers mean nothing here: all output is kept, whatever the driver.</summary>
    private static string? Option(LogConfiguration? configuration, string name) =>
        configuration is { LogDriver: "awslogs", Options: { } options }
        && options.TryGetValue(name, out var value) && !string.IsNullOrEmpty(value)
            ? value
            : null;
}
