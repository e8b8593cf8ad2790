using System.Collections.Immutable;

namespace OrleansBatch.Grains.ConsumableResources;

/// <summary>An update with a client token, kept for its repetitions beside the resource: written with it, in one step.</summary>
/// <param name="Token">The client's token.</param>
/// <param name="Payload">What it asked for.</param>
/// <param name="Total">The total after it.</param>
/// <param name="At">When it was done.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RecordedUpdate")]
public sealed record RecordedUpdate(
    [property: Id(0)] string Token, [property: Id(1)] string Payload, [property: Id(2)] long Total, [property: Id(3)] DateTimeOffset At);

/// <summary>The updates of one resource, those of the last eight hours.</summary>
/// <remarks>Source: AWS Batch API, UpdateConsumableResource.clientToken.</remarks>
internal static class RecordedUpdates
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(8);

    /// <summary>A resource is not changed more often in eight hours, or only its last changes are known: they are written with each.</summary>
    private const int Most = 1_000;

    /// <summary>The update that came with this token; null: none that is known.</summary>
    public static RecordedUpdate? Find(this ImmutableArray<RecordedUpdate> updates, string? token, DateTimeOffset now) =>
        token is null || updates.IsDefault ? null : updates.FirstOrDefault(update => update.Token == token && update.At > now - Kept);

    /// <summary>With one more, without those that are too old.</summary>
    public static ImmutableArray<RecordedUpdate> With(this ImmutableArray<RecordedUpdate> updates, RecordedUpdate update)
    {
        var fresh = updates.IsDefault ? [] : updates.Where(one => one.At > update.At - Kept);
        return [.. fresh.TakeLast(Most - 1), update];
    }
}
