namespace OrleansBatch.Model.Logs;

/// <summary>FilterLogEvents, as it came over the wire.</summary>
/// <remarks>Source: CloudWatch Logs API, FilterLogEvents.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FilterLogEventsRequest")]
public sealed record FilterLogEventsRequest
{
    /// <summary>Group, or its identifier.</summary>
    [Id(0)] public string? LogGroupName { get; init; }

    /// <summary>Group name or ARN.</summary>
    [Id(1)] public string? LogGroupIdentifier { get; init; }

    /// <summary>1 to 100 streams; not beside a prefix.</summary>
    [Id(2)] public IReadOnlyList<string>? LogStreamNames { get; init; }

    /// <summary>Only streams whose name begins so.</summary>
    [Id(3)] public string? LogStreamNamePrefix { get; init; }

    /// <summary>Epoch milliseconds, inclusive.</summary>
    [Id(4)] public long? StartTime { get; init; }

    /// <summary>Epoch milliseconds, inclusive.</summary>
    [Id(5)] public long? EndTime { get; init; }

    /// <summary>Up to 1024 characters.</summary>
    [Id(6)] public string? FilterPattern { get; init; }

    /// <summary>From the page before.</summary>
    [Id(7)] public string? NextToken { get; init; }

    /// <summary>1 to 10,000.</summary>
    [Id(8)] public int? Limit { get; init; }

    /// <summary>Has no effect: events of several streams are always in one order.</summary>
    [Id(9)] public bool? Interleaved { get; init; }

    /// <summary>Has no effect: nothing is masked.</summary>
    [Id(10)] public bool? Unmask { get; init; }

    /// <summary>Oldest first; default true.</summary>
    [Id(11)] public bool? StartFromHead { get; init; }
}

/// <summary>One event of some stream.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FilteredLogEvent")]
public sealed record FilteredLogEvent
{
    /// <summary>Its stream.</summary>
    [Id(0)] public required string LogStreamName { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(1)] public required long Timestamp { get; init; }

    /// <summary>The line.</summary>
    [Id(2)] public required string Message { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    [Id(3)] public required long IngestionTime { get; init; }

    /// <summary>Digits, the same whenever the event is read.</summary>
    [Id(4)] public required string EventId { get; init; }
}

/// <summary>A page of events, which may be short or empty while there is a token.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.FilterLogEventsResponse")]
public sealed record FilterLogEventsResponse
{
    /// <summary>The events.</summary>
    [Id(0)] public required IReadOnlyList<FilteredLogEvent> Events { get; init; }

    /// <summary>Always empty.</summary>
    [Id(1)] public IReadOnlyList<string> SearchedLogStreams { get; init; } = [];

    /// <summary>For the next page; null on the last.</summary>
    [Id(2)] public string? NextToken { get; init; }
}
