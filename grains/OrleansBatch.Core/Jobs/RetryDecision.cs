using System.Globalization;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Decides whether a failed attempt is followed by another one.</summary>
/// <remarks>Source: AWS Batch user guide, "Automated job retries"; API, EvaluateOnExit.</remarks>
public static class RetryDecision
{
    /// <summary>Whether the job goes back to RUNNABLE.</summary>
    /// <param name="job">The job while the attempt was still live: its fence is the attempt's number.</param>
    /// <param name="strategy">The strategy in force.</param>
    /// <param name="attempt">The attempt that failed.</param>
    /// <param name="kind">How it ended.</param>
    public static bool Retries(JobState job, RetryStrategy strategy, JobAttempt attempt, AttemptEndKind kind)
    {
#if PLANTED_BUGS
        if ((job.IsTerminated && PlantedBugs.Planted.Is("retry-after-terminate")) || (job is { IsCancelled: true, IsTerminated: false } && PlantedBugs.Planted.Is("retry-after-cancel")))
        {
            return job.Fence < (strategy.Attempts ?? 1);
        }

#endif
        if (job.IsCancelled || job.IsTerminated || job.StopReason is not null)
        {
            return false;
        }

        if (kind == AttemptEndKind.TimedOut)
        {
            return false;
        }

        if (job.Fence >= (strategy.Attempts ?? 1))
        {
            return false;
        }

        // No rule, or none that matches: retry.
        var rule = strategy.EvaluateOnExit?.FirstOrDefault(candidate => Matches(candidate, attempt));
        return rule is null || string.Equals(rule.Action, "retry", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether every condition that the rule gives fits the attempt; of several containers one essential one is enough.</summary>
    public static bool Matches(EvaluateOnExit rule, JobAttempt attempt) =>
        Fits(rule.OnStatusReason, attempt.StatusReason)
        && (attempt.Containers?.Where(container => container.IsEssential).ToList() is { Count: > 0 } containers
            ? containers.Exists(container => Fits(rule, container.ExitCode, container.Reason))
            : Fits(rule, attempt.ExitCode, attempt.Reason));

    private static bool Fits(EvaluateOnExit rule, int? exitCode, string? reason) =>
        Fits(rule.OnExitCode, exitCode?.ToString(CultureInfo.InvariantCulture))
        // A missing reason counts as empty text: the documented catch-all "*" depends on it.
        && Fits(rule.OnReason, reason ?? "");

    /// <summary>A final <c>*</c> matches any rest; without it the whole text must be equal. A condition not given fits everything.</summary>
    private static bool Fits(string? pattern, string? text)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            return true;
        }

        if (text is null)
        {
            return false;
        }

        return pattern.EndsWith('*')
            ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : string.Equals(text, pattern, StringComparison.Ordinal);
    }
}
