namespace OrleansBatch.Model.Jobs;

/// <summary>CancelJob or TerminateJob, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.StopJobRequest")]
public sealed record StopJobRequest
{
    /// <summary>The job.</summary>
    [Id(0)] public string? JobId { get; init; }

    /// <summary>Why, 1 to 1024 characters: the status reason of what it ends.</summary>
    [Id(1)] public string? Reason { get; init; }
}

/// <summary>DescribeJobs, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeJobsRequest")]
public sealed record DescribeJobsRequest
{
    /// <summary>1 to 100 ids or ARNs; unknown ones are left out of the answer.</summary>
    [Id(0)] public IReadOnlyList<string>? Jobs { get; init; }
}

/// <summary>The jobs that exist, in the order of the request.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeJobsResponse")]
public sealed record DescribeJobsResponse
{
    /// <summary>The jobs.</summary>
    [Id(0)] public required IReadOnlyList<JobDetail> Jobs { get; init; }
}

/// <summary>ListJobs, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListJobsRequest")]
public sealed record ListJobsRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? JobQueue { get; init; }

    /// <summary>Children of this array job.</summary>
    [Id(1)] public string? ArrayJobId { get; init; }

    /// <summary>Nodes of this job.</summary>
    [Id(2)] public string? MultiNodeJobId { get; init; }

    /// <summary>One status; RUNNING when neither this nor a filter is given.</summary>
    [Id(3)] public string? JobStatus { get; init; }

    /// <summary>At most one.</summary>
    [Id(4)] public IReadOnlyList<KeyValuesPair>? Filters { get; init; }

    /// <summary>1 to 1000, with a filter 1 to 100.</summary>
    [Id(5)] public int? MaxResults { get; init; }

    /// <summary>From the page before.</summary>
    [Id(6)] public string? NextToken { get; init; }
}

/// <summary>A filter.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.KeyValuesPair")]
public sealed record KeyValuesPair
{
    /// <summary>Which.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>What it matches.</summary>
    [Id(1)] public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>A page of jobs.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListJobsResponse")]
public sealed record ListJobsResponse
{
    /// <summary>The jobs.</summary>
    [Id(0)] public required IReadOnlyList<JobSummary> JobSummaryList { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}
