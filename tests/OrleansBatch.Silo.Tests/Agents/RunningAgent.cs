using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Agent;
using OrleansBatch.Agent.Sessions;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Silo.Tests.Agents;

/// <summary>A real agent with a session.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly SiloSession _session;

    private RunningAgent(SessionOptions options, TimeSpan lease, TimeSpan? shipEvery, string directory)
    {
        Directory = directory;
        _session = new(options, NullLogger<SiloSession>.Instance);
        var settings = Options(directory);
        settings.NodeId = options.Identity?.Name;
        settings.Lease = lease;
        settings.ShipEvery = shipEvery ?? settings.ShipEvery;
        Agent = new(settings, TimeProvider.System, NullLogger<NodeAgent>.Instance);
    }

    public string Directory { get; }

    public NodeAgent Agent { get; }

    public static async Task<RunningAgent> StartAsync(SessionOptions options, TimeSpan? lease = null, string? directory = null, TimeSpan? shipEvery = null)
    {
        var running = new RunningAgent(options, lease ?? TimeSpan.FromMinutes(1), shipEvery, directory ?? Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}"));
        await running.Agent.StartAsync(running._session, CancellationToken.None);
        return running;
    }

    public static LogLocation LogOf(string job) => new() { Scope = new("123456789012", "us-east-1"), Group = "/aws/batch/job", Stream = $"test/default/{job}" };

    public LaunchOrder Order(string job, string script) => new()
    {
        Attempt = new(job, 1),
        Incarnation = Agent.Incarnation,
        ReservationId = $"reservation of {job}",
        EnvironmentKey = "123456789012/us-east-1/local",
        QueueKey = "123456789012/us-east-1/default",
        Command = ["/bin/sh", "-c", script],
        Environment = [],
        Log = LogOf(job),
        StopTimeout = TimeSpan.FromSeconds(30),
    };

    public async Task DisposeAgentAsync()
    {
        await Agent.DisposeAsync();
        _session.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            return;
        }

        await DisposeAgentAsync();
        await using (var undertaker = new NodeAgent(Options(Directory), TimeProvider.System, NullLogger<NodeAgent>.Instance))
        {
            await undertaker.StartAsync(new TakingSession(), CancellationToken.None);
            await undertaker.StopAllAsync(CancellationToken.None);
        }

        var supervisor = Supervisors.Of(Directory);
        await Eventually.True(() => !Supervisors.IsAlive(supervisor));
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static AgentOptions Options(string directory) => new()
    {
        DataDirectory = directory,
        LogDirectory = Path.Combine(directory, "logs"),
        SupervisorPath = AgentOptions.BuiltSupervisorPath,
        SupervisorIdle = TimeSpan.FromSeconds(1),
        StopWithin = TimeSpan.FromSeconds(1),
    };

    /// <summary>Takes whatever it is told.</summary>
    private sealed class TakingSession : INodeSession
    {
        public Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
            Task.FromResult<ImmutableArray<AttemptId>>([.. reports.Select(report => report.Attempt)]);
    }
}
