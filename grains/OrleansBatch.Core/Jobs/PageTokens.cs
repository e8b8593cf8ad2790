using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Jobs;

/// <summary>Makes and reads the tokens that lead from page to page: opaque, and bound to their query.</summary>
public static class PageTokens
{
    private const int MarkLength = 8;

    /// <summary>A token of url-safe characters.</summary>
    /// <param name="cursor">Where the next page begins.</param>
    /// <param name="queryFingerprint">All of the query but its page size.</param>
    public static string Encode(string cursor, string queryFingerprint) =>
        Base64Url.EncodeToString([.. Mark(cursor, queryFingerprint), .. Encoding.UTF8.GetBytes(cursor)]);

    /// <summary>The cursor in a token; null when there is no token.</summary>
    /// <exception cref="BatchClientException">The token is none of ours, or of another query.</exception>
    public static string? Decode(string? token, string queryFingerprint)
    {
        // An empty token is how some clients ask for the first page.
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        if (Base64Url.IsValid(token) && Base64Url.DecodeFromChars(token) is { Length: >= MarkLength } bytes)
        {
            var cursor = Encoding.UTF8.GetString(bytes.AsSpan(MarkLength));
            if (bytes.AsSpan(0, MarkLength).SequenceEqual(Mark(cursor, queryFingerprint)))
            {
                return cursor;
            }
        }

        throw new BatchClientException("nextToken is not valid, or belongs to a call with other arguments.");
    }

    /// <summary>A part of a hash over both: it tells a foreign query and a broken token alike.</summary>
    private static ReadOnlySpan<byte> Mark(string cursor, string queryFingerprint) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(queryFingerprint + "\n" + cursor)).AsSpan(0, MarkLength);
}
