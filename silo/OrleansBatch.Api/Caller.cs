using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>Who calls: the account and region that the request is for, and the access key that signed it.</summary>
/// <remarks>
/// Signatures are not verified: any credentials are accepted. The credential scope of a signature is
/// <c>key/date/region/service/aws4_request</c>, in the Authorization header or, presigned, in the query.
/// </remarks>
/// <param name="Scope">Account and region.</param>
/// <param name="AccessKey">As the request names it; empty without a signature.</param>
internal sealed partial record Caller(Scope Scope, string AccessKey)
{
    /// <summary>What a region may look like.</summary>
    public const string RegionPattern = "^[a-z0-9-]{1,32}$";

    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Marker = "Credential=";

    /// <summary>Reads the caller off a request.</summary>
    /// <exception cref="BatchClientException">The signature names a region that cannot be one.</exception>
    public static Caller Of(HttpRequest request, BatchApiOptions options)
    {
        var parts = CredentialOf(request).Split('/');
        if (parts is not [{ Length: > 0 and <= 128 } key, _, var region, _, "aws4_request"])
        {
            return new(new(options.Account, options.DefaultRegion), "");
        }

        return Region().IsMatch(region)
            ? new(new(options.Account, region), key)
            : throw new BatchClientException("The region in the request's signature must have 1 to 32 characters out of a-z, 0-9 and '-'.");
    }

    private static string CredentialOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Algorithm, StringComparison.Ordinal))
        {
            var start = header.IndexOf(Marker, StringComparison.Ordinal);
            if (start < 0)
            {
                return "";
            }

            var credential = header.AsSpan(start + Marker.Length);
            var end = credential.IndexOfAny(',', ' ');
            return (end < 0 ? credential : credential[..end]).ToString();
        }

        return request.QueryString.HasValue && request.Query["X-Amz-Algorithm"] == Algorithm ? request.Query["X-Amz-Credential"].ToString() : "";
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,32}\z")]
    private static partial Regex Region();
}
