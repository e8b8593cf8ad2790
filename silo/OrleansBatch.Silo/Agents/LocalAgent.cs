using System.Collections.Immutable;
using OrleansBatch.Agent;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Nodes;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Silo.Agents;

/// <summary>The one machine's own agent, in this process, behind the interface that a remote one will use.</summary>
internal sealed class LocalAgent(NodeAgent agent, IGrainFactory grains) : IAgentLinks, IAgentLink, INodeSession, IAsyncDisposable
{
    private volatile bool _isConnected;

    public IAgentLink? Local => _isConnected ? this : null;

    public string NodeId => agent.NodeId;

    public string Incarnation => agent.Incarnation;

    public ResourceNeeds Capacity { get; private set; }

    private INodeGrain Node => grains.Refer<INodeGrain>(agent.NodeId);

    public IAgentLink? Find(string nodeId) => _isConnected && nodeId == agent.NodeId ? this : null;

    public Task StartAsync(CancellationToken cancellationToken) => agent.StartAsync(this, cancellationToken);

    /// <summary>Stops every job, and returns when all have been reported.</summary>
    public Task StopAllAsync(CancellationToken cancellationToken) => agent.StopAllAsync(cancellationToken);

    public ValueTask LaunchAsync(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken) =>
        agent.LaunchAsync(orders, cancellationToken);

    public ValueTask StopAsync(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken) =>
        agent.StopAsync(orders, cancellationToken);

    public Task<LogPage> ReadLogAsync(LogQuery query, CancellationToken cancellationToken) =>
        agent.ReadLogAsync(query, cancellationToken);

    async Task INodeSession.ConnectAsync(AgentHello hello, CancellationToken cancellationToken)
    {
        Capacity = hello.Capacity;
        _isConnected = true;
        await Node.Connect(hello, cancellationToken);
    }

    Task<ImmutableArray<AttemptId>> INodeSession.ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
        Node.Report(reports, cancellationToken);

    public ValueTask DisposeAsync() => agent.DisposeAsync();
}
