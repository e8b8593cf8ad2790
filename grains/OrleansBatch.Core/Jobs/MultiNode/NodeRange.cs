using System.Globalization;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Jobs.MultiNode;

/// <summary>Some nodes of a multi-node job that follow one another.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, at least <paramref name="First"/>.</param>
/// <param name="IsOpen">Whether it was written without an end: it goes to the last node, whatever their number.</param>
/// <remarks>Source: AWS Batch API, NodeRangeProperty.targetNodes.</remarks>
internal readonly record struct NodeRange(int First, int Last, bool IsOpen)
{
    /// <summary>How many nodes.</summary>
    public int Count => Last - First + 1;

    /// <summary>Whether it has this node.</summary>
    public bool Has(int index) => index >= First && index <= Last;

    /// <summary>Whether all of the other is in it.</summary>
    public bool Has(NodeRange other) => Has(other.First) && Has(other.Last);

    /// <summary>Whether they have a node in common.</summary>
    public bool Meets(NodeRange other) => First <= other.Last && other.First <= Last;

    /// <summary>As it is written.</summary>
    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}:{Last}");

    /// <summary>Reads <c>a:b</c>, <c>a:</c>, <c>:b</c>, <c>:</c> or <c>a</c>.</summary>
    /// <exception cref="ValidationException">It is none of these, or names a node that there is not.</exception>
    public static NodeRange Parse(string? text, int nodes)
    {
        if (string.IsNullOrEmpty(text))
        {
            throw new ValidationException("targetNodes is required for each node range.");
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (first, last) = colon < 0
            ? (Number(text), Number(text))
            : (colon == 0 ? 0 : Number(text[..colon]), colon == text.Length - 1 ? nodes - 1 : Number(text[(colon + 1)..]));
        var isOpen = colon >= 0 && colon == text.Length - 1;
        if (first >= nodes || last >= nodes)
        {
            throw new ValidationException($"targetNodes {text} is out of range, node indices must be less than numNodes {nodes}.");
        }

        return first <= last
            ? new(first, last, isOpen)
            : throw new ValidationException($"targetNodes {text} is not valid: the first index must not be above the last.");
    }

    private static int Number(string text) => text.Length > 0 && text.All(char.IsAsciiDigit)
        ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue
        : throw new ValidationException("targetNodes should contain only digits.");
}
