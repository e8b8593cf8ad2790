using System.Globalization;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs;

/// <summary>What a DescribeLogStreams asks for, and what it answers.</summary>
/// <remarks>Source: CloudWatch Logs API, DescribeLogStreams.</remarks>
public sealed record StreamsPlan
{
    private const int MostStreams = 50;
    private const int MaximumPrefix = 512;
    private const int TokenParts = 2;

    private string _fingerprint = "";

    /// <summary>Scope and group.</summary>
    public required ScopedName Group { get; init; }

    /// <summary>By the time of the last event; false: by name.</summary>
    public bool ByTime { get; private init; }

    /// <summary>The last one first.</summary>
    public bool IsDescending { get; private init; }

    /// <summary>Only streams that begin so; empty: all.</summary>
    public string Prefix { get; private init; } = "";

    /// <summary>Streams on a page at most.</summary>
    public int Limit { get; private init; }

    /// <summary>Streams that ended before this count as ended, for all pages.</summary>
    public DateTimeOffset Boundary { get; private init; }

    /// <summary>The last stream of the page before, as the listing knows it; null for the first page.</summary>
    public string? After { get; private init; }

    /// <summary>Checks a request.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="scope">Whose.</param>
    /// <param name="boundary">For the first page: what ended before this counts as ended.</param>
    /// <exception cref="LogsClientException">A value that is not allowed.</exception>
    public static StreamsPlan Of(DescribeLogStreamsRequest request, Scope scope, DateTimeOffset boundary)
    {
        var group = LogRules.GroupOf(request.LogGroupName, request.LogGroupIdentifier, scope);
        var byTime = request.OrderBy switch
        {
            null or "LogStreamName" => false,
            "LastEventTime" => true,
            var other => throw LogRules.Invalid($"orderBy '{Shown(other)}' is not valid. Valid values are: [LogStreamName, LastEventTime]."),
        };
        if (byTime && request.LogStreamNamePrefix is not null)
        {
            throw LogRules.Invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        }

        var plan = new StreamsPlan
        {
            Group = new(scope, group),
            ByTime = byTime,
            IsDescending = request.Descending ?? false,
            Prefix = request.LogStreamNamePrefix is { } prefix ? LogRules.CheckStream(prefix, "logStreamNamePrefix") : "",
            Limit = LogRules.LimitOf(request.Limit, MostStreams),
            Boundary = boundary,
            _fingerprint = $"DescribeLogStreams {scope} {group} {byTime} {request.Descending ?? false} {request.LogStreamNamePrefix}",
        };
        if (LogPageToken.Decode(request.NextToken, plan._fingerprint, TokenParts) is not { } token)
        {
            return plan;
        }

        return long.TryParse(token[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? plan with { Boundary = DateTimeOffset.FromUnixTimeMilliseconds(at), After = token[1] }
            : throw LogRules.InvalidToken();
    }

    /// <summary>The answer.</summary>
    /// <param name="streams">The page's streams, with their first and last line, if they have any.</param>
    /// <param name="last">The last one of the page, as the listing knows it; null: there are no more.</param>
    public DescribeLogStreamsResponse Answer(IEnumerable<StreamFacts> streams, string? last)
    {
        var described = streams.Select(Describe);

        // The listing goes by the ends of attempts; within a page the last lines themselves decide.
        var ordered = (ByTime, IsDescending) switch
        {
            (false, _) => described,
            (true, false) => described.OrderBy(stream => stream.LastEventTimestamp ?? stream.CreationTime),
            _ => described.OrderByDescending(stream => stream.LastEventTimestamp ?? stream.CreationTime),
        };
        return new()
        {
            LogStreams = [.. ordered],
            NextToken = last is null
                ? null
                : LogPageToken.Encode(_fingerprint, Boundary.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), last),
        };
    }

    private LogStream Describe(StreamFacts stream) => new()
    {
        LogStreamName = stream.Name,
        CreationTime = stream.CreatedAt.ToUnixTimeMilliseconds(),
        FirstEventTimestamp = stream.First?.ToUnixTimeMilliseconds(),
        LastEventTimestamp = stream.Last?.ToUnixTimeMilliseconds(),
        LastIngestionTime = stream.Last?.ToUnixTimeMilliseconds(),
        Arn = $"{LogRules.GroupArn(Group.Scope, Group.Name)}:log-stream:{stream.Name}",
    };

    private static string Shown(string text) => text.Length <= MaximumPrefix ? text : text[..MaximumPrefix] + "…";
}

/// <summary>A stream and the times of its first and last line.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When its attempt reached RUNNING.</param>
/// <param name="First">Null while it is silent.</param>
/// <param name="Last">Null while it is silent.</param>
public sealed record StreamFacts(string Name, DateTimeOffset CreatedAt, DateTimeOffset? First, DateTimeOffset? Last);
