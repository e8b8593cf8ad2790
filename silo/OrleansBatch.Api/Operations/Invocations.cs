using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>Tells one call from its repetitions.</summary>
/// <remarks>Every SDK sends <c>amz-sdk-invocation-id</c>, the same over all retries of one call.</remarks>
internal static class Invocations
{
    private const string Header = "amz-sdk-invocation-id";
    private const int MaxIdLength = 256;

    /// <summary>What the request calls itself; null when it does not, or not in a usable way.</summary>
    public static Invocation? Of(HttpRequest request, Caller caller, ReadOnlySpan<byte> body)
    {
        var id = request.Headers[Header].ToString();
        if (id.Length is 0 or > MaxIdLength)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(body, hash);
        return new() { Key = $"{caller.Scope.Key}/{caller.AccessKey}/{id}/{Convert.ToHexStringLower(hash)}" };
    }
}
