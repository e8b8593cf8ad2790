using System.Collections.Immutable;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Grains.Webhooks;

/// <summary>What a webhook's grain keeps. How far it has come is the store's.</summary>
[GenerateSerializer, Alias("OrleansBatch.WebhookGrainState")]
public sealed record WebhookGrainState
{
    /// <summary>The webhook; null when it does not exist.</summary>
    [Id(0)] public WebhookConfiguration? Configuration { get; init; }

    /// <summary>The calls that created it.</summary>
    [Id(1)] public ImmutableArray<RecordedCall> Calls { get; init; } = [];

    /// <summary>The id of a webhook that was deleted, of which rows may be left; null: none.</summary>
    [Id(2)] public string? LeftBehind { get; init; }
}
