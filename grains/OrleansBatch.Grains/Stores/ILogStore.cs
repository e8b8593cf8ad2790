using OrleansBatch.Model;

namespace OrleansBatch.Grains.Stores;

/// <summary>Which log streams there are. Their lines are where they were written.</summary>
/// <remarks>
/// A stream gets its row with the end of its attempt, in the same commit; until then it is known by the job's own row. So a start
/// costs nothing here, and a stream is always found, either way.
/// </remarks>
public interface ILogStore
{
    /// <summary>A page of a group's streams, by index: those of live attempts and those of attempts that are over.</summary>
    /// <exception cref="FormatException">A cursor is none of this store's.</exception>
    Task<LogStreamPage> ListStreamsAsync(LogStreamListing listing, CancellationToken cancellationToken);

    /// <summary>Groups of a scope that were ever used, in the order of their names; at most <paramref name="limit"/> from the given name on.</summary>
    Task<IReadOnlyList<LogGroupRow>> ListGroupsAsync(Scope scope, string from, int limit, CancellationToken cancellationToken);

    /// <summary>One group; null when it was never used.</summary>
    Task<LogGroupRow?> ReadGroupAsync(ScopedName group, CancellationToken cancellationToken);
}

/// <summary>In which order streams come.</summary>
public enum LogStreamOrder
{
    /// <summary>By name.</summary>
    Name,

    /// <summary>By the end of their attempts; then those that have not ended, or only a moment ago, by name.</summary>
    End,
}

/// <summary>Asks for a page of a group's streams.</summary>
public sealed record LogStreamListing
{
    /// <summary>Scope and group.</summary>
    public required ScopedName Group { get; init; }

    /// <summary>The order.</summary>
    public required LogStreamOrder Order { get; init; }

    /// <summary>The other way round.</summary>
    public bool IsDescending { get; init; }

    /// <summary>In the order of names: only those that begin so.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>In the order of ends: only those that ended at this time or later, or have not.</summary>
    public DateTimeOffset EndedFrom { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>In the order of ends: what ended at this time or later counts as not ended. The same for all pages, so that none is missed that ends in between.</summary>
    public DateTimeOffset Boundary { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>The cursor after which the page begins; null for the first.</summary>
    public string? After { get; init; }

    /// <summary>The cursor of the last that may be on it; null: there is no such limit.</summary>
    public string? Last { get; init; }

    /// <summary>Rows at most.</summary>
    public required int Limit { get; init; }
}

/// <summary>A log stream: the output of one attempt.</summary>
/// <param name="Group">Scope and group.</param>
/// <param name="Stream">Its name.</param>
/// <param name="CreatedAt">When its attempt reached RUNNING.</param>
/// <param name="EndedAt">When the end of its attempt was stored; null: it lives.</param>
public sealed record LogStreamRow(ScopedName Group, string Stream, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

/// <summary>A stream in a listing, with the cursor that stands for it.</summary>
public sealed record ListedLogStream(LogStreamRow Stream, string Cursor);

/// <summary>A page of streams.</summary>
/// <param name="Streams">The streams.</param>
/// <param name="HasMore">Whether others follow.</param>
public sealed record LogStreamPage(IReadOnlyList<ListedLogStream> Streams, bool HasMore);

/// <summary>A log group.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When an attempt first wrote to it.</param>
public sealed record LogGroupRow(string Name, DateTimeOffset CreatedAt);
