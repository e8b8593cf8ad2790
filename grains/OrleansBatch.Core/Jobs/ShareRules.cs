using OrleansBatch.Core.Names;
using OrleansBatch.Core.Scheduling.FairShare;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a submission says of its share and its priority there.</summary>
/// <remarks>Source: AWS Batch API, SubmitJob.shareIdentifier and SubmitJob.schedulingPriorityOverride.</remarks>
public static class ShareRules
{
    private const int MaximumPriority = 9999;

    /// <summary>Checks what needs no queue.</summary>
    /// <exception cref="BatchClientException">A member breaks a rule.</exception>
    public static void Check(SubmitJobRequest request)
    {
        // An empty text is how some clients say: none.
        if (!string.IsNullOrEmpty(request.ShareIdentifier) && !ResourceNames.IsShareIdentifier(request.ShareIdentifier))
        {
            throw new BatchClientException("ShareIdentifier name should match a valid pattern.");
        }

        if (request.SchedulingPriorityOverride is < 0 or > MaximumPriority)
        {
            throw new BatchClientException($"Scheduling priority must be between 0 and {MaximumPriority}.");
        }
    }

    /// <summary>Says that a queue has as many active shares as it may have.</summary>
    public static BatchClientException TooManyShares(string queue) =>
        new($"Job queue {queue} has {FairShareRules.MaxActiveShares} active share identifiers, the most that it may have: shareIdentifier must be one of them.");

    /// <summary>The job's share and its priority there; null where the queue goes first in, first out. A definition's priority means nothing there.</summary>
    /// <exception cref="BatchClientException">The queue wants a share and there is none, or the other way round.</exception>
    public static (string Identifier, int Priority)? InForce(SubmitJobRequest request, JobDefinition definition, QueueAdmission queue)
    {
        var isGiven = !string.IsNullOrEmpty(request.ShareIdentifier);
        if (queue.IsFairShare)
        {
            return isGiven
                ? (request.ShareIdentifier!, request.SchedulingPriorityOverride ?? definition.SchedulingPriority ?? 0)
                : throw new BatchClientException($"shareIdentifier is required: job queue {queue.Name} has a fair share scheduling policy.");
        }

        return isGiven || request.SchedulingPriorityOverride is not null
            ? throw new BatchClientException(
                "Job with shareIdentifier or schedulingPriority can onlybe submitted to job queue with fair share scheduling policy.")
            : null;
    }
}
