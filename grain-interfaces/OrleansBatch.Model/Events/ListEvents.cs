using System.Text.Json.Serialization;

namespace OrleansBatch.Model.Events;

/// <summary>Of ours: asks for events, those of one job or of all, in the order in which they were recorded.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListEventsRequest")]
public sealed record ListEventsRequest
{
    /// <summary>Id or ARN of a job, or of an array's child; null: all jobs of the caller's account and region.</summary>
    [Id(0)] public string? JobId { get; init; }

    /// <summary>Events after this cursor. Null: from the first. <c>now</c>: from those that are recorded from now on (not of one job).</summary>
    [Id(1)] public string? After { get; init; }

    /// <summary>Events at most, 1 to 1,000. Default: 100.</summary>
    [Id(2)] public int? MaxResults { get; init; }

    /// <summary>Only events with one of these detail-types. Not of one job.</summary>
    [Id(3)] public IReadOnlyList<string>? DetailTypes { get; init; }

    /// <summary>Only events that tell of one of these statuses. Not of one job.</summary>
    [Id(4)] public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>Only events of jobs in one of these queues, by name or ARN. Not of one job.</summary>
    [Id(5)] public IReadOnlyList<string>? JobQueues { get; init; }

    /// <summary>How long to wait while there are none, 0 to 20 seconds. Default: 0.</summary>
    [Id(6)] public int? WaitSeconds { get; init; }
}

/// <summary>Of ours: a page of events.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListEventsResponse")]
public sealed record ListEventsResponse
{
    /// <summary>In order. May be empty though there are more.</summary>
    [Id(0)] public required IReadOnlyList<BatchEvent> Events { get; init; }

    /// <summary>The cursor to go on with: always there, also when there are no more yet.</summary>
    [Id(1)] public required string NextCursor { get; init; }

    /// <summary>Whether there are more already.</summary>
    [Id(2)] public bool HasMore { get; init; }
}
