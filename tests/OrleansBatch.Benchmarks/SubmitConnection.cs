using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansBatch.Benchmarks;

/// <summary>Submits one and the same request again and again, on one connection, for next to nothing.</summary>
/// <remarks>What a load generator costs is taken from the jobs that it measures: a general HTTP client costs as much as starting one.</remarks>
internal sealed class SubmitConnection : IDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[16 * 1024];

    private SubmitConnection(byte[] request) => _request = request;

    /// <summary>Connects.</summary>
    public static async Task<SubmitConnection> OpenAsync(Uri endpoint, string body)
    {
        var connection = new SubmitConnection(Encoding.UTF8.GetBytes(
            $"POST /v1/submitjob HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: application/json\r\n"
            + "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature=0\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        await connection._socket.ConnectAsync(endpoint.Host, endpoint.Port);
        return connection;
    }

    /// <summary>Submits; gives the answer's body.</summary>
    public async Task<byte[]> SubmitAsync()
    {
        await _socket.SendAsync(_request);
        var (read, body, length) = (0, -1, 0);
        while (body < 0 || read < body + length)
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(read));
            if (count == 0)
            {
                throw new IOException("The scheduler closed the connection.");
            }

            read += count;
            if (body < 0 && _buffer.AsSpan(0, read).IndexOf(HeadEnd) is >= 0 and var end)
            {
                length = LengthOf(Encoding.ASCII.GetString(_buffer, 0, end));
                body = end + HeadEnd.Length;
            }
        }

        return _buffer.AsSpan(body, length).ToArray();
    }

    public void Dispose() => _socket.Dispose();

    private static int LengthOf(string head)
    {
        const string Name = "\r\nContent-Length:";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && at >= 0
            ? int.Parse(head.AsSpan(at + Name.Length).TrimStart().ToString().Split('\r')[0], CultureInfo.InvariantCulture)
            : throw new IOException($"Not the answer to a submission: {head}");
    }
}
