using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBatch.Core.Webhooks;

/// <summary>Signs what is sent to a webhook.</summary>
/// <remarks>Source: Standard Webhooks specification 1.0, symmetric signatures.</remarks>
public static class WebhookSignature
{
    private const string Prefix = "whsec_";

    /// <summary>Whether it can be a secret.</summary>
    public static bool IsSecret(string secret) => secret.Length is >= 16 and <= 256
        && (!secret.StartsWith(Prefix, StringComparison.Ordinal) || Decode(secret) is { Length: >= 16 and <= 64 });

    /// <summary>The value of the header <c>webhook-signature</c>.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>: epoch seconds.</param>
    /// <param name="body">The request's body.</param>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var key = secret.StartsWith(Prefix, StringComparison.Ordinal) ? Decode(secret)! : Encoding.UTF8.GetBytes(secret);
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        byte[] signed = [.. head, .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }

    private static byte[]? Decode(string secret)
    {
        var bytes = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length) ? bytes[..length] : null;
    }
}
