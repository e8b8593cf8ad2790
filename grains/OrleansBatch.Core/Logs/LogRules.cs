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

    private const int MostShown = 200;
    private const string InvalidParameter = "InvalidParameterException";

    /// <summary>Checks a request and says which lines it means.</summary>
    /// <exception cref="LogsClientException">A value that is not allowed, or a group of another account or region.</exception>
    public static LogQuery GetEvents(GetLogEventsRequest request, Scope scope)
    {
        var log = new LogLocation
        {
            Scope = scope,
            Group = GroupOf(request.LogGroupName, request.LogGroupIdentifier, scope),
            Stream = StreamOf(request.LogStreamName),
        };
        var token = request.NextToken is { } text
            ? LogToken.Parse(text, log) ?? throw InvalidToken()
            : null;
        return new()
        {
            Log = log,
            Offset = token?.Offset,
            // A token's direction decides, whatever startFromHead says.
            Forwards = token?.Forwards ?? request.StartFromHead ?? false,
            From = TimeOf(request.StartTime, "startTime"),
            Until = TimeOf(request.EndTime, "endTime"),
            Limit = LimitOf(request.Limit, MaxEvents),
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
            throw NoStream();
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

    internal static string GroupOf(string? groupName, string? groupIdentifier, Scope scope) => (groupName, groupIdentifier) switch
    {
        (null, null) => throw Invalid("Either logGroupName or logGroupIdentifier is required."),
        ({ } name, null) => CheckGroup(name, "logGroupName"),
        (null, { } identifier) => GroupOfIdentifier(identifier, "logGroupIdentifier", scope),
        _ => throw Invalid("Only one of logGroupName and logGroupIdentifier may be given."),
    };

    /// <summary>The group in a "name or ARN" field.</summary>
    internal static string GroupOfIdentifier(string identifier, string member, Scope scope) => identifier switch
    {
        { Length: > 2048 } => throw Invalid($"{member} has {identifier.Length} characters, at most 2048 are allowed."),
        _ when identifier.StartsWith("arn:", StringComparison.Ordinal) => GroupOfArn(identifier, member, scope),
        _ => CheckGroup(identifier, member),
    };

    private static string GroupOfArn(string arn, string member, Scope scope)
    {
        // arn:<partition>:logs:<region>:<account>:log-group:<name>, and some clients leave a final ":*" on it.
        var parts = arn.Split(':');
        if (parts is not ([_, _, "logs", _, _, "log-group", _] or [_, _, "logs", _, _, "log-group", _, "*"]))
        {
            throw Invalid($"{member} '{(arn.Length <= MostShown ? arn : arn[..MostShown])}' is neither a log group's name nor its ARN.");
        }

        var group = CheckGroup(parts[6], member);
        return parts[1] == scope.Partition && parts[3] == scope.Region && parts[4] == scope.Account
            ? group
            : throw NoGroup();
    }

    internal static string CheckGroup(string name, string member) =>
        name.Length is >= 1 and <= 512 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '#')
            ? name
            : throw Invalid($"{member} must have 1 to 512 characters out of letters, digits, '.', '-', '_', '/' and '#'.");

    private static string StreamOf(string? name) => CheckStream(name ?? throw Invalid("logStreamName is required."), "logStreamName");

    /// <summary>Checks a stream's name.</summary>
    internal static string CheckStream(string name, string member) => name switch
    {
        { Length: >= 1 and <= 512 } when !name.AsSpan().ContainsAny(':', '*') => name,
        _ => throw Invalid($"{member} must have 1 to 512 characters and neither ':' nor '*'."),
    };

    internal static DateTimeOffset? TimeOf(long? epochMilliseconds, string member) => epochMilliseconds switch
    {
        null => null,
        < 0 => throw Invalid($"{member} is {epochMilliseconds}, it must be at least 0."),
        // Later than any clock can show is no mistake: it bounds nothing.
        { } at => at < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(at) : DateTimeOffset.MaxValue,
    };

    internal static int LimitOf(int? limit, int most) => limit switch
    {
        null => most,
        >= 1 when limit <= most => limit.Value,
        _ => throw Invalid($"limit is {limit}, it must be between 1 and {most}."),
    };

    /// <summary>Says that there is no such group.</summary>
    public static LogsClientException NoGroup() => new("ResourceNotFoundException", "The specified log group does not exist.");

    /// <summary>Says that there is no such stream.</summary>
    public static LogsClientException NoStream() => new("ResourceNotFoundException", "The specified log stream does not exist.");

    /// <summary>A log group's ARN, without the <c>:*</c> at the end.</summary>
    public static string GroupArn(Scope scope, string group) => $"arn:{scope.Partition}:logs:{scope.Region}:{scope.Account}:log-group:{group}";

    internal static LogsClientException InvalidToken() => Invalid("The specified nextToken is invalid.");

    internal static LogsClientException Invalid(string message) => new(InvalidParameter, message);
}
