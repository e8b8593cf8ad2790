using System.Text.Json;

namespace OrleansBatch.Chaos.Checker.Documents;

/// <summary>What the checker reads of a job in the form of DescribeJobs.</summary>
public sealed record JobDocument
{
    /// <summary>Id.</summary>
    public required string JobId { get; init; }

    /// <summary>Name.</summary>
    public required string JobName { get; init; }

    /// <summary>Status as on the wire.</summary>
    public required string Status { get; init; }

    /// <summary>Its reason.</summary>
    public string? StatusReason { get; init; }

    /// <summary>Whether it was cancelled.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Whether it was terminated.</summary>
    public bool IsTerminated { get; init; }

    /// <summary>When it stopped, milliseconds since 1970.</summary>
    public long? StoppedAt { get; init; }

    /// <summary>Attempts that are over.</summary>
    public IReadOnlyList<AttemptDocument> Attempts { get; init; } = [];

    /// <summary>Children; null: no array's parent.</summary>
    public int? Size { get; init; }

    /// <summary>How many children are in each status; null: no array's parent.</summary>
    public IReadOnlyDictionary<string, int>? StatusSummary { get; init; }

    /// <summary>Its number among its job's events; null: this is no event's.</summary>
    public int? SequenceNumber { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Status is Statuses.Succeeded or Statuses.Failed;

    /// <summary>Reads an object.</summary>
    public static JobDocument Read(JsonElement job)
    {
        var array = Json.Child(job, "arrayProperties");
        return new()
        {
            JobId = Json.Text(job, "jobId") ?? "",
            JobName = Json.Text(job, "jobName") ?? "",
            Status = Json.Text(job, "status") ?? "",
            StatusReason = Json.Text(job, "statusReason"),
            IsCancelled = Json.Flag(job, "isCancelled"),
            IsTerminated = Json.Flag(job, "isTerminated"),
            StoppedAt = Json.Number(job, "stoppedAt"),
            Attempts = [.. Json.Items(job, "attempts").Select(AttemptDocument.Read)],
            Size = (int?)Json.Number(array, "size"),
            StatusSummary = Json.Child(array, "statusSummary") is { } summary
                ? summary.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.GetInt32())
                : null,
            SequenceNumber = (int?)Json.Number(Json.Child(job, "orleansBatch"), "sequenceNumber"),
        };
    }
}

/// <summary>What the checker reads of an attempt that is over.</summary>
public sealed record AttemptDocument
{
    /// <summary>When it came to run, milliseconds since 1970; null: it never did.</summary>
    public long? StartedAt { get; init; }

    /// <summary>Why it ended.</summary>
    public string? StatusReason { get; init; }

    /// <summary>Its exit code; null: there was none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The end of its container instance's ARN: its host.</summary>
    public string? Host { get; init; }

    /// <summary>Whether it ended with its host.</summary>
    public bool IsOfLostHost => StatusReason?.StartsWith("Host EC2", StringComparison.Ordinal) == true;

    /// <summary>Reads an object.</summary>
    public static AttemptDocument Read(JsonElement attempt)
    {
        var container = Json.Child(attempt, "container");
        return new()
        {
            StartedAt = Json.Number(attempt, "startedAt"),
            StatusReason = Json.Text(attempt, "statusReason"),
            ExitCode = (int?)Json.Number(container, "exitCode"),
            Host = Json.Text(container, "containerInstanceArn") is { } arn ? arn[(arn.LastIndexOf('/') + 1)..] : null,
        };
    }
}

/// <summary>What the checker reads of an event.</summary>
/// <param name="Job">The job as it was then.</param>
/// <param name="Time">When, in whole seconds.</param>
/// <param name="IsChange">A change of status; otherwise that a queue is blocked.</param>
public sealed record EventDocument(JobDocument Job, DateTimeOffset Time, bool IsChange)
{
    /// <summary>Reads an object.</summary>
    public static EventDocument Read(JsonElement each) => new(
        JobDocument.Read(each.GetProperty("detail")),
        each.GetProperty("time").GetDateTimeOffset(),
        Json.Text(each, "detail-type") == "Batch Job State Change");
}

/// <summary>The words for statuses on the wire.</summary>
public static class Statuses
{
    /// <summary>Accepted.</summary>
    public const string Submitted = "SUBMITTED";

    /// <summary>Waits for another.</summary>
    public const string Pending = "PENDING";

    /// <summary>Waits for a place.</summary>
    public const string Runnable = "RUNNABLE";

    /// <summary>Placed.</summary>
    public const string Starting = "STARTING";

    /// <summary>Its process is up.</summary>
    public const string Running = "RUNNING";

    /// <summary>Final.</summary>
    public const string Succeeded = "SUCCEEDED";

    /// <summary>Final.</summary>
    public const string Failed = "FAILED";
}

/// <summary>Members that may be absent.</summary>
internal static class Json
{
    public static JsonElement? Child(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null ? child : null;

    public static string? Text(JsonElement? of, string name) => Child(of, name)?.GetString();

    public static long? Number(JsonElement? of, string name) => Child(of, name)?.GetInt64();

    public static bool Flag(JsonElement? of, string name) => Child(of, name)?.GetBoolean() == true;

    public static IEnumerable<JsonElement> Items(JsonElement? of, string name) => Child(of, name) is { } items ? items.EnumerateArray() : [];
}
