using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Agent.Sessions;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests.Sessions;

/// <summary>An agent with a session to gateways, on a data folder of its own.</summary>
internal sealed class ConnectedAgent : IAsyncDisposable
{
    private readonly SiloSession _session;

    private ConnectedAgent(string directory, NodeAgent agent, SiloSession session)
    {
        Directory = directory;
        Agent = agent;
        _session = session;
    }

    public string Directory { get; }

    public NodeAgent Agent { get; }

    public static async Task<ConnectedAgent> StartAsync(string directory, TimeSpan lease, SessionOptions options)
    {
        var agent = AgentRig.MakeAgent(directory, settings =>
        {
            settings.Lease = lease;
            settings.StopWithin = TimeSpan.FromSeconds(1);
            settings.NodeId = options.Identity?.Name;
            settings.Joins.Add("pool");
        });
        var connected = new ConnectedAgent(directory, agent, new(options, NullLogger<SiloSession>.Instance));
        await agent.StartAsync(connected._session, CancellationToken.None);
        return connected;
    }

    public LaunchOrder Order(string job) => AnOrder.Of(job, Agent.Incarnation);

    public LaunchOrder Order(string job, string script) => Order(job) with { Command = AnOrder.Shell(script) };

    public async Task DisposeAgentAsync()
    {
        await Agent.DisposeAsync();
        _session.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await DisposeAgentAsync();
        if (System.IO.Directory.Exists(Directory))
        {
            await using var undertaker = await AgentRig.StartAsync(directory: Directory);
        }
    }
}
