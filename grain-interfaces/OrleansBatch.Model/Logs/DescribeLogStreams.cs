namespace OrleansBatch.Model.Logs;

/// <summary>DescribeLogStreams, as it came over the wire.</summary>
/// <remarks>Source: CloudWatch Logs API, DescribeLogStreams.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeLogStreamsRequest")]
public sealed record DescribeLogStreamsRequest
{
    /// <summary>Group, or its identifier.</summary>
    [Id(0)] public string? LogGroupName { get; init; }

    /// <summary>Group name or ARN.</summary>
    [Id(1)] public string? LogGroupIdentifier { get; init; }

    /// <summary>Only streams whose name begins so; not when ordered by time.</summary>
    [Id(2)] public string? LogStreamNamePrefix { get; init; }

    /// <summary><c>LogStreamName</c> (default) or <c>LastEventTime</c>.</summary>
    [Id(3)] public string? OrderBy { get; init; }

    /// <summary>Last first; default false.</summary>
    [Id(4)] public bool? Descending { get; init; }

    /// <summary>From the page before.</summary>
    [Id(5)] public string? NextToken { get; init; }

    /// <summary>1 to 50.</summary>
    [Id(6)] public int? Limit { get; init; }
}

/// <summary>A stream, as DescribeLogStreams gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogStream")]
public sealed record LogStream
{
    /// <summary>Name.</summary>
    [Id(0)] public required string LogStreamName { get; init; }

    /// <summary>When its attempt reached RUNNING, epoch milliseconds.</summary>
    [Id(1)] public required long CreationTime { get; init; }

    /// <summary>Epoch milliseconds; null while it is silent.</summary>
    [Id(2)] public long? FirstEventTimestamp { get; init; }

    /// <summary>Epoch milliseconds; null while it is silent.</summary>
    [Id(3)] public long? LastEventTimestamp { get; init; }

    /// <summary>Epoch milliseconds; null while it is silent.</summary>
    [Id(4)] public long? LastIngestionTime { get; init; }

    /// <summary>Means nothing any more, and clients expect it.</summary>
    [Id(5)] public string UploadSequenceToken { get; init; } = "0";

    /// <summary>ARN.</summary>
    [Id(6)] public required string Arn { get; init; }

    /// <summary>Always 0.</summary>
    [Id(7)] public long StoredBytes { get; init; }
}

/// <summary>A page of streams.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeLogStreamsResponse")]
public sealed record DescribeLogStreamsResponse
{
    /// <summary>The streams.</summary>
    [Id(0)] public required IReadOnlyList<LogStream> LogStreams { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}
