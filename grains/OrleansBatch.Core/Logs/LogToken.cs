using System.Globalization;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Logs;

/// <summary>Where the next page of a log begins, as the opaque text that clients carry.</summary>
/// <remarks>
/// <c>f/&lt;digits&gt;/s</c> goes forwards, <c>b/&lt;digits&gt;/s</c> backwards, as at AWS. The digits are a byte offset and a mark of the stream,
/// so that a token of one stream is refused for another.
/// </remarks>
/// <param name="Forwards">Which way it leads.</param>
/// <param name="Offset">Byte offset of a line's start.</param>
internal sealed record LogToken(bool Forwards, long Offset)
{
    private const int OffsetDigits = 19;
    private const int MarkDigits = 10;

    /// <summary>The token as text.</summary>
    public string ToText(LogLocation log) => string.Create(
        CultureInfo.InvariantCulture, $"{(Forwards ? 'f' : 'b')}/{Offset:D19}{MarkOf(log):D10}/s");

    /// <summary>Reads a token of this log; null when it is none.</summary>
    public static LogToken? Parse(string text, LogLocation log)
    {
        if (text.Length != OffsetDigits + MarkDigits + 4 || text[0] is not ('f' or 'b') || text[1] != '/' || !text.EndsWith("/s", StringComparison.Ordinal))
        {
            return null;
        }

        return long.TryParse(text.AsSpan(2, OffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && uint.TryParse(text.AsSpan(2 + OffsetDigits, MarkDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var mark)
            && mark == MarkOf(log)
            ? new(text[0] == 'f', offset)
            : null;
    }

    // FNV-1a: stable over processes and versions, which GetHashCode is not.
    private static uint MarkOf(LogLocation log)
    {
        var mark = 2166136261u;
        foreach (var c in $"{log.Scope.Key}:{log.Group}:{log.Stream}")
        {
            mark = unchecked((mark ^ c) * 16777619u);
        }

        return mark;
    }
}
