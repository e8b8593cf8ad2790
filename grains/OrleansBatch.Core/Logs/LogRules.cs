using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Logs;

/// <summary>What GetLogEvents asks for, and how a page of a log becomes its answer.</summary>
/// <remarks>Source: CloudWatch Logs API, GetLogEvents.</remarks>
public static class LogRules
{
    /// <summary>Events on one page at most, and when the request names no limit.</summary>
    public const int MaxEvents = 10_000;

    /// <summary>Bytes of text on one page at most: 1 MiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string InvalidParameter = "InvalidParameterException";

    /// <summary>Checks a request and says which lines it means.</summary>
    /// <exception cref="LogsClientException">A value that is not allowed, or a group of another account or region.</exception>
    public static LogQuery GetEvents(GetLogEventsRequest request, Scope scope)
    {
        var log = new LogLocation
        {
            Scope = scope,
            Group = GroupOf(request, scope),
            Stream = StreamOf(request.LogStreamName),
        };
        var token = request.NextToken is { } text
            ? LogToken.Parse(text, log) ?? throw Invalid("The specified nextToken is invalid.")
            : null;
        return new()
        {
            Log = log,
            Offset = token?.Offset,
            // A token's direction decides, whatever startFromHead says.
            Forwards = token?.Forwards ?? request.StartFromHead ?? false,
            From = TimeOf(request.StartTime, "startTime"),
            Until = TimeOf(request.EndTime, "endTime"),
            Limit = LimitOf(request.Limit),
            MaxBytes = MaxBytes,
        };
    }

    /// <summary>The answer to a query.</summary>
    /// <remarks>At the end of a stream the page ends where it began, so the token is the one that was sent: clients stop there, or poll on with it.</remarks>
    /// <exception cref="LogsClientException">The stream does not exist.</exception>
    public static GetLogEventsResponse Answer(LogQuery query, LogPage page)
    {
        if (!page.Exists)
        {
            throw new LogsClientException("ResourceNotFoundException", "The specified log stream does not exist.");
        }

        return new()
        {
            Events = page.Lines.Select(EventOf).ToImmutableArray(),
            NextForwardToken = new LogToken(Forwards: true, page.End).ToText(query.Log),
            NextBackwardToken = new LogToken(Forwards: false, page.Begin).ToText(query.Log),
        };
    }

    private static OutputLogEvent EventOf(LogLine line)
    {
        var at = line.Timestamp.ToUnixTimeMilliseconds();
        return new() { Timestamp = at, Message = line.Message, IngestionTime = at };
    }

    private static string GroupOf(GetLogEventsRequest request, Scope scope) => (request.LogGroupName, request.LogGroupIdentifier) switch
    {
        (null, null) => throw Invalid("Either logGroupName or logGroupIdentifier is required."),
        ({ } name, null) => CheckGroup(name, "logGroupName"),
        (null, { Length: > 2048 } identifier) => throw Invalid($"logGroupIdentifier has {identifier.Length} characters, at most 2048 are allowed."),
        (null, { } identifier) when identifier.StartsWith("arn:", StringComparison.Ordinal) => GroupOfArn(identifier, scope),
        (null, { } identifier) => CheckGroup(identifier, "logGroupIdentifier"),
        _ => throw Invalid("Only one of logGroupName and logGroupIdentifier may be given."),
    };

    private static string GroupOfArn(string arn, Scope scope)
    {
        // arn:<partition>:logs:<region>:<account>:log-group:<name>, and some clients leave a final ":*" on it.
        var parts = arn.Split(':');
        if (parts is not ([_, _, "logs", _, _, "log-group", _] or [_, _, "logs", _, _, "log-group", _, "*"]))
        {
            throw Invalid($"logGroupIdentifier '{arn}' is neither a log group's name nor its ARN.");
        }

        var group = CheckGroup(parts[6], "logGroupIdentifier");
        return parts[1] == scope.Partition && parts[3] == scope.Region && parts[4] == scope.Account
            ? group
            : throw new LogsClientException("ResourceNotFoundException", "The specified log group does not exist.");
    }

    private static string CheckGroup(string name, string member) =>
        name.Length is >= 1 and <= 512 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '#')
            ? name
            : throw Invalid($"{member} must have 1 to 512 characters out of letters, digits, '.', '-', '_', '/' and '#'.");

    private static string StreamOf(string? name) => name switch
    {
        null => throw Invalid("logStreamName is required."),
        { Length: >= 1 and <= 512 } when !name.AsSpan().ContainsAny(':', '*') => name,
        _ => throw Invalid("logStreamName must have 1 to 512 characters and neither ':' nor '*'."),
    };

    private static DateTimeOffset? TimeOf(long? epochMilliseconds, string member) => epochMilliseconds switch
    {
        null => null,
        < 0 => throw Invalid($"{member} is {epochMilliseconds}, it must be at least 0."),
        // Later than any clock can show is no mistake: it bounds nothing.
        { } at => at < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(at) : DateTimeOffset.MaxValue,
    };

    private static int LimitOf(int? limit) => limit switch
    {
        null => MaxEvents,
        >= 1 and <= MaxEvents => limit.Value,
        _ => throw Invalid($"limit is {limit}, it must be between 1 and {MaxEvents}."),
    };

    private static LogsClientException Invalid(string message) => new(InvalidParameter, message);
}
