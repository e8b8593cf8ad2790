using System.Globalization;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Checks and reads the calls about jobs that exist.</summary>
/// <remarks>Source: AWS Batch API, DescribeJobs, ListJobs, CancelJob, TerminateJob.</remarks>
public static class JobRequests
{
    private const int MaximumDescribed = 100;
    private const int MaximumReasonLength = 1024;
    private const int MaximumStopped = 50;
    private const int MaximumListed = 1000;
    private const int MaximumFiltered = 100;

    /// <summary>The ids to look for, in the order asked, each once. What can be no job of this scope is left out.</summary>
    /// <exception cref="BatchClientException">There are none, or too many.</exception>
    public static IReadOnlyList<string> DescribeIds(DescribeJobsRequest request, Scope scope)
    {
        if (request.Jobs is not { Count: > 0 } jobs)
        {
            throw new ValidationException("jobs must name at least 1 job.");
        }

        if (jobs.Count > MaximumDescribed)
        {
            // Two spaces: so does the live service.
            throw new ValidationException($"Maximum number of jobs supported is  {MaximumDescribed}");
        }

        return [.. jobs.Select(job => job is null ? null : Arns.FindJobId(job, scope)).OfType<string>().Distinct()];
    }

    /// <summary>Which job to cancel or terminate, and why.</summary>
    /// <exception cref="BatchClientException">The id is malformed, of another scope or of a node, or the reason is missing or too long.</exception>
    public static (string JobId, string Reason) Stop(StopJobRequest request, Scope scope)
    {
        if (string.IsNullOrEmpty(request.JobId))
        {
            throw new BatchClientException("jobId is required.");
        }

        CheckReason(request.Reason);
        var jobId = Arns.FindJobId(request.JobId, scope) ?? throw NoJobId(request.JobId);
        return IsNode(jobId) ? throw new BatchClientException(IsANode(request.JobId)) : (jobId, request.Reason!);
    }

    /// <summary>What to list.</summary>
    /// <exception cref="BatchClientException">A field breaks a rule, or asks for what does not exist here yet.</exception>
    public static ListPlan List(ListJobsRequest request, Scope scope)
    {
        CheckWhatIsListed(request);
        if (!string.IsNullOrEmpty(request.ArrayJobId))
        {
            return ListParts(request, request.ArrayJobId, areNodes: false, scope);
        }

        if (!string.IsNullOrEmpty(request.MultiNodeJobId))
        {
            return ListParts(request, request.MultiNodeJobId, areNodes: true, scope);
        }

        var queue = Arns.NameOf(ResourceKind.JobQueue, request.JobQueue!, scope);
        var isFiltered = request.Filters is { Count: > 0 };
        var filter = isFiltered ? Filter(request.Filters!, request.JobStatus, scope) : new JobListFilter.InStatus(Status(request.JobStatus));
        // With a filter the status is ignored, but it still has to be one.
        _ = Status(request.JobStatus);

        // As the caller wrote it: a token is good for the same words only.
        var asked = isFiltered ? $"{request.Filters![0].Name} {request.Filters[0].Values![0]} {(filter as JobListFilter.InShare)?.Status}" : request.JobStatus;
        var fingerprint = $"ListJobs {scope} {queue} {asked}";
        return new(
            queue,
            ParentId: null,
            filter,
            Limit(request.MaxResults, isFiltered ? MaximumFiltered : MaximumListed),
            PageTokens.Decode(request.NextToken, fingerprint),
            fingerprint);
    }

    /// <summary>Children and nodes are told apart by their status alone.</summary>
    private static ListPlan ListParts(ListJobsRequest request, string text, bool areNodes, Scope scope)
    {
        var member = areNodes ? "multiNodeJobId" : "arrayJobId";
        if (request.Filters is { Count: > 0 })
        {
            throw new BatchClientException($"filters are for listings of a jobQueue, not of {member}.");
        }

        var parent = Arns.FindJobId(text, scope) ?? throw NoParent(text, areNodes);
        if (JobPartIds.IsPart(parent))
        {
            throw new BatchClientException($"{member}: {parent} is part of a job, not {(areNodes ? "a multi-node parallel" : "an array")} job.");
        }

        var status = Status(request.JobStatus);
        var fingerprint = $"ListJobs {scope} {parent} {status}";
        return new(
            QueueName: null,
            parent,
            new JobListFilter.InStatus(status),
            Limit(request.MaxResults, MaximumListed),
            PageTokens.Decode(request.NextToken, fingerprint),
            fingerprint)
        {
            AreNodes = areNodes,
        };
    }

    /// <summary>Says that there is no such array, or no such multi-node job.</summary>
    public static BatchClientException NoParent(string text, bool ofNodes) => ofNodes
        ? new($"multiNodeJobId: multi-node parallel job {text} does not exist")
        : new($"arrayJobId: array job {text} does not exist");

    /// <summary>The jobs of a CancelJobs or TerminateJobs call, each once, and which of them cannot be ended.</summary>
    /// <exception cref="BatchClientException">The call itself is at fault: nothing of it is done.</exception>
    public static (IReadOnlyList<(string Sent, string JobId)> Good, IReadOnlyList<StopJobError> Bad) StopMany(StopJobsRequest request, Scope scope)
    {
        if (request.Jobs is not { Count: > 0 } jobs)
        {
            throw new BatchClientException("jobs must name at least 1 job.");
        }

        if (jobs.Count > MaximumStopped)
        {
            throw new BatchClientException($"jobs can name at most {MaximumStopped} jobs, got {jobs.Count}.");
        }

        CheckReason(request.Reason);
        List<(string, string)> good = [];
        List<StopJobError> bad = [];
        foreach (var sent in jobs.Select(job => job ?? "").Distinct())
        {
            var jobId = Arns.FindJobId(sent, scope);
            if (jobId is null)
            {
                bad.Add(new() { Job = sent, Code = "ValidationException", Message = NoJobId(sent).Message });
            }
            else if (IsNode(jobId))
            {
                bad.Add(new() { Job = sent, Code = "ClientException", Message = IsANode(sent) });
            }
            else
            {
                good.Add((sent, jobId));
            }
        }

        return (good, bad);
    }

    private static BatchClientException NoJobId(string text) => text.StartsWith("arn:", StringComparison.Ordinal)
        ? new($"Job {text} does not exist")
        : new($"jobId '{text}' is not a job id: expected a lower-case UUID.");

    private static void CheckReason(string? reason)
    {
        if (string.IsNullOrEmpty(reason))
        {
            throw new BatchClientException("'reason' is a required field");
        }

        if (reason.Length > MaximumReasonLength)
        {
            throw new BatchClientException($"reason can have at most {MaximumReasonLength} characters, got {reason.Length}.");
        }
    }

    private static bool IsNode(string jobId) => jobId.Contains('#', StringComparison.Ordinal);

    private static string IsANode(string sent) => $"{sent} is one node of a multi-node parallel job: only the whole job can be ended.";

    private static void CheckWhatIsListed(ListJobsRequest request)
    {
        string?[] given = [request.JobQueue, request.ArrayJobId, request.MultiNodeJobId];
        if (given.Count(text => !string.IsNullOrEmpty(text)) != 1)
        {
            throw new BatchClientException("Exactly one of jobQueue, arrayJobId and multiNodeJobId must be given.");
        }
    }

    private static JobStatus Status(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return JobStatus.Running;
        }

        return JobStatuses.FromWire(text) ?? throw new BatchClientException(
            $"jobStatus '{text}' is not valid. Valid values are: [SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED].");
    }

    private static int Limit(int? asked, int maximum) => asked switch
    {
        null => maximum,
        >= 1 when asked <= maximum => asked.Value,
        _ => throw new BatchClientException($"maxResults must be between 1 and {maximum}, got {asked}."),
    };

    private static JobListFilter Filter(IReadOnlyList<KeyValuesPair> filters, string? jobStatus, Scope scope)
    {
        if (filters.Count > 1)
        {
            throw new BatchClientException($"filters can have at most 1 entry, got {filters.Count}.");
        }

        if (filters[0]?.Values is not [{ Length: > 0 } value])
        {
            throw new BatchClientException($"Filter {filters[0]?.Name} must have exactly 1 value.");
        }

        return filters[0].Name switch
        {
            "JOB_NAME" => new JobListFilter.Named(WithoutStar(value), HasStar(value)),
            "JOB_DEFINITION" => OfDefinition(value, scope),
            "BEFORE_CREATED_AT" => new JobListFilter.CreatedBefore(Time(value)),
            "AFTER_CREATED_AT" => new JobListFilter.CreatedAfter(Time(value)),
            // The only one that the status goes with.
            "SHARE_IDENTIFIER" => new JobListFilter.InShare(value, string.IsNullOrEmpty(jobStatus) ? null : Status(jobStatus)),
            var name => throw new BatchClientException(
                $"Filter '{name}' is not valid. Valid names are: [JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER]."),
        };
    }

    private static JobListFilter.OfDefinition OfDefinition(string value, Scope scope)
    {
        if (HasStar(value) && !value.StartsWith("arn:", StringComparison.Ordinal))
        {
            return new(WithoutStar(value), Revision: null, IsPrefix: true);
        }

        return DefinitionReference.Find(value, scope) is { } reference
            ? new(reference.Name, reference.Revision, IsPrefix: false)
            : throw new BatchClientException($"Filter JOB_DEFINITION: job definition {value} does not exist");
    }

    private static DateTimeOffset Time(string value)
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            throw new BatchClientException($"Filter value '{value}' is not a time in milliseconds since the epoch.");
        }

        // Beyond what a clock can show, every job is on the same side.
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
            milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
    }

    private static bool HasStar(string value) => value.EndsWith('*');

    private static string WithoutStar(string value) => HasStar(value) ? value[..^1] : value;
}
