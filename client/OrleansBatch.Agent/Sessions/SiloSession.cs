using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using OrleansBatch.AgentProtocol;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Sessions;

/// <summary>An agent's session with whichever silo is there: over one stream at a time, and with the next silo when that one ends.</summary>
public sealed partial class SiloSession : ILeasedSession, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SessionOptions _options;
    private readonly ILogger<SiloSession> _logger;
    private NodeAgent? _agent;
    private SiloStream? _stream;
    private bool _isWelcome;
    private int _version;
    private bool _isOver;
    private int _next;
    private long _newestSession;

    /// <summary>Nothing is connected yet.</summary>
    /// <exception cref="ArgumentException">The options cannot be; the message says why.</exception>
    public SiloSession(SessionOptions options, ILogger<SiloSession> logger)
    {
        options.Check();
        _options = options;
        _logger = logger;

        // Agents that start together do not all go to the same silo.
        _next = Random.Shared.Next(options.Silos.Count);
    }

    private NodeAgent Agent => _agent ?? throw new InvalidOperationException("No agent has this session.");

    /// <inheritdoc/>
    public void Attach(NodeAgent agent) => _agent = agent;

    /// <inheritdoc/>
    public async Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken)
    {
        var stream = Open();
        var payload = PayloadJson.Write(hello, PayloadTypes.Default.AgentHello);
        int version;
        try
        {
            var answer = await stream.AskAsync(
                number => new() { Hello = new() { Number = number, Version = ProtocolLimits.Version, Hello_ = payload } },
                cancellationToken);
            var welcome = answer.Welcome;
            ThrowIfFailed(stream, welcome.Failed);
            if (welcome.Version < ProtocolLimits.OldestVersion)
            {
                throw new IOException($"{stream.Silo} speaks version {welcome.Version} of the protocol, which is too old.");
            }

            if (welcome.Refused.Length > 0)
            {
                throw new NodeRefusedException(welcome.Refused);
            }

            version = welcome.Version;
            _ = See(welcome.Session);
        }
        catch
        {
            // The next try goes to the next silo.
            stream.Break("hello was not taken");
            throw;
        }

        lock (_gate)
        {
            (_isWelcome, _version) = (_stream == stream, version);
        }

        if (stream.Ended.IsCompleted)
        {
            throw new IOException($"{stream.Silo}: {await stream.Ended}");
        }

        LogConnected(hello.NodeId, stream.Silo, hello.Incarnation, hello.Attempts.Length);
    }

    /// <inheritdoc/>
    public async Task<NodeRenewal> RenewAsync(string incarnation, CancellationToken cancellationToken)
    {
        var stream = Current();
        var answer = await stream.AskAsync(number => new() { Renew = new() { Number = number, Incarnation = incarnation } }, cancellationToken);
        ThrowIfFailed(stream, answer.Renewed.Failed);
        return answer.Renewed.Outcome switch
        {
            Renewal.Renewed => NodeRenewal.Renewed,
            Renewal.SayHello => NodeRenewal.RenewedSayHello,
            Renewal.Lost => NodeRenewal.Lost,
            var unknown => throw new IOException($"{stream.Silo} answered a renewal with {unknown}."),
        };
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        var stream = Current();
        var incarnation = Agent.Incarnation;
        List<AttemptId> settled = [];
        foreach (var (_, payload) in ProtocolLimits.Cut(reports, PayloadTypes.Default.AttemptReports))
        {
            settled.AddRange(await ReportAsync(stream, incarnation, payload, cancellationToken));
        }

        return [.. settled];
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(string incarnation, CancellationToken cancellationToken)
    {
        var stream = Current();
        var answer = await stream.AskAsync(number => new() { Leave = new() { Number = number, Incarnation = incarnation } }, cancellationToken);
        ThrowIfFailed(stream, answer.Left.Failed);
    }

    /// <inheritdoc/>
    public bool KeepsLogs
    {
        get
        {
            lock (_gate)
            {
                return _isWelcome && _version >= ProtocolLimits.ShipsLogsSince;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<LogsKept> ShipLogsAsync(ImmutableArray<LogChunk> chunks, CancellationToken cancellationToken)
    {
        var stream = Current();
        var answer = await stream.AskAsync(
            number =>
            {
                var message = new ShipLogs { Number = number };
                message.Chunks.AddRange(chunks.Select(chunk => chunk.ToWire()));
                return new() { ShipLogs = message };
            },
            cancellationToken);
        ThrowIfFailed(stream, answer.ChunksKept.Failed);
        return answer.ChunksKept.Chunks.Count == chunks.Length
            ? answer.ChunksKept.ToModel()
            : throw new IOException($"{stream.Silo} answered of {answer.ChunksKept.Chunks.Count} chunks, not of {chunks.Length}.");
    }

    /// <inheritdoc/>
    public void Drop(string reason)
    {
        lock (_gate)
        {
            _stream?.Break(reason);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _stream?.Dispose();
        }
    }

    private static async Task<IEnumerable<AttemptId>> ReportAsync(SiloStream stream, string incarnation, ByteString payload, CancellationToken cancellationToken)
    {
        var answer = await stream.AskAsync(
            number => new() { Reports = new() { Number = number, Incarnation = incarnation, Reports_ = payload } },
            cancellationToken);
        if (answer.Settled.Lost)
        {
            // The next renewal says so, too, and what follows is done there.
            throw new NodeRefusedException($"{stream.Silo}: incarnation {incarnation} was declared lost.");
        }

        ThrowIfFailed(stream, answer.Settled.Failed);
        return answer.Settled.Attempts.Select(attempt => attempt.ToModel());
    }

    private static void ThrowIfFailed(SiloStream stream, string failed)
    {
        if (failed.Length > 0)
        {
            throw new IOException($"{stream.Silo}: {failed}");
        }
    }

    /// <summary>The stream that there is, or one to the next silo.</summary>
    private SiloStream Open()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            if (_stream is { } open && !open.Ended.IsCompleted)
            {
                return open;
            }

            _isWelcome = false;
            var stream = _stream = SiloStream.Open(_options.Silos[_next], _options, Follow);
            _next = (_next + 1) % _options.Silos.Count;
            _ = stream.Ended.ContinueWith(ended => HearEnd(stream, ended.Result), TaskScheduler.Default);
            return stream;
        }
    }

    private SiloStream Current()
    {
        lock (_gate)
        {
            return _stream is { } open && _isWelcome && !open.Ended.IsCompleted ? open : throw new IOException("No silo is connected.");
        }
    }

    private void HearEnd(SiloStream stream, string reason)
    {
        bool wasWelcome;
        lock (_gate)
        {
            if (_stream != stream)
            {
                return;
            }

            wasWelcome = _isWelcome && !_isOver;
            _isWelcome = false;
            _stream = null;
        }

        if (wasWelcome)
        {
            LogEnded(stream.Silo, reason);
            Agent.SayHelloAgain();
        }
    }

    /// <summary>Does what a silo says. The calls begin in the order of the messages, so that a stop finds its launch.</summary>
    private void Follow(SiloStream stream, SiloMessage message)
    {
        switch (message.ContentCase)
        {
            case SiloMessage.ContentOneofCase.Launch:
                _ = AnswerAsync(stream, message.Launch.Number, message.Launch.Session, async () =>
                {
                    await Agent.LaunchAsync(PayloadJson.Read(message.Launch.Orders, PayloadTypes.Default.LaunchOrders), CancellationToken.None);
                    return ByteString.Empty;
                });
                break;
            case SiloMessage.ContentOneofCase.Stop:
                _ = AnswerAsync(stream, message.Stop.Number, message.Stop.Session, async () =>
                {
                    await Agent.StopAsync([.. message.Stop.Attempts.Select(attempt => new StopOrder(attempt.ToModel()))], CancellationToken.None);
                    return ByteString.Empty;
                });
                break;
            case SiloMessage.ContentOneofCase.ReadLog:
                _ = AnswerAsync(stream, message.ReadLog.Number, long.MaxValue, async () =>
                {
                    var query = PayloadJson.Read(message.ReadLog.Query, PayloadTypes.Default.LogQuery);
                    var page = await Task.Run(() => Agent.ReadLogAsync(query, CancellationToken.None));
                    return PayloadJson.Write(page, PayloadTypes.Default.LogPage);
                });
                break;
            case SiloMessage.ContentOneofCase.Close:
                stream.Break($"the silo closed the session: {message.Close.Reason}");
                break;
            default:
                // Of a later version, which can do without.
                break;
        }
    }

    private async Task AnswerAsync(SiloStream stream, long number, long session, Func<Task<ByteString>> act)
    {
        var answer = new Answer { Number = number };
        if (session != long.MaxValue && See(session) is var newest && newest > session)
        {
            answer.NewerSession = newest;
        }
        else
        {
            try
            {
                answer.Page = await act();
            }
            catch (Exception problem)
            {
                // Whoever gave the order decides what that means.
                answer.Failed = problem.Message;
            }
        }

        stream.Send(new() { Answer = answer });
    }

    /// <summary>The newest session that has been seen, this one included.</summary>
    private long See(long session)
    {
        lock (_gate)
        {
            return _newestSession = Math.Max(_newestSession, session);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {NodeId} is connected to {Silo} as {Incarnation} with {Count} attempts")]
    private partial void LogConnected(string nodeId, Uri silo, string incarnation, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The session with {Silo} has ended: {Reason}")]
    private partial void LogEnded(Uri silo, string reason);
}
