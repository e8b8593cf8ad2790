namespace OrleansBatch.Model.Jobs;

/// <summary>CancelJobs or TerminateJobs, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, CancelJobs and TerminateJobs.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.StopJobsRequest")]
public sealed record StopJobsRequest
{
    /// <summary>1 to 50 jobs.</summary>
    [Id(0)] public IReadOnlyList<string>? Jobs { get; init; }

    /// <summary>Why, 1 to 1024 characters: one for all.</summary>
    [Id(1)] public string? Reason { get; init; }
}

/// <summary>What became of each job of a CancelJobs or TerminateJobs call.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.StopJobsResponse")]
public sealed record StopJobsResponse
{
    /// <summary>Ids as sent whose request was accepted, also of jobs that are unknown or have ended.</summary>
    [Id(0)] public required IReadOnlyList<string> Successful { get; init; }

    /// <summary>Those that were not.</summary>
    [Id(1)] public required IReadOnlyList<StopJobError> Errors { get; init; }
}

/// <summary>Why one job of many was not cancelled or terminated.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.StopJobError")]
public sealed record StopJobError
{
    /// <summary>The id as sent.</summary>
    [Id(0)] public required string Job { get; init; }

    /// <summary><c>ValidationException</c>: no job id; <c>ClientException</c>: another fault of the caller; <c>ServerException</c>: send this id again.</summary>
    [Id(1)] public required string Code { get; init; }

    /// <summary>In words.</summary>
    [Id(2)] public required string Message { get; init; }
}
