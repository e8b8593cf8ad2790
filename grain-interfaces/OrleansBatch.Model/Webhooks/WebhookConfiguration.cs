namespace OrleansBatch.Model.Webhooks;

/// <summary>A webhook as it is stored.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.WebhookConfiguration")]
public sealed record WebhookConfiguration
{
    /// <summary>Its name, in its scope.</summary>
    [Id(0)] public required ScopedName Name { get; init; }

    /// <summary>Tells it from others that had its name before: what is stored of deliveries is stored under this.</summary>
    [Id(1)] public required string Id { get; init; }

    /// <summary>Where events are sent.</summary>
    [Id(2)] public required string Url { get; init; }

    /// <summary>Only events with one of these detail-types; empty: all.</summary>
    [Id(3)] public IReadOnlyList<string> DetailTypes { get; init; } = [];

    /// <summary>Only events that tell of one of these statuses; empty: all.</summary>
    [Id(4)] public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>Only events of jobs in one of these queues; empty: all.</summary>
    [Id(5)] public IReadOnlyList<string> JobQueues { get; init; } = [];

    /// <summary>What signs each request; null: nothing does.</summary>
    [Id(6)] public string? Secret { get; init; }

    /// <summary>Whether events are sent. While they are not, they wait.</summary>
    [Id(7)] public required bool IsEnabled { get; init; }

    /// <summary>How often an event is sent again at most.</summary>
    [Id(8)] public required int MaximumRetryAttempts { get; init; }

    /// <summary>The cursor that it began with: events before are never sent.</summary>
    [Id(9)] public required string Start { get; init; }
}
