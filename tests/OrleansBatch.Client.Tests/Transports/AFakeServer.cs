using System.Net;
using System.Net.Sockets;

namespace OrleansBatch.Client.Tests.Transports;

/// <summary>Answers call after call as it is told, and keeps what it was asked.</summary>
internal sealed class AFakeServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Queue<(int Status, string Body)> _answers;

    public AFakeServer(params (int Status, string Body)[] answers)
    {
        _answers = new(answers);
        Endpoint = new($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Endpoint { get; }

    public List<Asked> Calls { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_answers.TryDequeue(out var answer))
        {
            var context = await _listener.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream);
            Calls.Add(new(
                context.Request.Url!.AbsolutePath,
                context.Request.Headers.AllKeys.ToDictionary(name => name!, name => context.Request.Headers[name]!, StringComparer.OrdinalIgnoreCase),
                await reader.ReadToEndAsync()));
            context.Response.StatusCode = answer.Status;
            await using var body = new StreamWriter(context.Response.OutputStream);
            await body.WriteAsync(answer.Body);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public sealed record Asked(string Path, IReadOnlyDictionary<string, string> Headers, string Body);
}
