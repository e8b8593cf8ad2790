using System.Globalization;

namespace OrleansBatch.Storage.Listings;

/// <summary>The last row of a page: where the next one goes on. Made of what never changes of a row.</summary>
/// <param name="CreatedAt">Epoch milliseconds.</param>
/// <param name="Sequence">The row's sequence.</param>
/// <param name="FoldedName">The name, in listings by name; otherwise empty.</param>
internal readonly record struct JobCursor(long CreatedAt, long Sequence, string FoldedName)
{
    /// <summary>Before every row: newer than the newest.</summary>
    public static JobCursor Start { get; } = new(long.MaxValue, long.MaxValue, "");

    /// <exception cref="FormatException">The text is no cursor.</exception>
    public static JobCursor Parse(string text) =>
        text.Split(':', 3) is [var createdAt, var sequence, var name]
        && long.TryParse(createdAt, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var createdAtNumber)
        && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var sequenceNumber)
            ? new(createdAtNumber, sequenceNumber, name)
            : throw new FormatException($"'{text}' is not a cursor of this store.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt}:{Sequence}:{FoldedName}");
}
