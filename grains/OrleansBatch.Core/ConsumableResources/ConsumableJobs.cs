using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Listings;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.ConsumableResources;

/// <summary>What a ListJobsByConsumableResource asks of the store.</summary>
/// <param name="ResourceName">Jobs that need this resource.</param>
/// <param name="Status">In this status; null: in any.</param>
/// <param name="JobName">Of such names; null: of any.</param>
/// <param name="Limit">Jobs at most.</param>
/// <param name="Cursor">Where the page begins; null for the first.</param>
/// <param name="Fingerprint">The query that its tokens are bound to.</param>
public sealed record ConsumableJobsPlan(string ResourceName, JobStatus? Status, NamePattern? JobName, int Limit, string? Cursor, string Fingerprint)
{
    /// <summary>The token for the page that begins at the store's cursor; null when there is none.</summary>
    public string? NextToken(string? next) => next is null ? null : PageTokens.Encode(next, Fingerprint);
}

/// <summary>Which jobs need a resource, and what is said about them.</summary>
/// <remarks>Source: AWS Batch API, ListJobsByConsumableResource.</remarks>
public static class ConsumableJobs
{
    private const int MaxPageSize = 100;

    /// <summary>What to list.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static ConsumableJobsPlan List(ListJobsByConsumableResourceRequest request, Scope scope)
    {
        var name = ConsumableResourceRules.NameOf(request.ConsumableResource, scope);
        if (request.MaxResults is < 1 or > MaxPageSize)
        {
            throw new BatchClientException($"maxResults is {request.MaxResults}, it must be between 1 and {MaxPageSize}.");
        }

        JobStatus? status = null;
        NamePattern? jobName = null;
        foreach (var filter in request.Filters ?? [])
        {
            if (filter.Values is not [{ Length: > 0 } value])
            {
                throw new BatchClientException($"Filter {filter.Name} must have exactly 1 value.");
            }

            switch (filter.Name)
            {
                case "JOB_STATUS" when status is null:
                    status = Status(value);
                    break;
                case "JOB_NAME" when jobName is null:
                    jobName = NamePattern.Of(value);
                    break;
                case "JOB_STATUS" or "JOB_NAME":
                    throw new BatchClientException($"Filter {filter.Name} is given twice.");
                default:
                    throw new BatchClientException($"Filter '{filter.Name}' is not valid. Valid names are: [JOB_STATUS, JOB_NAME].");
            }
        }

        // The name, which may hold anything, comes last.
        var fingerprint = $"ListJobsByConsumableResource {scope.Key} {name} {status} {jobName?.IsPrefix} {jobName?.Text}";
        return new(name, status, jobName, request.MaxResults ?? MaxPageSize, PageTokens.Decode(request.NextToken, fingerprint), fingerprint);
    }

    /// <summary>A job that needs the resource.</summary>
    /// <exception cref="ArgumentException">It does not need it.</exception>
    public static JobByConsumableResource Describe(JobRecord job, string resourceName)
    {
        var need = job.Spec.ConsumableResources?.FirstOrDefault(one => one.ResourceName == resourceName)
            ?? throw new ArgumentException($"Job {job.JobId} does not need {resourceName}.", nameof(resourceName));
        return new()
        {
            JobArn = Arns.Job(job.Scope, job.JobId),
            JobQueueArn = Arns.JobQueue(job.Scope, job.Spec.JobQueue),
            JobName = job.Spec.JobName,
            JobDefinitionArn = Arns.JobDefinition(job.Scope, job.Spec.DefinitionName, job.Spec.DefinitionRevision),
            ShareIdentifier = job.Spec.ShareIdentifier,
            JobStatus = job.State.Status.ToWire(),
            Quantity = need.Quantity,
            StatusReason = job.State.StatusReason,
            StartedAt = job.State.StartedAt?.ToUnixTimeMilliseconds(),
            CreatedAt = job.CreatedAt.ToUnixTimeMilliseconds(),
            ConsumableResourceProperties = ConsumableNeeds.Describe(job.Spec.ConsumableResources, job.Scope)!,
        };
    }

    private static JobStatus Status(string value) => JobStatuses.FromWire(value.ToUpperInvariant()) ?? throw new BatchClientException(
        $"Filter JOB_STATUS: '{value}' is not valid. Valid values are: [SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED].");
}
