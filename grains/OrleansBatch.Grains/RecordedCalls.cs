using System.Collections.Immutable;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains;

/// <summary>A call that created a resource, kept for its repetitions beside the resource: written with it, in one step.</summary>
/// <param name="Key">See <see cref="Invocation"/>.</param>
/// <param name="At">When it was done.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RecordedCall")]
public sealed record RecordedCall([property: Id(0)] string Key, [property: Id(1)] DateTimeOffset At);

/// <summary>The calls that created one resource, those of the last ten minutes.</summary>
/// <remarks>
/// They outlive the resource: what was created and deleted again within that time is not created by a late repetition. The answer to a
/// creation follows from the resource's name, so it need not be kept.
/// </remarks>
internal static class RecordedCalls
{
    /// <summary>How long a call is known.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>A name is not created more often in ten minutes, or only its last creations are known.</summary>
    private const int Most = 256;

    /// <summary>Whether the call was done before.</summary>
    public static bool Has(this ImmutableArray<RecordedCall> calls, Invocation? invocation) =>
        invocation is not null && !calls.IsDefault && calls.Any(call => call.Key == invocation.Key);

    /// <summary>With one more, without those that are too old.</summary>
    public static ImmutableArray<RecordedCall> With(this ImmutableArray<RecordedCall> calls, Invocation? invocation, DateTimeOffset now)
    {
        var kept = calls.Fresh(now);
        return invocation is null ? kept : [.. kept.TakeLast(Most - 1), new(invocation.Key, now)];
    }

    /// <summary>Without those that are too old.</summary>
    public static ImmutableArray<RecordedCall> Fresh(this ImmutableArray<RecordedCall> calls, DateTimeOffset now) =>
        calls.IsDefault ? [] : [.. calls.Where(call => call.At > now - Kept)];
}
