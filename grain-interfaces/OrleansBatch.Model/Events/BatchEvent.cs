using System.Text.Json.Serialization;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Model.Events;

/// <summary>An event in the form of Amazon EventBridge.</summary>
/// <remarks>Source: EventBridge user guide, "Events"; AWS Batch user guide, "Batch job events".</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.BatchEvent")]
public sealed record BatchEvent
{
    /// <summary>Always 0.</summary>
    [Id(0)] public string Version { get; init; } = "0";

    /// <summary>A UUID, the same each time that the event is told.</summary>
    [Id(1)] public required string Id { get; init; }

    /// <summary><c>Batch Job State Change</c> or <c>Batch Job Queue Blocked</c>.</summary>
    [Id(2), JsonPropertyName("detail-type")] public required string DetailType { get; init; }

    /// <summary>Always <c>aws.batch</c>.</summary>
    [Id(3)] public string Source { get; init; } = "aws.batch";

    /// <summary>Account.</summary>
    [Id(4)] public required string Account { get; init; }

    /// <summary>When it was recorded: ISO 8601 in UTC, whole seconds.</summary>
    [Id(5)] public required string Time { get; init; }

    /// <summary>Region.</summary>
    [Id(6)] public required string Region { get; init; }

    /// <summary>The job's ARN; of a blocked queue its ARN, too.</summary>
    [Id(7)] public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>The job as it was at the event. Its <c>orleansBatch.sequenceNumber</c> counts the job's events from 1, without gaps.</summary>
    [Id(8)] public required JobDetail Detail { get; init; }

    /// <summary>The event's place in the order of all: what is read after it comes later. No part of the event itself.</summary>
    [Id(9), JsonIgnore] public string Cursor { get; init; } = "";
}
