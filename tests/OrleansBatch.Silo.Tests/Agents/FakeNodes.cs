using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Silo.Agents;

namespace OrleansBatch.Silo.Tests.Agents;

/// <summary>One node's grain, which only records, and may have its own answers.</summary>
internal sealed class FakeNodes : INodes, INodeGrain
{
    private readonly Lock _gate = new();
    private readonly List<AgentHello> _hellos = [];
    private readonly List<AttemptReport> _reports = [];
    private int _withdrawn;

    public Func<AgentHello, NodeWelcome> OnHello { get; set; } = _ => new() { Session = 1 };

    public Func<string, NodeRenewal> OnRenew { get; set; } = _ => NodeRenewal.Renewed;

    public Func<string, ImmutableArray<AttemptReport>, ImmutableArray<AttemptId>> OnReport { get; set; } = (_, reports) => [.. reports.Select(report => report.Attempt)];

    /// <summary>What becomes of shipped logs, by session.</summary>
    public Func<long, ImmutableArray<LogChunk>, Task<LogsKept>> OnLogs { get; set; } = (_, _) => throw new NotSupportedException();

    public INodeConnection? Connection { get; private set; }

    public string? Left { get; private set; }

    public int Withdrawn => Volatile.Read(ref _withdrawn);

    public AgentHello[] Hellos
    {
        get
        {
            lock (_gate)
            {
                return [.. _hellos];
            }
        }
    }

    public AttemptReport[] Reports
    {
        get
        {
            lock (_gate)
            {
                return [.. _reports];
            }
        }
    }

    public INodeGrain Of(string nodeId) => this;

    public INodeConnection Publish(INodeConnection connection) => connection;

    public void Withdraw(INodeConnection published) => Interlocked.Increment(ref _withdrawn);

    public Task<NodeWelcome> Connect(AgentHello hello, INodeConnection connection, CancellationToken cancellationToken)
    {
        var welcome = OnHello(hello);
        lock (_gate)
        {
            _hellos.Add(hello);
            Connection = connection;
        }

        return Task.FromResult(welcome);
    }

    public Task<NodeRenewal> Renew(string incarnation, CancellationToken cancellationToken) => Task.FromResult(OnRenew(incarnation));

    public Task Leave(string incarnation, CancellationToken cancellationToken)
    {
        Left = incarnation;
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<AttemptId>> Report(string incarnation, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        var settled = OnReport(incarnation, reports);
        lock (_gate)
        {
            _reports.AddRange(reports);
        }

        return Task.FromResult(settled);
    }

    public Task<ImmutableArray<AttemptId>> ReportLost(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task Launch(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task Stop(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogPage?> ReadLog(LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogsKept> KeepLogs(long session, ImmutableArray<LogChunk> chunks, CancellationToken cancellationToken) => OnLogs(session, chunks);

    public Task Settle(CancellationToken cancellationToken) => throw new NotSupportedException();
}
