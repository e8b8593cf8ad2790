using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Listings;

/// <summary>Which named resources a Describe call means, and what page of them it answers.</summary>
/// <remarks>Source: AWS Batch API, DescribeComputeEnvironments and DescribeJobQueues.</remarks>
public sealed record NameListing
{
    private const int MaxPageSize = 100;

    private readonly string _fingerprint;

    private NameListing(string fingerprint) => _fingerprint = fingerprint;

    /// <summary>Exactly these names, in the order asked; what does not exist is left out. Null: all of the scope.</summary>
    public ImmutableArray<string>? Names { get; private init; }

    /// <summary>The last name of the page before, in ordinal order; null for the first page.</summary>
    public string? After { get; private init; }

    /// <summary>Names on a page at most.</summary>
    public int PageSize { get; private init; } = MaxPageSize;

    /// <summary>Checks a request.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static NameListing Of(ResourceKind kind, IReadOnlyList<string>? asked, int? maxResults, string? nextToken, Scope scope)
    {
        if (asked is { Count: > MaxPageSize })
        {
            throw new BatchClientException($"{asked.Count} names or ARNs are given, at most {MaxPageSize} are allowed.");
        }

        if (maxResults is < 1 or > MaxPageSize)
        {
            throw new BatchClientException($"maxResults is {maxResults}, it must be between 1 and {MaxPageSize}.");
        }

        var names = asked is { Count: > 0 }
            ? asked.Select(text => Arns.FindName(kind, text, scope)).OfType<string>().Distinct(StringComparer.Ordinal).ToImmutableArray()
            : (ImmutableArray<string>?)null;
        var fingerprint = $"{kind}|{scope.Key}|{(names is { } given ? string.Join(',', given) : "*")}";
        return new(fingerprint)
        {
            Names = names,
            After = PageTokens.Decode(nextToken, fingerprint),
            PageSize = maxResults ?? MaxPageSize,
        };
    }

    /// <summary>The names of this page, and the token of the next; null on the last.</summary>
    /// <param name="all">All names of the scope, in any order; not used when the request gave names.</param>
    public NamePage Page(IEnumerable<string> all)
    {
        // Names asked for come in their order, all others in ordinal order, and a page goes on after the last one either way.
        var candidates = Names is { } asked
            ? (After is null ? asked : asked.SkipWhile(name => name != After).Skip(1))
            : all.Where(name => After is null || string.CompareOrdinal(name, After) > 0).Order(StringComparer.Ordinal);
        var names = candidates.Take(PageSize + 1).ToList();
        return names.Count > PageSize
            ? new([.. names.Take(PageSize)], PageTokens.Encode(names[PageSize - 1], _fingerprint))
            : new([.. names], null);
    }
}

/// <summary>One page of names.</summary>
/// <param name="Names">The names, in order.</param>
/// <param name="NextToken">For the next page; null on the last.</param>
public sealed record NamePage(ImmutableArray<string> Names, string? NextToken);
