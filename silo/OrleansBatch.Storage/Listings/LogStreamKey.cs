using System.Globalization;
using System.Text;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Listings;

/// <summary>A stream's place in a listing. Made of what never changes of it, as long as the listing's boundary stays.</summary>
/// <param name="EndedAt">Epoch milliseconds in the order of ends, the greatest number for what has not ended; 0 in the order of names.</param>
/// <param name="Name">The stream's name.</param>
internal readonly record struct LogStreamKey(long EndedAt, string Name) : IComparable<LogStreamKey>
{
    public const long NotEnded = long.MaxValue;

    /// <summary>The key of a stream in a listing.</summary>
    public static LogStreamKey Of(LogStreamRow stream, LogStreamListing listing) => listing.Order == LogStreamOrder.Name
        ? new(0, stream.Stream)
        : new(stream.EndedAt is { } ended && ended < listing.Boundary ? ended.ToUnixTimeMilliseconds() : NotEnded, stream.Stream);

    /// <exception cref="FormatException">The text is no cursor.</exception>
    public static LogStreamKey Parse(string text) =>
        text.Split(':', 2) is [var endedAt, var name] && long.TryParse(endedAt, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(number, name)
            : throw new FormatException($"'{text}' is not a cursor of this store.");

    public int CompareTo(LogStreamKey other) =>
        Math.Sign(EndedAt != other.EndedAt ? EndedAt.CompareTo(other.EndedAt) : Compare(Name, other.Name));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{EndedAt}:{Name}");

    /// <summary>As both databases compare: by the bytes of UTF-8.</summary>
    public static int Compare(string left, string right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
}
