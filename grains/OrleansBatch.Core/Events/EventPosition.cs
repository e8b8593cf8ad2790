using System.Globalization;

namespace OrleansBatch.Core.Events;

/// <summary>A place in the order of all events: behind the event of this number.</summary>
/// <remarks>As text, the cursor of readers: <c>12</c>, or <c>12.3</c> inside an event that all children of an array without rows had together.</remarks>
/// <param name="Id">The number that the store gave; 0: before the first.</param>
/// <param name="Child">The index of an array's child, of an event that children share; otherwise <see cref="Whole"/>.</param>
public readonly record struct EventPosition(long Id, int Child) : IComparable<EventPosition>
{
    /// <summary>Behind all of the event.</summary>
    public const int Whole = int.MaxValue;

    /// <summary>Before the first event.</summary>
    public static EventPosition Start { get; } = new(0, Whole);

    /// <summary>Reads a cursor; null when the text is none.</summary>
    public static EventPosition? Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var id = dot < 0 ? text : text[..dot];
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        if (dot < 0)
        {
            return new(number, Whole);
        }

        return int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var child) && child < Whole
            ? new(number, child)
            : null;
    }

    /// <inheritdoc/>
    public int CompareTo(EventPosition other) => Id != other.Id ? Id.CompareTo(other.Id) : Child.CompareTo(other.Child);

    /// <inheritdoc/>
    public override string ToString() => Child == Whole
        ? Id.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Id}.{Child}");

    /// <summary>Whether one comes before the other.</summary>
    public static bool operator <(EventPosition left, EventPosition right) => left.CompareTo(right) < 0;

    /// <summary>Whether one comes after the other.</summary>
    public static bool operator >(EventPosition left, EventPosition right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not come after the other.</summary>
    public static bool operator <=(EventPosition left, EventPosition right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not come before the other.</summary>
    public static bool operator >=(EventPosition left, EventPosition right) => left.CompareTo(right) >= 0;
}
