using System.Globalization;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a ListJobs call asks of the store.</summary>
/// <param name="QueueName">The queue; null: the parts of a job.</param>
/// <param name="ParentId">The array, or the multi-node job; null: a queue's jobs.</param>
/// <param name="Filter">Which of its jobs.</param>
/// <param name="Limit">Jobs at most.</param>
/// <param name="Cursor">Where the page begins; null for the first.</param>
/// <param name="Fingerprint">The query that its tokens are bound to.</param>
public sealed record ListPlan(string? QueueName, string? ParentId, JobListFilter Filter, int Limit, string? Cursor, string Fingerprint)
{
    /// <summary>Whether the parent is a multi-node job, and not an array.</summary>
    public bool AreNodes { get; init; }

    /// <summary>The token for the page that begins at the store's cursor; null when there is none.</summary>
    public string? NextToken(string? next) => next is null ? null : PageTokens.Encode(next, Fingerprint);

    /// <summary>The token for the page of children after an index.</summary>
    public string NextToken(int index) => PageTokens.Encode(index.ToString(CultureInfo.InvariantCulture), Fingerprint);

    /// <summary>Of a listing of children: the index after which the page begins.</summary>
    /// <exception cref="BatchClientException">The token is another version's.</exception>
    public int AfterIndex => Cursor is null ? -1
        : int.TryParse(Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
        : throw new BatchClientException("nextToken is not valid any more: list again from the first page.");
}

/// <summary>Which jobs of a queue a listing shows.</summary>
public abstract record JobListFilter
{
    private JobListFilter()
    {
    }

    /// <summary>In this status.</summary>
    public sealed record InStatus(JobStatus Status) : JobListFilter;

    /// <summary>With this name, whatever the case, or one that begins so.</summary>
    public sealed record Named(string Name, bool IsPrefix) : JobListFilter;

    /// <summary>Of this definition, of all revisions or one, or of any whose name begins so.</summary>
    public sealed record OfDefinition(string Name, int? Revision, bool IsPrefix) : JobListFilter;

    /// <summary>In this share, and in this status; null: in any.</summary>
    public sealed record InShare(string Share, JobStatus? Status) : JobListFilter;

    /// <summary>Created before this time.</summary>
    public sealed record CreatedBefore(DateTimeOffset Time) : JobListFilter;

    /// <summary>Created after this time.</summary>
    public sealed record CreatedAfter(DateTimeOffset Time) : JobListFilter;
}
