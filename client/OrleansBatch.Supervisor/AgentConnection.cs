using System.Net.Sockets;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>One agent's connection: a thread that reads, and the clerk that sends.</summary>
internal sealed class AgentConnection : IDisposable
{
    private const int BufferSize = 1024 * 1024;
    private const int SendTimeoutMilliseconds = 2_000;

    private readonly Socket _socket;

    /// <summary>Takes the socket over.</summary>
    public AgentConnection(Socket socket)
    {
        _socket = socket;
        _socket.SendBufferSize = BufferSize;
        _socket.SendTimeout = SendTimeoutMilliseconds;
    }

    /// <summary>Reads orders until the agent is gone.</summary>
    public void Read(AttemptBook book)
    {
        var reader = new FrameReader();
        try
        {
            while (_socket.Receive(reader.Free.Span) is > 0 and var count)
            {
                reader.Received(count);
                while (reader.Next() is { } frame)
                {
                    if (frame.Kind == FrameKind.Hello)
                    {
                        book.Welcome(this)?.Dismiss();
                    }
                    else
                    {
                        book.Follow(this, frame);
                    }
                }
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The agent is gone.
        }
        catch (Exception problem)
        {
            // Whatever an agent says, it must not bring down what holds everybody's jobs.
            SupervisorLog.Write($"An agent is dropped: {problem}");
        }

        book.Farewell(this);
        Dispose();
    }

    /// <summary>Sends, for two seconds at most: an agent that does not read would hold up the journal.</summary>
    /// <returns>False when it is gone, or was given up.</returns>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[_socket.Send(bytes)..];
            }

            return true;
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // Half a frame may be out: nothing sensible can follow.
            Dispose();
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Dismiss()
    {
        // So that it does not come back: two agents would drop each other for ever.
        var writer = new FrameWriter();
        writer.Add(new() { Kind = FrameKind.Replaced });
        Send(writer.Bytes.Span);
        Dispose();
    }
}
