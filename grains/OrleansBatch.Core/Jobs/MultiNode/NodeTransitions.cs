using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Jobs.MultiNode;

/// <summary>The rows of the transition table for a multi-node job and its nodes.</summary>
/// <remarks>Source: AWS Batch user guide, "Multi-node parallel jobs".</remarks>
internal static class NodeTransitions
{
    /// <summary>
    /// A multi-node job waits as any other. From its placement on its nodes have the attempts: it follows its main node, and is over when no process of any
    /// node is left.
    /// </summary>
    public static JobState NextOfGang(JobState job, RetryStrategy strategy, JobEvent happened, Func<JobState, JobState> asJob)
    {
        var next = (job.Status, happened) switch
        {
            (Runnable, GangPlaced) => job.BeginAttempt(placement: null),
            (Starting, MainStarted e) => job with { Status = Running, StartedAt = e.At },
            (Running, MainStarted) => job,
            (Starting or Running, GangEnded e) => job.After(strategy, e.Attempt, e.Kind),
            _ => asJob(job),
        };

        // Nodes without rows are as their job is: it has never been placed.
        return job.Fence == 0 && next.Fence == 0 ? next with { Unwritten = AsNode(next) } : next;
    }

    /// <summary>A node begins its attempts with its job, and its end decides nothing but its own status.</summary>
    public static JobState NextOfNode(JobState node, JobEvent happened, Func<JobState, JobState> asJob) => (node.Status, happened) switch
    {
        (Succeeded or Failed, TriedAgain) => node with { Status = Runnable, StatusReason = null, StoppedAt = null },
        (Succeeded or Failed, _) => node,
        // The whole gang's last process is gone, and the node's was before.
        (_, TriedAgain) => node,
        (Starting or Running, MainNodeEnded) => node with { StopReason = node.StopReason ?? StatusReasons.MainNodeEnded },
        (_, MainNodeEnded) => node,
        (Runnable, Blocked or Unblocked) => node,
        _ => asJob(node),
    };

    /// <summary>A node whose attempt is over: stopped with its job it has FAILED, stopped because the main node ended it is as its process says.</summary>
    public static JobState EndNode(JobState over, JobState before, JobAttempt attempt, AttemptEnd end) => before.StopReason is { } reason and not StatusReasons.MainNodeEnded
        ? over with { Status = Failed, StatusReason = reason, StoppedAt = end.At }
        : over with { Status = end.IsSuccess ? Succeeded : Failed, StatusReason = attempt.StatusReason, StoppedAt = end.At };

    /// <summary>A node without a row, of a job that was never placed.</summary>
    public static JobState AsNode(JobState job) => job with { Role = JobRole.Node, Unwritten = null, BlockedSince = null, Tags = null, StatusReason = job.Status == Failed ? job.StatusReason : null };
}
