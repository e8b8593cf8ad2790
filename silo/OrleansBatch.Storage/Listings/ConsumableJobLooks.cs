using System.Globalization;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Listings;

/// <summary>A page of the jobs that need a resource, as it is made of rows from the newest on.</summary>
internal sealed class ConsumableJobLooks(ConsumableJobListing listing)
{
    /// <summary>Jobs that one page looks at, whatever its filters leave of them.</summary>
    public const int PerPage = 5_000;

    private readonly List<string> _found = [];
    private int _looks;

    /// <summary>The ids of those that are on it.</summary>
    public IReadOnlyList<string> Found => _found;

    /// <summary>The sequence of the row that was looked at last.</summary>
    /// <exception cref="FormatException">The cursor is none of this store's.</exception>
    public long Last { get; private set; } = listing.After is null ? long.MaxValue
        : long.TryParse(listing.After, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence
        : throw new FormatException($"'{listing.After}' is not a cursor of this store.");

    /// <summary>Looks at a row; false when the page is full, and the next one begins with it.</summary>
    public bool Add(long sequence, JobStatus status, string foldedName, string jobId)
    {
        if (_found.Count == listing.Limit || _looks == PerPage)
        {
            return false;
        }

        _looks++;
        Last = sequence;
        if ((listing.Status is null || status == listing.Status) && listing.Name?.Matches(foldedName) != false)
        {
            _found.Add(jobId);
        }

        return true;
    }

    /// <summary>The page.</summary>
    public ConsumableJobPage Page(Func<string, JobRecord> read, bool isLast) =>
        new([.. _found.Select(read)], isLast ? null : Last.ToString(CultureInfo.InvariantCulture));
}
