using System.Net.Http.Headers;
using System.Net.Sockets;

namespace OrleansBatch.Grains.Webhooks;

/// <summary>Sends requests over HTTP. What the receiver answers beyond the status is not read, and it is not followed elsewhere.</summary>
public sealed class HttpWebhookSender(TimeProvider time) : IWebhookSender, IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>How long the receiver may take to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        MaxConnectionsPerServer = 32,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 16 * 1024,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        // Names may come to mean other addresses.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        // Each request is timed by our clock.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public async Task<WebhookFailure?> SendAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Url)
        {
            Content = new ReadOnlyMemoryContent(message.Body) { Headers = { ContentType = Json } },
        };
        foreach (var (name, value) in message.Headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, value);
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.IsSuccessStatusCode ? null : new($"The receiver answered {(int)answer.StatusCode}.", RetryAfter(answer.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new($"The receiver did not answer within {Patience.TotalSeconds} seconds.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            return new($"The receiver could not be reached: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked) => asked switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}
