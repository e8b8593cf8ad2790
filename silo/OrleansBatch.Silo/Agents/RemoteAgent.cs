using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using OrleansBatch.AgentProtocol;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Silo.Agents;

/// <summary>One agent on another machine, for as long as its stream ends here. Keeps nothing that is not lost with the stream without harm.</summary>
/// <param name="nodes">The grains of nodes.</param>
/// <param name="certifiedName">The name in the agent's certificate: the one node for which it may speak. Null: it has none, for there is no TLS.</param>
/// <param name="writer">To the agent.</param>
/// <param name="over">Cancelled when the stream is to end.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class RemoteAgent(
    INodes nodes,
    string? certifiedName,
    IServerStreamWriter<SiloMessage> writer,
    CancellationTokenSource over,
    TimeProvider time,
    ILogger<RemoteAgent> logger) : INodeConnection
{
    /// <summary>
    /// How long a connection can still be called when its stream has ended: long enough that its node's grain has another, or has declared the node lost. Who calls it hears
    /// at once that it has ended; Orleans lets a call to what is withdrawn run into its time-out.
    /// </summary>
    internal static readonly TimeSpan AnswersAfterEnd = TimeSpan.FromMinutes(5);

    private readonly Channel<SiloMessage> _outgoing = Channel.CreateUnbounded<SiloMessage>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<long, TaskCompletionSource<Answer>> _asked = [];
    private readonly CancellationToken _over = over.Token;
    private INodeConnection? _published;
    private string? _nodeId;
    private long _number;
    private long _session;
    private int _isKeeping;

    private INodeGrain Node => nodes.Of(_nodeId ?? throw new RpcException(new(StatusCode.FailedPrecondition, "An agent says hello first.")));

    /// <summary>Hears the agent until its stream ends.</summary>
    /// <exception cref="RpcException">The agent says what it must not.</exception>
    public async Task RunAsync(IAsyncStreamReader<AgentMessage> reader)
    {
        _published = nodes.Publish(this);
        var sending = SendAllAsync();
        try
        {
            while (await reader.MoveNext(_over))
            {
                Hear(reader.Current);
            }
        }
        catch (InvalidDataException problem)
        {
            throw new RpcException(new(StatusCode.InvalidArgument, problem.Message));
        }
        catch (Exception problem) when (problem is IOException or OperationCanceledException)
        {
            // The agent is gone, or this silo goes.
        }
        finally
        {
            _ = WithdrawLaterAsync(_published);
            _outgoing.Writer.TryComplete();
            await over.CancelAsync();
            await sending;
            LogEnded(_nodeId ?? "");
        }
    }

    /// <inheritdoc/>
    public async Task Launch(long session, ImmutableArray<LaunchOrder> orders) =>
        await Task.WhenAll(ProtocolLimits.Cut(orders, PayloadTypes.Default.LaunchOrders)
            .Select(part => AskAsync(session, number => new() { Launch = new() { Number = number, Session = session, Orders = part.Payload } }))
            .ToList());

    /// <inheritdoc/>
    public Task Stop(long session, ImmutableArray<StopOrder> orders) => AskAsync(session, number =>
    {
        var stop = new Stop { Number = number, Session = session };
        stop.Attempts.AddRange(orders.Select(order => order.Attempt.ToWire()));
        return new() { Stop = stop };
    });

    /// <inheritdoc/>
    public async Task<LogPage> ReadLog(LogQuery query)
    {
        var payload = PayloadJson.Write(query, PayloadTypes.Default.LogQuery);
        var answer = await AskAsync(session: 0, number => new() { ReadLog = new() { Number = number, Query = payload } });
        return PayloadJson.Read(answer.Page, PayloadTypes.Default.LogPage);
    }

    /// <inheritdoc/>
    public Task Close(string reason)
    {
        // The agent ends the stream when it hears that; one that does not hear is let go when its connection is seen to be dead.
        LogClosed(_nodeId ?? "", reason);
        Send(new() { Close = new() { Reason = reason } });
        _outgoing.Writer.TryComplete();
        return Task.CompletedTask;
    }

    /// <summary>Nothing that an agent says holds up what it says next: an answer to an order may be what the hello waits for.</summary>
    private void Hear(AgentMessage message)
    {
        switch (message.ContentCase)
        {
            case AgentMessage.ContentOneofCase.Hello:
                _ = GreetAsync(message.Hello.Number, message.Hello.Version, Accept(message.Hello));
                break;
            case AgentMessage.ContentOneofCase.Renew:
                _ = RenewAsync(message.Renew, Node);
                break;
            case AgentMessage.ContentOneofCase.Reports:
                _ = ReportAsync(message.Reports, PayloadJson.Read(message.Reports.Reports_, PayloadTypes.Default.AttemptReports), Node);
                break;
            case AgentMessage.ContentOneofCase.Leave:
                _ = LeaveAsync(message.Leave, Node);
                break;
            case AgentMessage.ContentOneofCase.ShipLogs:
                _ = KeepLogsAsync(message.ShipLogs, [.. message.ShipLogs.Chunks.Select(chunk => chunk.ToModel())], Node);
                break;
            case AgentMessage.ContentOneofCase.Answer:
                if (_asked.TryGetValue(message.Answer.Number, out var asked))
                {
                    asked.TrySetResult(message.Answer);
                }

                break;
            default:
                // Of a later version, which can do without.
                break;
        }
    }

    private AgentHello Accept(Hello message)
    {
        if (message.Version < ProtocolLimits.OldestVersion)
        {
            throw new RpcException(new(StatusCode.FailedPrecondition, $"Version {message.Version} of the agents' protocol is too old here."));
        }

        var hello = PayloadJson.Read(message.Hello_, PayloadTypes.Default.AgentHello);
        if (certifiedName is not null && hello.NodeId != certifiedName)
        {
            throw new RpcException(new(StatusCode.PermissionDenied, $"The certificate is for {certifiedName}, which cannot speak for node {hello.NodeId}."));
        }

        if (hello.Lease is not { } lease || lease <= TimeSpan.Zero)
        {
            throw new RpcException(new(StatusCode.InvalidArgument, "An agent on another machine needs a lease: without one its jobs would never be given to others."));
        }

        if (_nodeId is not null && hello.NodeId != _nodeId)
        {
            throw new RpcException(new(StatusCode.PermissionDenied, $"This stream is node {_nodeId}'s."));
        }

        _nodeId = hello.NodeId;
        return hello;
    }

    private async Task GreetAsync(long number, int version, AgentHello hello)
    {
        var welcome = new Welcome { Number = number, Version = ProtocolLimits.Version };
        try
        {
            var answer = await Node.Connect(hello, _published!, _over);
            welcome.Refused = answer.Refused ?? "";
            welcome.Session = answer.Session;
            Volatile.Write(ref _session, answer.Session);
            LogGreeted(hello.NodeId, version, answer.Session, answer.Refused);
        }
        catch (Exception problem)
        {
            LogFailed(problem, hello.NodeId, "hello");
            welcome.Failed = Words(problem);
        }

        Send(new() { Welcome = welcome });
    }

    private async Task RenewAsync(Renew message, INodeGrain node)
    {
        var renewed = new Renewed { Number = message.Number };
        try
        {
            renewed.Outcome = await node.Renew(message.Incarnation, _over) switch
            {
                NodeRenewal.Renewed => Renewal.Renewed,
                NodeRenewal.RenewedSayHello => Renewal.SayHello,
                _ => Renewal.Lost,
            };
        }
        catch (Exception problem)
        {
            LogFailed(problem, _nodeId!, "renewal");
            renewed.Failed = Words(problem);
        }

        Send(new() { Renewed = renewed });
    }

    private async Task ReportAsync(Reports message, ImmutableArray<AttemptReport> reports, INodeGrain node)
    {
        var settled = new Settled { Number = message.Number };
        try
        {
            settled.Attempts.AddRange((await node.Report(message.Incarnation, reports, _over)).Select(attempt => attempt.ToWire()));
        }
        catch (NodeLostException)
        {
            settled.Lost = true;
        }
        catch (Exception problem)
        {
            LogFailed(problem, _nodeId!, "report");
            settled.Failed = Words(problem);
        }

        Send(new() { Settled = settled });
    }

    private async Task LeaveAsync(Leave message, INodeGrain node)
    {
        var left = new Left { Number = message.Number };
        try
        {
            await node.Leave(message.Incarnation, _over);
        }
        catch (Exception problem)
        {
            LogFailed(problem, _nodeId!, "leave");
            left.Failed = Words(problem);
        }

        Send(new() { Left = left });
    }

    private async Task KeepLogsAsync(ShipLogs message, ImmutableArray<LogChunk> chunks, INodeGrain node)
    {
        var kept = new ChunksKept { Number = message.Number };
        var isFirst = Interlocked.Exchange(ref _isKeeping, 1) == 0;
        try
        {
            // What an agent can make the silo hold is one message: an honest one waits for the answer anyway.
            kept.Add(isFirst
                ? await node.KeepLogs(Volatile.Read(ref _session), chunks, _over)
                : throw new InvalidOperationException("Another message with logs is still under way."));
        }
        catch (Exception problem)
        {
            LogFailed(problem, _nodeId!, "message with logs");
            kept.Failed = Words(problem);
        }
        finally
        {
            if (isFirst)
            {
                Volatile.Write(ref _isKeeping, 0);
            }
        }

        Send(new() { ChunksKept = kept });
    }

    private async Task<Answer> AskAsync(long session, Func<long, SiloMessage> question)
    {
        var number = Interlocked.Increment(ref _number);
        var asked = _asked[number] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (!_outgoing.Writer.TryWrite(question(number)))
            {
                throw Gone();
            }

            var answer = await asked.Task.WaitAsync(_over);
            return answer.NewerSession > 0 ? throw new StaleSessionException(session, answer.NewerSession)
                : answer.Failed.Length > 0 ? throw new IOException($"The agent of node {_nodeId}: {answer.Failed}")
                : answer;
        }
        catch (OperationCanceledException)
        {
            throw Gone();
        }
        finally
        {
            _ = _asked.TryRemove(number, out _);
        }
    }

    /// <summary>Also keeps this alive until then, for Orleans does not.</summary>
    private async Task WithdrawLaterAsync(INodeConnection published)
    {
        await Task.Delay(AnswersAfterEnd, time);
        nodes.Withdraw(published);
        GC.KeepAlive(this);
    }

    private IOException Gone() => new($"The session with the agent of node {_nodeId} has ended.");

    private void Send(SiloMessage message) => _outgoing.Writer.TryWrite(message);

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(_over))
            {
                await writer.WriteAsync(message, _over);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or InvalidOperationException or IOException or RpcException)
        {
            // The reading side ends it.
        }
    }

    private static string Words(Exception problem) => problem.Message.Length > 0 ? problem.Message : problem.GetType().Name;

    [LoggerMessage(Level = LogLevel.Debug, Message = "Node {NodeId} said hello in version {Version}: session {Session}, refused: {Refused}")]
    private partial void LogGreeted(string nodeId, int version, long session, string? refused);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {NodeId}: a {What} could not be taken; the agent repeats it")]
    private partial void LogFailed(Exception exception, string nodeId, string what);

    [LoggerMessage(Level = LogLevel.Information, Message = "The session with node {NodeId} is closed: {Reason}")]
    private partial void LogClosed(string nodeId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The session with node {NodeId} has ended")]
    private partial void LogEnded(string nodeId);
}
