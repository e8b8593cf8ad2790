using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a job's container shows of its latest attempt: the live one, else the last that is over.</summary>
public sealed record AttemptFacts(string? TaskArn, string? ContainerInstanceArn, string? LogStream, int? ExitCode, string? Reason)
{
    /// <summary>Of a node of a multi-node job: its address.</summary>
    public string? Address { get; init; }

    /// <summary>The attempt that a step ends; null when none does, or it never ran and has no log.</summary>
    public static JobAttempt? EndedLog(JobRecord before, JobState after) =>
        after.Attempts.Length > before.State.Attempts.Length && after.Attempts[^1] is { LogStream: not null } ended ? ended : null;

    /// <summary>The facts of a job.</summary>
    public static AttemptFacts Of(JobState state)
    {
        if (state.Placement is { } live)
        {
            return new(live.TaskArn, live.ContainerInstanceArn, live.StartedAt is null ? null : live.LogStream, null, null) { Address = live.Address };
        }

        if (state.Attempts is not [.., var last])
        {
            return new(null, null, null, null, null);
        }

        // A job that ever ran has a log to show, though its last attempt may have died before it ran.
        var logStream = last.LogStream ?? state.Attempts.LastOrDefault(attempt => attempt.LogStream is not null)?.LogStream;
        return new(last.TaskArn, last.ContainerInstanceArn, logStream, last.ExitCode, last.Reason) { Address = last.Address };
    }
}
