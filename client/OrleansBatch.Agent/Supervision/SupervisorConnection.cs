using System.Net.Sockets;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent.Supervision;

/// <summary>One connection to a supervisor, until it breaks.</summary>
internal sealed class SupervisorConnection(Socket socket) : IDisposable
{
    private readonly FrameReader _reader = new();

    /// <summary>Introduces the agent and waits for the answer.</summary>
    /// <returns>The supervisor's hello; null when it has gone away instead.</returns>
    public async Task<Frame?> GreetAsync(CancellationToken cancellationToken)
    {
        var writer = new FrameWriter();
        writer.Add(new() { Kind = FrameKind.Hello, Version = Frame.CurrentVersion });
        return await SendAsync(writer.Bytes) ? await ReadAsync(cancellationToken) : null;
    }

    /// <summary>Asks an idle supervisor to go, and waits until it has.</summary>
    public async Task DismissAsync(CancellationToken cancellationToken)
    {
        var writer = new FrameWriter();
        writer.Add(new() { Kind = FrameKind.Leave });
        await SendAsync(writer.Bytes);
        while (await ReadAsync(cancellationToken) is not null)
        {
            // Nothing that it says now is news: it has nothing.
        }
    }

    /// <summary>The next frame.</summary>
    /// <returns>Null when the supervisor is gone.</returns>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (_reader.Next() is { } frame)
                {
                    return frame;
                }

                var count = await socket.ReceiveAsync(_reader.Free, cancellationToken);
                if (count == 0)
                {
                    return null;
                }

                _reader.Received(count);
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Sends all of it.</summary>
    /// <returns>False when the supervisor is gone.</returns>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes)..];
            }

            return true;
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
