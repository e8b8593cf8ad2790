using System.Collections.Immutable;
using OrleansBatch.Agent;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Silo.Agents;

/// <summary>The one machine's own agent, in this process, behind the interface of a remote one: without a lease, for it ends with its silo.</summary>
internal sealed partial class LocalAgent(NodeAgent agent, IGrainFactory grains, TimeProvider time, ILogger<LocalAgent> logger) : INodeConnection, INodeSession, IAsyncDisposable
{
    /// <summary>How often it asks whether its node's grain knows it still: that may have died with another silo.</summary>
    private static readonly TimeSpan AsksAgain = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _leaving = new();
    private INodeConnection? _connection;
    private AgentHello? _hello;
    private long _session;
    private Task _asking = Task.CompletedTask;

    public string NodeId => agent.NodeId;

    private INodeGrain Node => grains.Refer<INodeGrain>(agent.NodeId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _connection = grains.CreateObjectReference<INodeConnection>(this);
        await agent.StartAsync(this, cancellationToken);
        _asking = AskAsync(_leaving.Token);
    }

    /// <summary>Stops every job, and returns when all have been reported.</summary>
    public Task StopAllAsync(CancellationToken cancellationToken) => agent.StopAllAsync(cancellationToken);

    public Task Launch(long session, ImmutableArray<LaunchOrder> orders)
    {
        Check(session);
        return agent.LaunchAsync(orders, _leaving.Token).AsTask();
    }

    public Task Stop(long session, ImmutableArray<StopOrder> orders)
    {
        Check(session);
        return agent.StopAsync(orders, _leaving.Token).AsTask();
    }

    public Task<LogPage> ReadLog(LogQuery query) => agent.ReadLogAsync(query, _leaving.Token);

    public Task Close(string reason)
    {
        // There is no stream to end; if its grain has forgotten it, it says hello again.
        LogClosed(reason);
        return Task.CompletedTask;
    }

    async Task INodeSession.ConnectAsync(AgentHello hello, CancellationToken cancellationToken)
    {
        _hello = hello;
        var welcome = await Node.Connect(hello, _connection!, cancellationToken);
        if (welcome.Refused is { } refused)
        {
            throw new InvalidOperationException(refused);
        }

        Check(welcome.Session);
    }

    Task<ImmutableArray<AttemptId>> INodeSession.ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
        Node.Report(_hello!.Incarnation, reports, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_leaving.IsCancellationRequested)
        {
            return;
        }

        await agent.DisposeAsync();
        await _leaving.CancelAsync();
        await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_connection is not null)
        {
            grains.DeleteObjectReference<INodeConnection>(_connection);
        }

        _leaving.Dispose();
    }

    /// <summary>Refuses orders of a session that another has followed.</summary>
    private void Check(long session)
    {
        var newest = Interlocked.Read(ref _session);
        while (session > newest)
        {
            newest = Interlocked.CompareExchange(ref _session, session, newest);
        }

        if (session < newest)
        {
            throw new StaleSessionException(session, newest);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(AsksAgain, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                if (_hello is { } hello && await Node.Renew(hello.Incarnation, cancellationToken) == NodeRenewal.RenewedSayHello)
                {
                    agent.SayHelloAgain();
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotAnswered(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The agent's node did not answer; it is asked again")]
    private partial void LogNotAnswered(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The agent was let go: {Reason}")]
    private partial void LogClosed(string reason);
}
