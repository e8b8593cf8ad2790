using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using OrleansBatch.AgentProtocol;

namespace OrleansBatch.Agent.Sessions;

/// <summary>One stream to one silo, until it ends. Safe for use by many threads.</summary>
internal sealed class SiloStream : IDisposable
{
    private readonly Channel<AgentMessage> _outgoing = Channel.CreateUnbounded<AgentMessage>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<long, TaskCompletionSource<SiloMessage>> _asked = [];
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _breaking = new();
    private readonly GrpcChannel _channel;
    private readonly Action<SiloStream, SiloMessage> _ordered;
    private string? _reason;
    private long _number;

    private SiloStream(Uri silo, GrpcChannel channel, Action<SiloStream, SiloMessage> ordered)
    {
        Silo = silo;
        _channel = channel;
        _ordered = ordered;
    }

    /// <summary>Where it leads.</summary>
    public Uri Silo { get; }

    /// <summary>Completes with the reason when it is over.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Begins one. Whether anybody is there is seen by what is asked first.</summary>
    /// <param name="silo">Where.</param>
    /// <param name="options">Who the agent is.</param>
    /// <param name="ordered">Called with what is no answer, in its order; must not block.</param>
    public static SiloStream Open(Uri silo, SessionOptions options, Action<SiloStream, SiloMessage> ordered)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            UseProxy = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Identity is { } identity)
        {
            handler.SslOptions = identity.AsClient(silo.Host);
        }

        var channel = GrpcChannel.ForAddress(silo, new()
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = ProtocolLimits.LargestMessage,
            MaxSendMessageSize = ProtocolLimits.LargestMessage,
        });
        var stream = new SiloStream(silo, channel, ordered);
        _ = Task.Run(stream.RunAsync);
        return stream;
    }

    /// <summary>Sends what is answered nowhere.</summary>
    public void Send(AgentMessage message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="question">Makes the message of a number.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="IOException">The stream has ended.</exception>
    public async Task<SiloMessage> AskAsync(Func<long, AgentMessage> question, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _number);
        var answer = _asked[number] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            Send(question(number));
            if (await Task.WhenAny(answer.Task, Ended).WaitAsync(cancellationToken) == Ended)
            {
                throw new IOException($"{Silo}: {await Ended}");
            }

            return await answer.Task;
        }
        finally
        {
            _ = _asked.TryRemove(number, out _);
        }
    }

    /// <summary>Ends it.</summary>
    public void Break(string reason)
    {
        _ = Interlocked.CompareExchange(ref _reason, reason, null);
        _outgoing.Writer.TryComplete();
        _breaking.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => Break("the agent leaves");

    private async Task RunAsync()
    {
        string? reason = null;
        try
        {
            using var call = new AgentGateway.AgentGatewayClient(_channel).Session(cancellationToken: _breaking.Token);
            var sending = SendAllAsync(call.RequestStream);
            while (await call.ResponseStream.MoveNext(_breaking.Token))
            {
                Hear(call.ResponseStream.Current);
            }

            _outgoing.Writer.TryComplete();
            await sending;
            reason = "the silo ended the session";
        }
        catch (RpcException problem)
        {
            reason = problem.Status.Detail;
        }
        catch (Exception problem)
        {
            // Whatever it was, this stream is over and another one begins.
            reason = problem.Message;
        }

        _outgoing.Writer.TryComplete();
        _ended.TrySetResult(_reason ?? reason);
        _channel.Dispose();
    }

    private async Task SendAllAsync(IClientStreamWriter<AgentMessage> writer)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(_breaking.Token))
            {
                await writer.WriteAsync(message, _breaking.Token);
            }
        }
        catch (Exception problem) when (problem is RpcException or OperationCanceledException or InvalidOperationException)
        {
            // The reading side sees it, too, and says why.
        }
    }

    private void Hear(SiloMessage message)
    {
        var number = message.ContentCase switch
        {
            SiloMessage.ContentOneofCase.Welcome => message.Welcome.Number,
            SiloMessage.ContentOneofCase.Renewed => message.Renewed.Number,
            SiloMessage.ContentOneofCase.Settled => message.Settled.Number,
            SiloMessage.ContentOneofCase.Left => message.Left.Number,
            SiloMessage.ContentOneofCase.ChunksKept => message.ChunksKept.Number,
            _ => 0,
        };
        if (number == 0)
        {
            _ordered(this, message);
        }
        else if (_asked.TryGetValue(number, out var answer))
        {
            answer.TrySetResult(message);
        }
    }
}
