using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;

namespace OrleansBatch.Certificates;

/// <summary>Mutual TLS around the connections of Orleans: between silos, and from a client to a gateway.</summary>
public static class TlsConnections
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For who is connected to: nothing is read from a peer that shows no certificate of the authority for one of these roles.</summary>
    public static void UseTlsAsServer(this IConnectionBuilder builder, PrivateIdentity identity, params Role[] roles) =>
        builder.Use(next => connection => RunAsync(connection, next, (stream, patience) => stream.AuthenticateAsServerAsync(identity.AsServer(roles), patience)));

    /// <summary>For who connects: nothing is said to a peer that is no silo of the authority. Addresses come from the membership table, so no name is asked for.</summary>
    public static void UseTlsAsClient(this IConnectionBuilder builder, PrivateIdentity identity) =>
        builder.Use(next => connection => RunAsync(connection, next, (stream, patience) => stream.AuthenticateAsClientAsync(identity.AsClient(host: null), patience)));

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, Func<SslStream, CancellationToken, Task> authenticate)
    {
        var bare = connection.Transport;
        await using var stream = new SslStream(new PipeStream(bare));
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            patience.CancelAfter(Patience);
            await authenticate(stream, patience.Token);
        }

        var secured = new SecuredPipe(PipeReader.Create(stream, new(leaveOpen: true)), PipeWriter.Create(stream, new(leaveOpen: true)));
        connection.Transport = secured;
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = bare;
            await secured.Input.CompleteAsync();
            await secured.Output.CompleteAsync();
        }
    }

    private sealed record SecuredPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Both directions of a pipe as one stream.</summary>
    private sealed class PipeStream(IDuplexPipe pipe) : Stream
    {
        private readonly Stream _input = pipe.Input.AsStream(leaveOpen: true);
        private readonly Stream _output = pipe.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

        public override void Flush() => _output.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
