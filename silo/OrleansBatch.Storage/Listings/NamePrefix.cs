using System.Text;

namespace OrleansBatch.Storage.Listings;

/// <summary>The range of an index that holds all texts which begin in one way.</summary>
internal static class NamePrefix
{
    /// <summary>Above every name there is.</summary>
    public const string Top = "\U0010FFFF\U0010FFFF";

    /// <summary>The least text above all that begin with the prefix; null when there is none, and the range is open.</summary>
    /// <remarks>Both databases compare the bytes of UTF-8, which is the order of code points: so the last code point that can grow does.</remarks>
    public static string? UpperBound(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToArray();
        for (var last = runes.Length - 1; last >= 0; last--)
        {
            if (runes[last].Value < 0x10FFFF)
            {
                // Between D7FF and E000 lie the surrogates, which are no characters.
                var next = runes[last].Value == 0xD7FF ? 0xE000 : runes[last].Value + 1;
                return string.Concat(runes.Take(last).Append(new Rune(next)));
            }
        }

        return null;
    }
}
