namespace OrleansBatch.Model.Jobs;

/// <summary>How often a job may be moved to RUNNABLE, the first time included.</summary>
/// <remarks>Source: AWS Batch API, RetryStrategy.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RetryStrategy")]
public sealed record RetryStrategy
{
    /// <summary>Attempts in total, 1 to 10.</summary>
    [Id(0)] public int? Attempts { get; init; }

    /// <summary>What decides after a failed attempt, first match first; at most 5.</summary>
    [Id(1)] public IReadOnlyList<EvaluateOnExit>? EvaluateOnExit { get; init; }
}

/// <summary>One rule of a retry strategy: all conditions given must match.</summary>
/// <remarks>Source: AWS Batch API, EvaluateOnExit.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EvaluateOnExit")]
public sealed record EvaluateOnExit
{
    /// <summary>Pattern for the attempt's status reason; at most 512 characters, a final <c>*</c> matches any rest.</summary>
    [Id(0)] public string? OnStatusReason { get; init; }

    /// <summary>Pattern for the container's reason, as above. A missing reason counts as empty text.</summary>
    [Id(1)] public string? OnReason { get; init; }

    /// <summary>Pattern for the decimal exit code: digits, with an optional final <c>*</c>.</summary>
    [Id(2)] public string? OnExitCode { get; init; }

    /// <summary><c>retry</c> or <c>exit</c>; upper or lower case alike.</summary>
    [Id(3)] public string? Action { get; init; }
}

/// <summary>How long each attempt may run.</summary>
/// <remarks>Source: AWS Batch API, JobTimeout.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobTimeout")]
public sealed record JobTimeout
{
    /// <summary>Seconds from the attempt's start, at least 60.</summary>
    [Id(0)] public int? AttemptDurationSeconds { get; init; }
}
