using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>Reads the ARN at the end of <c>/v1/tags/{resourceArn}</c>: one percent-encoded segment, or several that are not encoded.</summary>
/// <remarks>
/// From the request line itself, decoded once: the server decodes all of a path but <c>%2F</c>, so that what it leaves cannot be told
/// from what was encoded twice.
/// </remarks>
internal static class RouteArn
{
    /// <summary>Slashes before the ARN: those of <c>/v1/tags/</c>.</summary>
    private const int Slashes = 3;

    private const int MostShown = 200;

    /// <summary>The ARN; empty when there is none.</summary>
    /// <exception cref="BatchClientException">Its encoding is broken.</exception>
    public static string Of(HttpRequest request)
    {
        var path = PathOf(request);
        var arn = path;
        for (var slash = 0; slash < Slashes; slash++)
        {
            var next = arn.IndexOf('/');
            arn = next < 0 ? [] : arn[(next + 1)..];
        }

        return Decode(arn);
    }

    private static ReadOnlySpan<char> PathOf(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var scheme = target.IndexOf("://", StringComparison.Ordinal);

        // A proxy may send all of the URI.
        if (scheme > 0 && target[0] != '/')
        {
            target = target[(scheme + 3)..];
            var path = target.IndexOf('/');
            target = path < 0 ? [] : target[path..];
        }

        var query = target.IndexOfAny('?', '#');
        return query < 0 ? target : target[..query];
    }

    private static string Decode(ReadOnlySpan<char> encoded)
    {
        for (var at = encoded.IndexOf('%'); at >= 0;)
        {
            if (at + 2 >= encoded.Length || !char.IsAsciiHexDigit(encoded[at + 1]) || !char.IsAsciiHexDigit(encoded[at + 2]))
            {
                throw Broken(encoded);
            }

            var next = encoded[(at + 3)..].IndexOf('%');
            at = next < 0 ? -1 : at + 3 + next;
        }

        var decoded = Uri.UnescapeDataString(encoded);

        // What is no UTF-8 stays encoded; control characters would spoil messages and logs.
        return decoded.AsSpan().ContainsAnyInRange('\0', '\x1F') || (decoded.Contains('%', StringComparison.Ordinal) && !encoded.Contains("%25", StringComparison.Ordinal))
            ? throw Broken(encoded)
            : decoded;
    }

    private static BatchClientException Broken(ReadOnlySpan<char> encoded) => new(
        $"resourceArn '{(encoded.Length <= MostShown ? encoded : encoded[..MostShown])}' is not percent-encoded UTF-8 text.");
}
