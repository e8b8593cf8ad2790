using System.Collections.Immutable;
using System.Globalization;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>Which revisions a DescribeJobDefinitions means, and how they become its answer.</summary>
public sealed record DefinitionListPlan
{
    private const int MaxPageSize = 100;

    /// <summary>Whose.</summary>
    public required Scope Scope { get; init; }

    /// <summary>Exactly these revisions, in the order asked; what does not exist is left out. Null: a listing by the other members.</summary>
    public ImmutableArray<DefinitionReference>? References { get; init; }

    /// <summary>Only of this name; null: all.</summary>
    public string? Name { get; init; }

    /// <summary>Only active or only inactive ones; null: both.</summary>
    public bool? IsActive { get; init; }

    /// <summary>The last revision of the page before; null for the first.</summary>
    public (string Name, int Revision)? After { get; init; }

    /// <summary>Revisions on a page at most.</summary>
    public int PageSize { get; init; } = MaxPageSize;

    /// <summary>How many revisions to read: one more than a page holds, which tells whether there is another.</summary>
    public int Limit => PageSize + 1;

    private string Fingerprint => $"DescribeJobDefinitions|{Scope.Key}|{Name}|{IsActive}";

    /// <summary>Checks a request.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed, or jobDefinitions beside another parameter.</exception>
    public static DefinitionListPlan Of(DescribeJobDefinitionsRequest request, Scope scope)
    {
        if (request.JobDefinitions is { Count: > 0 } references)
        {
            return OfReferences(references, request, scope);
        }

        if (request.MaxResults is < 1 or > MaxPageSize)
        {
            throw new BatchClientException($"maxResults is {request.MaxResults}, it must be between 1 and {MaxPageSize}.");
        }

        var plan = new DefinitionListPlan
        {
            Scope = scope,
            Name = request.JobDefinitionName,
            IsActive = request.Status switch
            {
                null => null,
                "ACTIVE" => true,
                "INACTIVE" => false,
                _ => throw new BatchClientException($"status {request.Status} is not valid. Valid values are: [ACTIVE, INACTIVE]"),
            },
            PageSize = request.MaxResults ?? MaxPageSize,
        };
        return plan with { After = plan.CursorOf(request.NextToken) };
    }

    /// <summary>The answer, from the rows that the plan asked for: at most <see cref="Limit"/>, in order.</summary>
    public DescribeJobDefinitionsResponse Answer(IReadOnlyList<JobDefinition> rows)
    {
        var hasMore = References is null && rows.Count > PageSize;
        var page = (hasMore ? rows.Take(PageSize) : rows).Select(row => DefinitionRules.Describe(Scope, row)).ToImmutableArray();
        return new()
        {
            JobDefinitions = page,
            NextToken = hasMore
                ? PageTokens.Encode(string.Create(CultureInfo.InvariantCulture, $"{page[^1].JobDefinitionName}:{page[^1].Revision}"), Fingerprint)
                : null,
        };
    }

    private static DefinitionListPlan OfReferences(IReadOnlyList<string> references, DescribeJobDefinitionsRequest request, Scope scope)
    {
        if (request is not { JobDefinitionName: null, Status: null, MaxResults: null, NextToken: null })
        {
            throw new BatchClientException("jobDefinitions must be the only parameter when it is given.");
        }

        if (references.Count > MaxPageSize)
        {
            throw new BatchClientException($"jobDefinitions has {references.Count} entries, at most {MaxPageSize} are allowed.");
        }

        return new()
        {
            Scope = scope,
            // Only a revision can be described by reference; anything else is unknown, and what is unknown is left out.
            References =
            [
                .. references
                    .Select(text => DefinitionReference.Find(text, scope))
                    .OfType<DefinitionReference>()
                    .Where(reference => reference.Revision is not null)
                    .Distinct(),
            ],
        };
    }

    private (string Name, int Revision)? CursorOf(string? token)
    {
        if (PageTokens.Decode(token, Fingerprint) is not { } cursor)
        {
            return null;
        }

        return DefinitionReference.Find(cursor, Scope) is { Revision: { } revision } last
            ? (last.Name, revision)
            : throw new BatchClientException("nextToken is not valid.");
    }
}
