using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBatch.Client.Transports;

/// <summary>Signs a request, AWS Signature Version 4.</summary>
/// <remarks>
/// Source: AWS IAM user guide, "Create a signed AWS API request". The SDK's own signer would bring the SDK's core with it, which costs a start
/// more than a whole call takes; a test compares this with the published examples.
/// </remarks>
internal static class RequestSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The Authorization header of a request that nobody signs: it names the region, which is how AWS's clients name it.</summary>
    public static string Unsigned(string region, string service, DateTimeOffset time) =>
        $"{Algorithm} Credential=orleansbatch/{Scope(region, service, time)}, SignedHeaders=host, Signature={new string('0', 64)}";

    /// <summary>The time as a signed request carries it, in <c>x-amz-date</c>.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The Authorization header.</summary>
    /// <param name="credentials">Who signs.</param>
    /// <param name="region">Of the credential scope.</param>
    /// <param name="service">Of the credential scope.</param>
    /// <param name="time">The same as in <c>x-amz-date</c>.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">The path as sent; a query behind it must be in the order of its names, then of its values.</param>
    /// <param name="headers">Those that are signed, by lower-case name, <c>host</c> and <c>x-amz-date</c> among them.</param>
    /// <param name="body">The body as sent.</param>
    public static string Sign(
        Credentials credentials,
        string region,
        string service,
        DateTimeOffset time,
        string method,
        string path,
        SortedDictionary<string, string> headers,
        ReadOnlySpan<byte> body)
    {
        var signed = string.Join(';', headers.Keys);
        var lines = string.Concat(headers.Select(header => $"{header.Key}:{header.Value.Trim()}\n"));
        var canonical = $"{method}\n{path.Split('?')[0]}\n{path.Split('?').ElementAtOrDefault(1)}\n{lines}\n{signed}\n{Hash(body)}";
        var scope = Scope(region, service, time);
        var text = $"{Algorithm}\n{Time(time)}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey);
        foreach (var part in scope.Split('/'))
        {
            key = Hmac(key, part);
        }

        return $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={Convert.ToHexStringLower(Hmac(key, text))}";
    }

    private static string Scope(string region, string service, DateTimeOffset time) =>
        $"{time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}/{region}/{service}/aws4_request";

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
