using OrleansBatch.Model.Events;

namespace OrleansBatch.Model.Webhooks;

/// <summary>Of ours: creates a webhook, or changes one; a change leaves alone what is null.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.WebhookRequest")]
public sealed record WebhookRequest
{
    /// <summary>1 to 128 letters, digits, <c>-</c>, <c>_</c>.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>Where events are sent: <c>http</c> or <c>https</c>, at most 2,048 characters.</summary>
    [Id(1)] public string? Url { get; init; }

    /// <summary>Only events with one of these detail-types. Empty or, at first, null: all.</summary>
    [Id(2)] public IReadOnlyList<string>? DetailTypes { get; init; }

    /// <summary>Only events that tell of one of these statuses. Empty or, at first, null: all.</summary>
    [Id(3)] public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>Only events of jobs in one of these queues, by name or ARN. Empty or, at first, null: all.</summary>
    [Id(4)] public IReadOnlyList<string>? JobQueues { get; init; }

    /// <summary>
    /// Signs each request, as Standard Webhooks says: <c>whsec_</c> and base64, or any text of 16 to 256 characters. Empty or, at first, null: no
    /// signature. Never given back.
    /// </summary>
    [Id(5)] public string? Secret { get; init; }

    /// <summary><c>ENABLED</c> or <c>DISABLED</c>. At first, null: ENABLED. While it is DISABLED events wait.</summary>
    [Id(6)] public string? State { get; init; }

    /// <summary>How often an event is sent again, 0 to 185, before it becomes a dead letter. At first, null: 10, over about five minutes.</summary>
    [Id(7)] public int? MaximumRetryAttempts { get; init; }
}

/// <summary>Of ours: a webhook.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.WebhookDetail")]
public sealed record WebhookDetail
{
    /// <summary>Name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Where events are sent.</summary>
    [Id(1)] public required string Url { get; init; }

    /// <summary>Only events with one of these detail-types; empty: all.</summary>
    [Id(2)] public required IReadOnlyList<string> DetailTypes { get; init; }

    /// <summary>Only events that tell of one of these statuses; empty: all.</summary>
    [Id(3)] public required IReadOnlyList<string> Statuses { get; init; }

    /// <summary>Only events of jobs in one of these queues; empty: all.</summary>
    [Id(4)] public required IReadOnlyList<string> JobQueues { get; init; }

    /// <summary>Whether requests are signed.</summary>
    [Id(5)] public required bool HasSecret { get; init; }

    /// <summary><c>ENABLED</c> or <c>DISABLED</c>.</summary>
    [Id(6)] public required string State { get; init; }

    /// <summary>How often an event is sent again at most.</summary>
    [Id(7)] public required int MaximumRetryAttempts { get; init; }

    /// <summary>All events up to this cursor have been delivered, or are dead letters.</summary>
    [Id(8)] public required string Cursor { get; init; }

    /// <summary>Why the last request that failed did; null: none has since the webhook was last taken up.</summary>
    [Id(9)] public string? LastFailure { get; init; }
}

/// <summary>Of ours: the webhooks of a scope, by name.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListWebhooksResponse")]
public sealed record ListWebhooksResponse
{
    /// <summary>The webhooks.</summary>
    [Id(0)] public required IReadOnlyList<WebhookDetail> Webhooks { get; init; }
}

/// <summary>Of ours: an event that could not be delivered.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DeadLetter")]
public sealed record DeadLetter
{
    /// <summary>The event's cursor: names the dead letter.</summary>
    [Id(0)] public required string Cursor { get; init; }

    /// <summary>When it was given up. Epoch milliseconds.</summary>
    [Id(1)] public required long At { get; init; }

    /// <summary>How often it was sent.</summary>
    [Id(2)] public required int Attempts { get; init; }

    /// <summary>Why the last request failed.</summary>
    [Id(3)] public required string Reason { get; init; }

    /// <summary>The event; null when its job is gone.</summary>
    [Id(4)] public BatchEvent? Event { get; init; }
}

/// <summary>Of ours: a page of dead letters, in the order of their events.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListDeadLettersResponse")]
public sealed record ListDeadLettersResponse
{
    /// <summary>The dead letters, at most 100.</summary>
    [Id(0)] public required IReadOnlyList<DeadLetter> DeadLetters { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextCursor { get; init; }
}

/// <summary>Of ours: has dead letters sent again.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RedriveRequest")]
public sealed record RedriveRequest
{
    /// <summary>Which, at most 100; null: the first 100.</summary>
    [Id(0)] public IReadOnlyList<string>? Cursors { get; init; }
}

/// <summary>Of ours: what became of dead letters that were sent again, once each.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RedriveResponse")]
public sealed record RedriveResponse
{
    /// <summary>How many were delivered, and are dead letters no more.</summary>
    [Id(0)] public required int Delivered { get; init; }

    /// <summary>How many failed again, and stay.</summary>
    [Id(1)] public required int Failed { get; init; }
}
