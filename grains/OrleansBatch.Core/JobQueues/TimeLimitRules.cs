using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Core.JobQueues;

/// <summary>Which time limits a queue of container jobs may have.</summary>
/// <remarks>Source: AWS Batch API, JobStateTimeLimitAction; AWS Batch user guide, "Jobs stuck in RUNNABLE".</remarks>
internal static class TimeLimitRules
{
    private const int MinSeconds = 600;
    private const int MaxSeconds = 86_400;

    private static readonly string[] Reasons =
    [
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
        "MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED",
    ];

    /// <summary>The list as it is stored; null: none.</summary>
    /// <exception cref="BatchClientException">An entry breaks a rule, or repeats another's state and reason.</exception>
    public static IReadOnlyList<JobStateTimeLimitAction>? Check(IReadOnlyList<JobStateTimeLimitAction>? actions)
    {
        if (actions is not { Count: > 0 })
        {
            return null;
        }

        foreach (var action in actions)
        {
            Check(action);
        }

        return actions.DistinctBy(action => (action.State, action.Reason)).Count() == actions.Count
            ? actions
            : throw new BatchClientException("Duplicate job state limit actions are not allowed.");
    }

    private static void Check(JobStateTimeLimitAction action)
    {
        if (action is not { Reason: not null, State: not null, MaxTimeSeconds: not null, Action: not null })
        {
            throw new BatchClientException("Each entry of jobStateTimeLimitActions needs reason, state, maxTimeSeconds and action.");
        }

        if (!Reasons.Contains(action.Reason))
        {
            throw new BatchClientException(
                $"jobStateTimeLimitActions: reason {action.Reason} is not valid. Valid values are: [{string.Join(", ", Reasons)}]");
        }

        if (action.State != "RUNNABLE")
        {
            throw new BatchClientException($"jobStateTimeLimitActions: state {action.State} is not valid. Valid values are: [RUNNABLE]");
        }

        if (action.MaxTimeSeconds is < MinSeconds or > MaxSeconds)
        {
            throw new BatchClientException($"maxTimeSeconds is {action.MaxTimeSeconds}, it must be between {MinSeconds} and {MaxSeconds}.");
        }

        if (action.Action != "CANCEL")
        {
            throw new BatchClientException("Invalid job action. Valid job actions: [CANCEL]");
        }
    }
}
