namespace OrleansBatch.Model.Logs;

/// <summary>DescribeLogGroups, as it came over the wire.</summary>
/// <remarks>Source: CloudWatch Logs API, DescribeLogGroups.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeLogGroupsRequest")]
public sealed record DescribeLogGroupsRequest
{
    /// <summary>Only groups whose name begins so.</summary>
    [Id(0)] public string? LogGroupNamePrefix { get; init; }

    /// <summary>Only groups with this text in their name; not beside a prefix.</summary>
    [Id(1)] public string? LogGroupNamePattern { get; init; }

    /// <summary>1 to 50 names or ARNs, and then no other filter.</summary>
    [Id(2)] public IReadOnlyList<string>? LogGroupIdentifiers { get; init; }

    /// <summary><c>STANDARD</c>, <c>INFREQUENT_ACCESS</c> or <c>DELIVERY</c>.</summary>
    [Id(3)] public string? LogGroupClass { get; init; }

    /// <summary>At most 20; has no effect.</summary>
    [Id(4)] public IReadOnlyList<string>? AccountIdentifiers { get; init; }

    /// <summary>Has no effect.</summary>
    [Id(5)] public bool? IncludeLinkedAccounts { get; init; }

    /// <summary>From the page before.</summary>
    [Id(6)] public string? NextToken { get; init; }

    /// <summary>1 to 50.</summary>
    [Id(7)] public int? Limit { get; init; }
}

/// <summary>A group, as DescribeLogGroups gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogGroup")]
public sealed record LogGroup
{
    /// <summary>Name.</summary>
    [Id(0)] public required string LogGroupName { get; init; }

    /// <summary>When it was first used, epoch milliseconds; 0 before that.</summary>
    [Id(1)] public required long CreationTime { get; init; }

    /// <summary>Always 0.</summary>
    [Id(2)] public int? MetricFilterCount { get; init; }

    /// <summary>ARN that ends in <c>:*</c>.</summary>
    [Id(3)] public required string Arn { get; init; }

    /// <summary>ARN that does not.</summary>
    [Id(4)] public string? LogGroupArn { get; init; }

    /// <summary>Always 0.</summary>
    [Id(5)] public long? StoredBytes { get; init; }

    /// <summary><c>STANDARD</c>.</summary>
    [Id(6)] public string? LogGroupClass { get; init; }
}

/// <summary>A page of groups, by name.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeLogGroupsResponse")]
public sealed record DescribeLogGroupsResponse
{
    /// <summary>The groups.</summary>
    [Id(0)] public required IReadOnlyList<LogGroup> LogGroups { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}
