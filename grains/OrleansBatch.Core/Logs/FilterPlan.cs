using System.Collections.Immutable;
using System.Globalization;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Logs;

/// <summary>What a FilterLogEvents asks for, and how far its pages have come.</summary>
/// <remarks>
/// A page looks at one chunk of streams and gives its events in the order of time. The chunks follow each other in the order of the streams,
/// so that no page costs more than its chunk, however many streams the group has: what fits into one chunk is in one order over all pages.
/// Source: CloudWatch Logs API, FilterLogEvents.
/// </remarks>
public sealed record FilterPlan
{
    /// <summary>Streams that one page looks at, at most.</summary>
    public const int MostStreams = 100;

    private const int MaximumNames = 100;
    private const int TokenParts = 7;

    /// <summary>From when on the newest lines may be asked for first.</summary>
    private static readonly DateTimeOffset NewestFirstSince = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private string _fingerprint = "";

    /// <summary>Scope and group.</summary>
    public required ScopedName Group { get; init; }

    /// <summary>Exactly these streams; null: those that a listing finds.</summary>
    public ImmutableArray<string>? Names { get; private init; }

    /// <summary>Only streams that begin so; null: all.</summary>
    public string? Prefix { get; private init; }

    /// <summary>Only lines of this time or later.</summary>
    public DateTimeOffset? From { get; private init; }

    /// <summary>Only lines before this time.</summary>
    public DateTimeOffset? Until { get; private init; }

    /// <summary>Only these lines.</summary>
    public FilterPattern Pattern { get; private init; } = FilterPattern.Parse(null);

    /// <summary>Events on a page at most.</summary>
    public int Limit { get; private init; }

    /// <summary>Oldest first.</summary>
    public bool Forwards { get; private init; } = true;

    /// <summary>Streams that ended before this count as ended, for all pages.</summary>
    public DateTimeOffset Boundary { get; private init; }

    /// <summary>The stream before the chunk, as the listing knows it; null: it begins with the first.</summary>
    public string? ChunkAfter { get; private init; }

    /// <summary>The last stream of the chunk; null: it is not known yet.</summary>
    public string? ChunkLast { get; private init; }

    /// <summary>The last line looked at; null: none of the chunk was.</summary>
    internal LogPosition? Position { get; private init; }

    /// <summary>Checks a request.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="scope">Whose.</param>
    /// <param name="boundary">For the first page: what ended before this counts as ended.</param>
    /// <exception cref="LogsClientException">A value that is not allowed.</exception>
    public static FilterPlan Of(FilterLogEventsRequest request, Scope scope, DateTimeOffset boundary)
    {
        var group = LogRules.GroupOf(request.LogGroupName, request.LogGroupIdentifier, scope);
        var names = NamesOf(request);
        var plan = new FilterPlan
        {
            Group = new(scope, group),
            Names = names,
            Prefix = request.LogStreamNamePrefix is { } prefix ? LogRules.CheckStream(prefix, "logStreamNamePrefix") : null,
            From = LogRules.TimeOf(request.StartTime, "startTime"),
            Until = After(LogRules.TimeOf(request.EndTime, "endTime")),
            Pattern = FilterPattern.Parse(request.FilterPattern),
            Limit = LogRules.LimitOf(request.Limit, LogRules.MaxEvents),
            Forwards = request.StartFromHead ?? true,
            Boundary = boundary,
            _fingerprint = string.Create(
                CultureInfo.InvariantCulture,
                $"FilterLogEvents {scope} {group} {request.LogStreamNamePrefix} {(names is null ? "" : string.Join(':', names.Value))} {request.StartTime} {request.EndTime} {request.FilterPattern}"),
        };
        if (request.StartFromHead == false && string.IsNullOrEmpty(request.NextToken) && !(plan.From >= NewestFirstSince))
        {
            throw LogRules.Invalid("startFromHead false needs a startTime of 2024-01-01 or later.");
        }

        return LogPageToken.Decode(request.NextToken, plan._fingerprint, TokenParts) is { } token ? plan.Continue(token) : plan;
    }

    /// <summary>The token of a page within this chunk, from the last line looked at.</summary>
    internal string TokenWithin(LogPosition position, string chunkLast) => Token(
        ChunkAfter, chunkLast, position.Timestamp.ToString(CultureInfo.InvariantCulture), position.Stream, position.Resume.ToString(CultureInfo.InvariantCulture));

    /// <summary>The token of the next chunk's first page.</summary>
    public string TokenAfter(string chunkLast) => Token(chunkLast, null, "", "", "");

    /// <summary>Which lines of a stream this page reads.</summary>
    public LogQuery QueryOf(string stream, int lines)
    {
        var log = new LogLocation { Scope = Group.Scope, Group = Group.Name, Stream = stream };
        var query = new LogQuery
        {
            Log = log,
            Forwards = Forwards,
            From = From,
            Until = Until,
            Limit = lines,
            MaxBytes = LogRules.MaxBytes,
        };
        return Position is null ? query : Position.Resumed(query);
    }

    private FilterPlan Continue(string[] token)
    {
        if (!long.TryParse(token[1], NumberStyles.None, CultureInfo.InvariantCulture, out var boundary))
        {
            throw LogRules.InvalidToken();
        }

        return this with
        {
            Forwards = token[0] == "f",
            Boundary = DateTimeOffset.FromUnixTimeMilliseconds(boundary),
            ChunkAfter = token[2].Length > 0 ? token[2] : null,
            ChunkLast = token[3].Length > 0 ? token[3] : null,
            Position = token[4].Length > 0 ? LogPosition.Parse(token[4], token[5], token[6]) : null,
        };
    }

    private string Token(string? after, string? last, string time, string stream, string resume) => LogPageToken.Encode(
        _fingerprint, Forwards ? "f" : "b", Boundary.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), after ?? "", last ?? "", time, stream, resume);

    // endTime is inclusive here, and the readers' bound is not.
    private static DateTimeOffset? After(DateTimeOffset? time) => time is { } at && at < DateTimeOffset.MaxValue ? at.AddMilliseconds(1) : null;

    private static ImmutableArray<string>? NamesOf(FilterLogEventsRequest request)
    {
        if (request.LogStreamNames is not { } names)
        {
            return null;
        }

        if (request.LogStreamNamePrefix is not null)
        {
            throw LogRules.Invalid("Only one of logStreamNames and logStreamNamePrefix may be given.");
        }

        return names.Count is >= 1 and <= MaximumNames
            ? [.. names.Select(name => LogRules.CheckStream(name, "logStreamNames")).Distinct(StringComparer.Ordinal)]
            : throw LogRules.Invalid($"logStreamNames must have 1 to {MaximumNames} entries, got {names.Count}.");
    }
}
