using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Listings;

/// <summary>Pages of jobs: what is the same for every database.</summary>
internal static class JobPages
{
    /// <summary>A page of the rows that were read, of which one more than asked for says that there is a next one.</summary>
    public static JobPage Of(List<Row> rows, int limit) => new(
        [.. rows.Take(limit).Select(row => row.Job)],
        rows.Count > limit && limit > 0 ? rows[limit - 1].Key.ToString() : null);

    /// <summary>The name that a page of names with a prefix begins with: the cursor's, or the least of the prefix, which is the prefix itself.</summary>
    /// <exception cref="FormatException">The cursor is one of another listing.</exception>
    public static string NameOf(string prefix, JobCursor? after) => after is not { } given ? prefix
        : given.FoldedName.StartsWith(prefix, StringComparison.Ordinal) ? given.FoldedName
        : throw new FormatException($"'{given}' is a cursor of another listing.");

    /// <summary>A row with its place in the listing.</summary>
    internal readonly record struct Row(JobCursor Key, JobListItem Job);
}
