using System.Text.Json;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Listings;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.ConsumableResources;

/// <summary>Which consumable resources a listing means, and what page of them it answers.</summary>
/// <remarks>Source: AWS Batch API, ListConsumableResources.</remarks>
public sealed record ConsumableListPlan
{
    private const int MaxPageSize = 100;
    private const int MaxValues = 100;

    private readonly string _fingerprint;
    private readonly IReadOnlyList<IReadOnlyList<NamePattern>> _filters;

    private ConsumableListPlan(IReadOnlyList<IReadOnlyList<NamePattern>> filters, string fingerprint) => (_filters, _fingerprint) = (filters, fingerprint);

    /// <summary>The last name of the page before, in ordinal order; null for the first page.</summary>
    public string? After { get; private init; }

    /// <summary>Names on a page at most.</summary>
    public int PageSize { get; private init; }

    /// <summary>Checks a request.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static ConsumableListPlan Of(ListConsumableResourcesRequest request, Scope scope)
    {
        if (request.MaxResults is < 1 or > MaxPageSize)
        {
            throw new BatchClientException($"maxResults is {request.MaxResults}, it must be between 1 and {MaxPageSize}.");
        }

        var filters = request.Filters ?? [];
        if (filters.Sum(filter => filter.Values?.Count ?? 0) is > MaxValues and var given)
        {
            throw new BatchClientException($"filters have {given} values, at most {MaxValues} are allowed.");
        }

        // As lists of texts, so that no value can look like two.
        var fingerprint = $"ListConsumableResources {scope.Key} {string.Join(' ', filters.SelectMany(filter => filter.Values ?? []).Select(value => JsonEncodedText.Encode(value).ToString()))} {string.Join(' ', filters.Select(filter => filter.Values?.Count))}";
        return new([.. filters.Select(Patterns)], fingerprint)
        {
            After = PageTokens.Decode(request.NextToken, fingerprint),
            PageSize = request.MaxResults ?? MaxPageSize,
        };
    }

    /// <summary>Whether a resource is meant.</summary>
    public bool Matches(string name) => _filters.All(filter => filter.Any(pattern => pattern.Matches(name)));

    /// <summary>This page, and the token of the next; null on the last.</summary>
    /// <param name="names">Names that match, in ordinal order after <see cref="After"/>: one more than a page has, where there are.</param>
    public NamePage Page(IReadOnlyList<string> names) => names.Count > PageSize
        ? new([.. names.Take(PageSize)], PageTokens.Encode(names[PageSize - 1], _fingerprint))
        : new([.. names], null);

    private static IReadOnlyList<NamePattern> Patterns(KeyValuesPair filter)
    {
        if (filter.Name != "CONSUMABLE_RESOURCE_NAME")
        {
            throw new BatchClientException($"Filter '{filter.Name}' is not valid. Valid names are: [CONSUMABLE_RESOURCE_NAME].");
        }

        return filter.Values is { Count: > 0 } values
            ? [.. values.Select(NamePattern.Of)]
            : throw new BatchClientException("Filter CONSUMABLE_RESOURCE_NAME must have at least 1 value.");
    }
}
