using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Where a job's output goes.</summary>
/// <remarks>Source: AWS Batch user guide, "Using the awslogs log driver".</remarks>
public static class LogNames
{
    /// <summary>The group of jobs that name none.</summary>
    public const string DefaultGroup = "/aws/batch/job";

    private const int MaximumPrefixLength = 200;

    /// <summary>The log group.</summary>
    public static string Group(JobSpec spec) => Option(spec, "awslogs-group") ?? DefaultGroup;

    /// <summary>The log stream of one attempt.</summary>
    public static string Stream(JobSpec spec, string taskId)
    {
        var prefix = Option(spec, "awslogs-stream-prefix")
            ?? (spec.DefinitionName.Length > MaximumPrefixLength ? spec.DefinitionName[..MaximumPrefixLength] : spec.DefinitionName);
        return $"{prefix}/default/{taskId}";
    }

    /// <summary>Options of other drivers mean nothing here: all output is kept, whatever the driver.</summary>
    private static string? Option(JobSpec spec, string name) =>
        spec.Container.LogConfiguration is { LogDriver: "awslogs", Options: { } options }
        && options.TryGetValue(name, out var value) && !string.IsNullOrEmpty(value)
            ? value
            : null;
}
