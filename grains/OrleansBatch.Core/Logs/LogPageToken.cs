using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Logs;

/// <summary>Tokens of the log operations that end by an absent one: several texts, bound to their query.</summary>
internal static class LogPageToken
{
    /// <summary>A token.</summary>
    public static string Encode(string fingerprint, params ReadOnlySpan<string> parts)
    {
        var escaped = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            escaped[i] = Uri.EscapeDataString(parts[i]);
        }

        return PageTokens.Encode(string.Join(' ', escaped), fingerprint);
    }

    /// <summary>The texts in a token; null when there is none.</summary>
    /// <exception cref="LogsClientException">It is none of ours, or of another query.</exception>
    public static string[]? Decode(string? token, string fingerprint, int parts)
    {
        try
        {
            var texts = PageTokens.Decode(token, fingerprint)?.Split(' ').Select(Uri.UnescapeDataString).ToArray();
            return texts is null || texts.Length == parts ? texts : throw LogRules.InvalidToken();
        }
        catch (BatchClientException mistake) when (mistake is not LogsClientException)
        {
            throw LogRules.InvalidToken();
        }
    }
}
