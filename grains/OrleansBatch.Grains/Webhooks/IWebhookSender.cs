namespace OrleansBatch.Grains.Webhooks;

/// <summary>Sends one request to a webhook's receiver.</summary>
public interface IWebhookSender
{
    /// <summary>Sends it once.</summary>
    /// <returns>Null when the receiver has taken it: it answered 2xx. Otherwise why not.</returns>
    Task<WebhookFailure?> SendAsync(WebhookMessage message, CancellationToken cancellationToken);
}

/// <summary>One request.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">The event's JSON.</param>
public sealed record WebhookMessage(Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body);

/// <summary>Why a request failed.</summary>
/// <param name="Reason">In a sentence.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone; null: it does not say.</param>
public sealed record WebhookFailure(string Reason, TimeSpan? RetryAfter = null);
