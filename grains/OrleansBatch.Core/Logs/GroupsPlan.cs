using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs;

/// <summary>What a DescribeLogGroups asks for, and what it answers.</summary>
/// <remarks>Source: CloudWatch Logs API, DescribeLogGroups.</remarks>
public sealed record GroupsPlan
{
    private const int MostGroups = 50;
    private const int MostAccounts = 20;
    private const string Standard = "STANDARD";

    private string _fingerprint = "";

    /// <summary>Whose.</summary>
    public required Scope Scope { get; init; }

    /// <summary>Exactly these, in the order of their names; null: those that a listing finds.</summary>
    public ImmutableArray<string>? Names { get; private init; }

    /// <summary>The name from which on to look.</summary>
    public string From { get; private init; } = "";

    /// <summary>Groups on a page at most.</summary>
    public int Limit { get; private init; }

    private string Prefix { get; init; } = "";

    private string? Pattern { get; init; }

    private bool IsNone { get; init; }

    /// <summary>Checks a request.</summary>
    /// <exception cref="LogsClientException">A value that is not allowed.</exception>
    public static GroupsPlan Of(DescribeLogGroupsRequest request, Scope scope)
    {
        if (request.LogGroupNamePrefix is not null && request.LogGroupNamePattern is not null)
        {
            throw LogRules.Invalid("Only one of logGroupNamePrefix and logGroupNamePattern may be given.");
        }

        if (request.LogGroupClass is not (null or Standard or "INFREQUENT_ACCESS" or "DELIVERY"))
        {
            throw LogRules.Invalid("logGroupClass is not valid. Valid values are: [STANDARD, INFREQUENT_ACCESS, DELIVERY].");
        }

        if (request.AccountIdentifiers is { Count: > MostAccounts } accounts)
        {
            throw LogRules.Invalid($"accountIdentifiers has {accounts.Count} entries, at most {MostAccounts} are allowed.");
        }

        var prefix = request.LogGroupNamePrefix is { } given ? LogRules.CheckGroup(given, "logGroupNamePrefix") : "";
        var names = NamesOf(request, scope);
        var plan = new GroupsPlan
        {
            Scope = scope,
            Names = names,
            From = prefix,
            Limit = LogRules.LimitOf(request.Limit, MostGroups),
            Prefix = prefix,
            Pattern = request.LogGroupNamePattern is { } pattern ? LogRules.CheckGroup(pattern, "logGroupNamePattern") : null,
            IsNone = request.LogGroupClass is not (null or Standard),
            _fingerprint = $"DescribeLogGroups {scope} {prefix} {request.LogGroupNamePattern} {request.LogGroupClass} {(names is null ? "" : string.Join(' ', names.Value))}",
        };

        // The least name above the last one.
        return LogPageToken.Decode(request.NextToken, plan._fingerprint, 1) is [var last] ? plan with { From = last + "\0" } : plan;
    }

    /// <summary>The answer.</summary>
    /// <param name="groups">Groups by name, from <see cref="From"/> on: some, or all that there are.</param>
    /// <param name="hasMore">Whether there are others behind them.</param>
    public DescribeLogGroupsResponse Answer(IReadOnlyList<(string Name, DateTimeOffset CreatedAt)> groups, bool hasMore)
    {
        var looked = groups.TakeWhile(group => group.Name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        var isWithin = looked.Count == groups.Count;
        var found = looked.Where(Matches).ToList();
        var page = found.Take(Limit).ToList();
        var last = found.Count > Limit ? page[^1].Name : hasMore && isWithin && looked.Count > 0 ? looked[^1].Name : null;
        return new()
        {
            LogGroups = [.. page.Select(group => Describe(group.Name, group.CreatedAt))],
            NextToken = last is null || IsNone ? null : LogPageToken.Encode(_fingerprint, last),
        };
    }

    private bool Matches((string Name, DateTimeOffset CreatedAt) group) =>
        !IsNone && (Pattern is null || group.Name.Contains(Pattern, StringComparison.Ordinal));

    private LogGroup Describe(string name, DateTimeOffset createdAt)
    {
        var arn = LogRules.GroupArn(Scope, name);
        var group = new LogGroup { LogGroupName = name, CreationTime = createdAt.ToUnixTimeMilliseconds(), Arn = arn + ":*" };
        return Pattern is not null
            ? group
            : group with { MetricFilterCount = 0, LogGroupArn = arn, StoredBytes = 0, LogGroupClass = Standard };
    }

    private static ImmutableArray<string>? NamesOf(DescribeLogGroupsRequest request, Scope scope)
    {
        if (request.LogGroupIdentifiers is not { } identifiers)
        {
            return null;
        }

        if (request.LogGroupNamePrefix is not null || request.LogGroupNamePattern is not null || request.LogGroupClass is not null)
        {
            throw LogRules.Invalid("logGroupIdentifiers may not be given beside another filter.");
        }

        if (identifiers.Count is < 1 or > MostGroups)
        {
            throw LogRules.Invalid($"logGroupIdentifiers must have 1 to {MostGroups} entries, got {identifiers.Count}.");
        }

        return [.. identifiers.Select(identifier => Find(identifier, scope)).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }

    // Of another account or region: it is not among those that exist here.
    private static string? Find(string identifier, Scope scope)
    {
        try
        {
            return LogRules.GroupOfIdentifier(identifier, "logGroupIdentifiers", scope);
        }
        catch (LogsClientException mistake) when (mistake.Code == "ResourceNotFoundException")
        {
            return null;
        }
    }
}
