using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Cgroups;

namespace OrleansBatch.Agent.Tests;

/// <summary>A real agent and a real supervisor on a data folder of their own.</summary>
internal sealed class AgentRig : IAsyncDisposable
{
    private readonly HashSet<int> _supervisors = [];

    private AgentRig(string directory) => Directory = directory;

    public string Directory { get; }

    public RecordingSession Session { get; private set; } = new();

    /// <summary>How the lease is renewed, of an agent that has one.</summary>
    public LeasedSession Leased { get; private set; } = null!;

    public NodeAgent Agent { get; private set; } = null!;

    public static async Task<AgentRig> StartAsync(Action<AgentOptions>? configure = null, string? directory = null, Action<LeasedSession>? prepare = null)
    {
        var rig = new AgentRig(directory ?? Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}"));
        await rig.StartAgentAsync(configure, prepare);
        return rig;
    }

    public static NodeAgent MakeAgent(string directory, Action<AgentOptions>? configure = null)
    {
        var options = new AgentOptions
        {
            DataDirectory = directory,
            LogDirectory = Path.Combine(directory, "logs"),
            SupervisorPath = AgentOptions.BuiltSupervisorPath,
            SupervisorIdle = TimeSpan.FromSeconds(5),
        };
        configure?.Invoke(options);
        return new(options, TimeProvider.System, NullLogger<NodeAgent>.Instance);
    }

    /// <summary>Starts an agent, also another one in the place of one that is gone.</summary>
    public async Task StartAgentAsync(Action<AgentOptions>? configure = null, Action<LeasedSession>? prepare = null)
    {
        Session = new();
        Leased = new(Session);
        prepare?.Invoke(Leased);
        var isLeased = false;
        Agent = MakeAgent(Directory, options =>
        {
            configure?.Invoke(options);
            isLeased = options.Lease is not null;
        });
        await Agent.StartAsync(isLeased ? Leased : Session, CancellationToken.None);
        _supervisors.Add(Agent.SupervisorPid);
    }

    public LaunchOrder Order(string job) => AnOrder.Of(job, Agent.Incarnation);

    public LaunchOrder Order(string job, string script) => Order(job) with { Command = AnOrder.Shell(script) };

    public async Task<AttemptId> LaunchAsync(params ImmutableArray<LaunchOrder> orders)
    {
        await Agent.LaunchAsync(orders, CancellationToken.None);
        return orders[0].Attempt;
    }

    /// <summary>Launches and waits for the end.</summary>
    public async Task<AttemptReport> RunAsync(LaunchOrder order) => await Session.Ended(await LaunchAsync(order));

    public ValueTask StopAsync(AttemptId attempt) => Agent.StopAsync([new(attempt)], CancellationToken.None);

    public Task<LogPage> LogAsync(string job) => Agent.ReadLogAsync(AnOrder.AllOf(job), CancellationToken.None);

    public async Task<string[]> LinesAsync(string job) => [.. (await LogAsync(job)).Lines.Select(line => line.Message)];

    public string PathTo(string name) => Path.Combine(Directory, name);

    public string[] Witnesses(string name) => File.Exists(PathTo(name)) ? File.ReadAllLines(PathTo(name)) : [];

    public async Task KillSupervisorAsync()
    {
        var pid = Agent.SupervisorPid;
        ProcessSignal.Send(pid, ProcessSignal.Kill);
        await Eventually.True(() => ProcessStatus.Read(pid) is null or { IsDead: true });
    }

    public async ValueTask DisposeAsync()
    {
        _supervisors.Add(Agent.SupervisorPid);
        await Agent.DisposeAsync();

        // What a supervisor ran is found by the next one, which then has nothing to do.
        foreach (var pid in _supervisors)
        {
            ProcessSignal.Send(pid, ProcessSignal.Kill);
        }

        var undertaker = MakeAgent(Directory);
        await undertaker.StartAsync(new RecordingSession(), CancellationToken.None);
        var last = undertaker.SupervisorPid;
        _supervisors.Add(last);

        // First, or it starts another one when it sees this one die.
        await undertaker.DisposeAsync();
        ProcessSignal.Send(last, ProcessSignal.Kill);

        // One that is not dead yet may still write.
        await Eventually.True(() => _supervisors.All(pid => ProcessStatus.Read(pid) is null or { IsDead: true }));
        RemoveGroups();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void RemoveGroups()
    {
        var places = Path.Combine(Directory, "agent", "cgroups");
        CgroupSite.Clear(File.Exists(places) ? File.ReadAllLines(places) : [], TimeSpan.FromSeconds(5));
    }
}
