using System.Diagnostics;

namespace OrleansBatch.Model.Jobs;

/// <summary>The trace of a job: its number is the job's id, so that whoever works for the job adds to it without being told of it, and whoever knows the job finds it.</summary>
/// <remarks>A child of an array and a node of a multi-node job are in the trace of the whole.</remarks>
public static class JobTraces
{
    /// <summary>The source of all spans.</summary>
    public const string SourceName = "OrleansBatch";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody listens: without, nothing here costs anything.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Begins a span now; null when nobody listens, or the id is none of a job's.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="jobId">For which job.</param>
    /// <param name="kind">Whose side it is.</param>
    public static Activity? Start(string name, string jobId, ActivityKind kind = ActivityKind.Internal) =>
        IsOn && ContextOf(jobId) is { } context ? Tag(Source.StartActivity(kind, context, name: name), jobId) : null;

    /// <summary>Tells of a span that is over.</summary>
    /// <param name="name">What was done.</param>
    /// <param name="jobId">For which job.</param>
    /// <param name="from">When it began.</param>
    /// <param name="to">When it ended; null: now.</param>
    /// <param name="tags">What else there is to know.</param>
    public static void Tell(string name, string jobId, DateTimeOffset from, DateTimeOffset? to, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!IsOn || ContextOf(jobId) is not { } context)
        {
            return;
        }

        using var activity = Tag(Source.StartActivity(ActivityKind.Internal, context, startTime: from, name: name), jobId);
        foreach (var (key, value) in tags)
        {
            _ = activity?.SetTag(key, value);
        }

        if (to is { } end)
        {
            _ = activity?.SetEndTime((end < from ? from : end).UtcDateTime);
        }
    }

    /// <summary>A job's place in its trace; null of an id that is not a UUID.</summary>
    public static ActivityContext? ContextOf(string jobId)
    {
        const int uuidLength = 36;
        if (jobId.Length < uuidLength || !Guid.TryParseExact(jobId.AsSpan(0, uuidLength), "D", out var uuid))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        _ = uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return new(ActivityTraceId.CreateFromBytes(bytes), ActivitySpanId.CreateFromBytes(bytes[8..]), ActivityTraceFlags.Recorded, isRemote: true);
    }

    private static Activity? Tag(Activity? activity, string jobId) => activity?.SetTag("orleansbatch.job.id", jobId);
}
