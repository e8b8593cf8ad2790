using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OrleansBatch.Testing;

/// <summary>A receiver of webhooks on the loopback: answers as it is told and keeps what it got.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<Received> _received = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;

    /// <summary>Listens on a port of its own.</summary>
    /// <param name="answer">The status of the answer to a request; null: none ever comes. Default: 200.</param>
    public WebhookReceiver(Func<Received, int?>? answer = null)
    {
        Answer = answer ?? (_ => 200);
        Url = $"http://127.0.0.1:{FreePort()}/events";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>How it answers.</summary>
    public Func<Received, int?> Answer { get; set; }

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>All requests so far, in the order in which they came.</summary>
    public IReadOnlyList<Received> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Those of a job that were answered with 200.</summary>
    public IEnumerable<int> TakenOf(string jobId) =>
        Received.Where(each => each.JobId == jobId && each.Status == 200).Select(each => each.Number);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Abort();
        await _serving;
        _stopping.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.GetContextAsync());
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var body = await reader.ReadToEndAsync();
        var received = new Received(body, context.Request.Headers.AllKeys.ToDictionary(key => key!, key => context.Request.Headers[key]!, StringComparer.OrdinalIgnoreCase));
        received = received with { Status = Answer(received) };
        lock (_received)
        {
            _received.Add(received);
        }

        if (received.Status is not { } status)
        {
            await Task.Delay(Timeout.Infinite, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        context.Response.StatusCode = status;
        if (status is >= 300 and < 400)
        {
            context.Response.RedirectLocation = Url;
        }

        context.Response.Close();
    }
}

/// <summary>A request that a receiver got.</summary>
public sealed record Received(string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>What it was answered with; null: nothing.</summary>
    public int? Status { get; init; }

    /// <summary>The event.</summary>
    public JsonElement Event { get; } = JsonDocument.Parse(Body).RootElement;

    /// <summary>Its id.</summary>
    public string Id => Event.GetProperty("id").GetString()!;

    /// <summary>Its job's id.</summary>
    public string JobId => Event.GetProperty("detail").GetProperty("jobId").GetString()!;

    /// <summary>Its job's status.</summary>
    public string JobStatus => Event.GetProperty("detail").GetProperty("status").GetString()!;

    /// <summary>Its number among its job's events.</summary>
    public int Number => int.Parse(Headers["x-orleansbatch-sequence-number"], CultureInfo.InvariantCulture);
}
