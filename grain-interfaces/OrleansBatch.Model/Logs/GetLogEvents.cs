namespace OrleansBatch.Model.Logs;

/// <summary>GetLogEvents, as it came over the wire.</summary>
/// <remarks>Source: CloudWatch Logs API, GetLogEvents.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.GetLogEventsRequest")]
public sealed record GetLogEventsRequest
{
    /// <summary>Group, or its identifier.</summary>
    [Id(0)] public string? LogGroupName { get; init; }

    /// <summary>Group name or ARN.</summary>
    [Id(1)] public string? LogGroupIdentifier { get; init; }

    /// <summary>Stream.</summary>
    [Id(2)] public string? LogStreamName { get; init; }

    /// <summary>Epoch milliseconds, inclusive.</summary>
    [Id(3)] public long? StartTime { get; init; }

    /// <summary>Epoch milliseconds, exclusive.</summary>
    [Id(4)] public long? EndTime { get; init; }

    /// <summary>From the page before.</summary>
    [Id(5)] public string? NextToken { get; init; }

    /// <summary>1 to 10,000.</summary>
    [Id(6)] public int? Limit { get; init; }

    /// <summary>Oldest first when there is no token; default false.</summary>
    [Id(7)] public bool? StartFromHead { get; init; }

    /// <summary>Has no effect: nothing is masked.</summary>
    [Id(8)] public bool? Unmask { get; init; }
}

/// <summary>One event.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.OutputLogEvent")]
public sealed record OutputLogEvent
{
    /// <summary>Epoch milliseconds.</summary>
    [Id(0)] public required long Timestamp { get; init; }

    /// <summary>The line.</summary>
    [Id(1)] public required string Message { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(2)] public required long IngestionTime { get; init; }
}

/// <summary>A page of events, oldest first; the tokens are never null.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.GetLogEventsResponse")]
public sealed record GetLogEventsResponse
{
    /// <summary>The events.</summary>
    [Id(0)] public required IReadOnlyList<OutputLogEvent> Events { get; init; }

    /// <summary>What comes after.</summary>
    [Id(1)] public required string NextForwardToken { get; init; }

    /// <summary>What came before.</summary>
    [Id(2)] public required string NextBackwardToken { get; init; }
}
