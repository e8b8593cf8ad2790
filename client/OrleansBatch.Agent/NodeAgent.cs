using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Agent.Logs;
using OrleansBatch.Agent.Shipping;
using OrleansBatch.Agent.Supervision;
using OrleansBatch.Agent.Telemetry;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent;

/// <summary>Runs attempts on this machine, through a supervisor that outlives it. Safe for use by many threads.</summary>
/// <remarks>
/// Launch and stop may be repeated: an attempt is known by job and fence, is started once at most, and every repetition is
/// answered with what is known. The agent itself remembers nothing: a new one on the same data folder goes on where this one was.
/// </remarks>
public sealed partial class NodeAgent : IAsyncDisposable
{
    // A frame of some hundred orders is a few hundred kilobytes: large enough to be cheap, small enough to be read at once.
    private const int OrdersPerFrame = 256;

    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeAgent> _logger;
    private readonly LogFiles _logs;
    private readonly StartOrders _orders;
    private readonly OpenAttempts _open = new();
    private long _helloNumber;
    private readonly AttemptTraces _traces;
    private readonly CancellationTokenSource _leaving = new();
    private readonly string _directory;
    private SupervisorLink? _link;
    private ReportLoop? _reports;
    private Task _reporting = Task.CompletedTask;
    private LeaseKeeper? _lease;
    private Task _renewing = Task.CompletedTask;
    private LogShipper? _shipper;
    private ShippingJournal? _toShip;
    private Task _shipping = Task.CompletedTask;
    private volatile bool _isDraining;
    private volatile bool _isLapsed;

    /// <summary>Opens the data folder; nothing runs yet.</summary>
    /// <exception cref="IOException">The folder cannot be used, or its node id cannot be read.</exception>
    public NodeAgent(AgentOptions options, TimeProvider time, ILogger<NodeAgent> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _directory = Path.GetFullPath(Path.Combine(options.DataDirectory, "agent"));

        // Only for its owner: who may connect to the socket in it may run programs.
        Directory.CreateDirectory(Path.GetDirectoryName(_directory)!);
        if (Files.MakeDirectory(_directory) is { IsNone: false } error && error != OsError.AlreadyExists)
        {
            throw error.ToException(_directory);
        }

        NodeId = NodeIdentity.ReadOrMake(_directory, options.NodeId);
        _traces = new(NodeId, time);
        _logs = new(Path.GetFullPath(options.LogDirectory));
        _orders = new(new(options.Environment), _logs, options);
    }

    /// <summary>The node, in the form <c>i-0123456789abcdef0</c>: made at the first start, kept in the data folder.</summary>
    public string NodeId { get; }

    /// <summary>Boot id and journal id. Empty before <see cref="StartAsync"/>.</summary>
    public string Incarnation { get; private set; } = "";

    /// <summary>Process id of the supervisor that was heard last; 0 before the first.</summary>
    internal int SupervisorPid { get; private set; }

    /// <summary>Adopts or starts the supervisor, says hello, and begins to report.</summary>
    /// <returns>Completes when the session has taken the hello.</returns>
    /// <exception cref="IOException">A supervisor cannot be started.</exception>
    /// <exception cref="ArgumentException">The agent has a lease, and the session renews none.</exception>
    public async Task StartAsync(INodeSession session, CancellationToken cancellationToken)
    {
        if (_options.Lease is { } lease)
        {
            var leased = session as ILeasedSession ?? throw new ArgumentException("An agent with a lease needs a session that renews it.", nameof(session));
            leased.Attach(this);
            session = _lease = new(leased, lease, _time, _logger, SayHelloAgain, Tell, BeLost) { StopWithin = _options.StopWithin };
            _toShip = ShippingJournal.Open(_directory, _logger);
            _shipper = new(leased, _options, _logs, _toShip, _open.Contains, _time, _logger);
        }

        _reports = new(new TracedSession(session, _traces), _options, _time, _logger, Settle);
        _link = new(new(_options, _directory, NodeId), _time, _logger, Hear);
        await _link.OpenAsync(cancellationToken);
        _reporting = Task.Run(() => _reports.RunAsync(_leaving.Token), CancellationToken.None);
        _renewing = _lease is null ? Task.CompletedTask : Task.Run(() => _lease.RunAsync(_leaving.Token), CancellationToken.None);
        await _reports.Greeted.WaitAsync(cancellationToken);

        // From here on it is known which attempts are open.
        _shipping = _shipper is null ? Task.CompletedTask : Task.Run(() => _shipper.RunAsync(_leaving.Token), CancellationToken.None);
    }

    /// <summary>Starts attempts. Each is reported; one that is meant for another incarnation is reported lost.</summary>
    /// <returns>Completes when the supervisor has journalled them all: from then on they are not forgotten.</returns>
    /// <exception cref="InvalidOperationException">The agent has not been started.</exception>
    /// <exception cref="ObjectDisposedException">The agent has left: whether they will be started is unknown.</exception>
    public async ValueTask LaunchAsync(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken)
    {
        var link = Started();
        if (_isDraining)
        {
            throw new InvalidOperationException($"Node {NodeId} takes no more launches: its agent is leaving.");
        }

        List<AttemptReport>? lost = null;
        List<Task>? sent = null;
        var starts = new List<AttemptStart>(Math.Min(orders.Length, OrdersPerFrame));
        List<LaunchOrder> mine = [];
        foreach (var order in orders)
        {
            if (order.Incarnation != Incarnation)
            {
                (lost ??= []).Add(LostBefore(order));
                continue;
            }

            _open.Add(order.Attempt);
            _traces.Ordered(order.Attempt);
            mine.Add(order);
        }

        _shipper?.Add(mine);
        foreach (var order in mine)
        {
            starts.Add(_orders.From(order));
            if (starts.Count == OrdersPerFrame)
            {
                (sent ??= []).Add(link.SendAsync(Launch(starts)));
                starts.Clear();
            }
        }

        if (lost is not null)
        {
            _reports!.Add(lost);
        }

        if (starts.Count > 0)
        {
            (sent ??= []).Add(link.SendAsync(Launch(starts)));
        }

        if (sent is not null)
        {
            await Task.WhenAll(sent).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops attempts: SIGTERM to the main process, the stop timeout, SIGKILL to all that it started. The end is reported.</summary>
    /// <returns>Completes when the supervisor has begun, or has journalled that what it does not know must never be started.</returns>
    /// <exception cref="InvalidOperationException">The agent has not been started.</exception>
    /// <exception cref="ObjectDisposedException">The agent has left: whether they will be stopped is unknown.</exception>
    public async ValueTask StopAsync(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken)
    {
        if (orders.IsEmpty)
        {
            return;
        }

        var link = Started();
        AttemptKey[] attempts = [.. orders.Select(order => new AttemptKey(order.Attempt.JobId, order.Attempt.Fence))];
        await link.SendAsync(new() { Kind = FrameKind.Stop, Attempts = attempts }).WaitAsync(cancellationToken);
    }

    /// <summary>Takes no more launches, and says so. What runs goes on.</summary>
    /// <returns>Completes when the session knows, or is not there to be told.</returns>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _isDraining = true;
        if (_lease is not null && Incarnation.Length > 0)
        {
            await _lease.LeaveAsync(Incarnation, cancellationToken);
        }
    }

    /// <summary>Waits until all ends have been reported.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken) => _open.WhenEmpty().WaitAsync(cancellationToken);

    /// <summary>The session's connection has been lost, or the other side does not know the agent any more: it says hello again.</summary>
    public void SayHelloAgain()
    {
        _lease?.Disconnected();
        if (_reports is not null && Incarnation.Length > 0 && !_isLapsed)
        {
            _reports.Greet(Hello);
        }
    }

    /// <summary>Stops everything and waits until all ends have been reported.</summary>
    public async Task StopAllAsync(CancellationToken cancellationToken)
    {
        await StopAsync([.. _open.Current.Select(attempt => new StopOrder(attempt))], cancellationToken);
        await _open.WhenEmpty().WaitAsync(cancellationToken);
    }

    /// <summary>Ships what there is of logs by now, if this agent ships any.</summary>
    /// <returns>Completes when all of it is kept; not while no silo takes it.</returns>
    public Task ShipLogsAsync(CancellationToken cancellationToken) => _shipper is null ? Task.CompletedTask : _shipper.FlushAsync().WaitAsync(cancellationToken);

    /// <summary>Reads a page of a log. Works without a supervisor, too.</summary>
    /// <returns>A page with no lines at the end of the log, or where the stream does not exist.</returns>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public Task<LogPage> ReadLogAsync(LogQuery query, CancellationToken cancellationToken) =>
        Task.Run(() => LogFile.Read(_logs.PathOf(query.Log), query, cancellationToken), cancellationToken);

    /// <summary>Lets go: supervisor and attempts go on, and the next agent on this data folder adopts them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_leaving.IsCancellationRequested)
        {
            return;
        }

        await _leaving.CancelAsync();
        if (_link is not null)
        {
            await _link.DisposeAsync();
        }

        await _reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _shipping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _toShip?.Dispose();
        _leaving.Dispose();
    }

    private void Hear(Frame frame)
    {
        if (frame.Kind == FrameKind.Hello)
        {
            Adopt(frame);
        }
        else if (frame.Kind == FrameKind.Lapsed)
        {
            BeLapsed();
        }

        if (frame.Facts is { Length: > 0 } facts)
        {
            if (_logger.IsEnabled(LogLevel.Debug))
            {
                foreach (var fact in facts)
                {
                    LogFact(fact.Job, fact.Fence, fact.Phase, fact.End, fact.ExitCode, fact.Reason);
                }
            }

            Array.ForEach(facts, _traces.Heard);
            _reports!.Add(facts.Select(_orders.ToReport).OfType<AttemptReport>());
        }
    }

    private void Adopt(Frame hello)
    {
        SupervisorPid = hello.Pid ?? 0;
        SayLimits(hello);
        foreach (var fact in hello.Facts ?? [])
        {
            _open.Add(new(fact.Job, fact.Fence));
        }

        if (hello.IsLapsed == true)
        {
            // It has nothing to say but ends. Its successor does, as another incarnation.
            BeLapsed();
            return;
        }

        var incarnation = $"{ProcessIdentity.BootId}/{hello.Journal}";
        if (incarnation != Incarnation)
        {
            Incarnation = incarnation;
            _isLapsed = false;
            _reports!.Greet(Hello);
        }

        _lease?.TellSupervisor(incarnation);
    }

    private AgentHello Hello() => new()
    {
        NodeId = NodeId,
        Incarnation = Incarnation,
        // An incarnation is of one start of the machine, and this clock goes on when the agent is started anew.
        Number = _helloNumber = Math.Max(_helloNumber + 1, _time.GetTimestamp()),
        Attempts = [.. _open.Current],
        Capacity = HostCapacity.Read(_options.Gpus),
        Joins = [.. _options.Joins],
        Lease = _options.Lease,
    };

    /// <summary>The supervisor stops everything and goes; until its successor is there nobody is told anything.</summary>
    private void BeLapsed()
    {
        if (!_isLapsed)
        {
            _isLapsed = true;
            LogLapsed(_open.Current.Length);
            _reports!.Hold();
            _lease?.Drop("the lease has lapsed");
        }
    }

    /// <summary>The scheduler has given this incarnation up: so must the supervisor.</summary>
    private void BeLost(string incarnation)
    {
        if (incarnation == Incarnation)
        {
            _reports!.Hold();
            Tell(incarnation, new() { Kind = FrameKind.Lapse });
        }
    }

    /// <summary>Nobody waits for it: what does not reach the supervisor leaves it with the lease that it has.</summary>
    private void Tell(string incarnation, Frame frame) => _ = _link!.SendAsync(frame with { Journal = JournalOf(incarnation) });

    private static string JournalOf(string incarnation) => incarnation[(incarnation.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private void SayLimits(Frame hello)
    {
        _orders.Unlimited = hello is { LimitedBy: null, Unlimited: null } ? "the supervisor is of an earlier version" : null;
        if (!_options.EnforceLimits)
        {
            LogUnlimited("switched off");
        }
        else if (hello.LimitedBy is { } limitedBy)
        {
            LogLimited(limitedBy, _options.MostProcesses);
        }
        else
        {
            LogUnlimited(hello.Unlimited ?? _orders.Unlimited!);
        }
    }

    private void Settle(IReadOnlyList<AttemptId> ended)
    {
        if (ended.Count == 0)
        {
            return;
        }

        AttemptKey[] attempts = [.. ended.Select(attempt => new AttemptKey(attempt.JobId, attempt.Fence))];

        // Nobody waits: an end that the supervisor still has is reported, and settled, again.
        _ = _link!.SendAsync(new() { Kind = FrameKind.Settle, Attempts = attempts });
        foreach (var attempt in ended)
        {
            _open.Remove(attempt);
        }
    }

    private SupervisorLink Started() =>
        Incarnation.Length > 0 && _link is not null ? _link : throw new InvalidOperationException("The agent has not been started.");

    private Frame Launch(List<AttemptStart> starts) => new()
    {
        Kind = FrameKind.Launch,
        Journal = JournalOf(Incarnation),
        Starts = [.. starts],
        LeaseUntil = _lease?.Until,
        StopWithin = _lease is null ? null : (long)_options.StopWithin.TotalMilliseconds,
        IsFirst = _lease is null ? null : true,
    };

    private AttemptReport LostBefore(LaunchOrder order) => new()
    {
        Attempt = order.Attempt,
        ReservationId = order.ReservationId,
        EnvironmentKey = order.EnvironmentKey,
        Outcome = AttemptOutcome.Lost,
        StoppedAt = _time.GetUtcNow(),
    };
}
