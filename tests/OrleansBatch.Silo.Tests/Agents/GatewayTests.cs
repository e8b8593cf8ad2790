using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Agent;
using OrleansBatch.Agent.Sessions;
using OrleansBatch.Certificates;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Silo.Agents;

namespace OrleansBatch.Silo.Tests.Agents;

/// <summary>The silo's side of the agents' protocol, with real agents and mutual TLS on loopback.</summary>
public sealed class GatewayTests : IDisposable
{
    private const string NodeId = "i-0123456789abcdef0";

    private readonly Papers _papers = new();
    private readonly FakeNodes _nodes = new();

    [Fact]
    public async Task A_nodes_grain_launches_stops_and_reads_over_the_connection_that_it_was_given()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await RunningAgent.StartAsync(Options(door));
        Assert.Equal(NodeId, _nodes.Hellos[0].NodeId);
        var connection = _nodes.Connection!;

        await connection.Launch(1, [agent.Order("job", "echo hi; exit 7"), agent.Order("long", "exec sleep 1000")]);
        Assert.Equal(7, (await EndedAsync("job")).ExitCode);
        await Eventually.True(() => _nodes.Reports.Any(report => report.Attempt.JobId == "long"));
        await connection.Stop(1, [new(new("long", 1))]);

        Assert.Equal(143, (await EndedAsync("long")).ExitCode);
        var page = await connection.ReadLog(new() { Log = RunningAgent.LogOf("job"), Forwards = true, Limit = 10, MaxBytes = 1000 });
        Assert.Equal("hi", Assert.Single(page.Lines).Message);
        await agent.Agent.DrainAsync(CancellationToken.None);
        Assert.Equal(_nodes.Hellos[0].Incarnation, _nodes.Left);
    }

    [Fact]
    public async Task Many_orders_are_cut_into_messages_and_each_is_followed()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await RunningAgent.StartAsync(Options(door));
        LaunchOrder[] orders = [.. Enumerable.Range(0, 100).Select(i => agent.Order($"job-{i}", "exit 3") with { Environment = [new("LONG", new string('x', 20_000))] })];

        await _nodes.Connection!.Launch(1, [.. orders]);

        foreach (var order in orders)
        {
            Assert.Equal(3, (await EndedAsync(order.Attempt.JobId)).ExitCode);
        }
    }

    [Fact]
    public async Task Who_is_certified_for_one_node_cannot_speak_for_another()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);

        var problem = await RefusedAsync(Options(door), Hello with { NodeId = "i-fedcba98765432100" });

        Assert.Contains("cannot speak for node i-fedcba98765432100", problem.Message, StringComparison.Ordinal);
        Assert.Empty(_nodes.Hellos);
    }

    [Fact]
    public async Task An_agent_without_a_lease_is_not_taken()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);

        Assert.Contains("needs a lease", (await RefusedAsync(Options(door), Hello with { Lease = null })).Message, StringComparison.Ordinal);

        Assert.Empty(_nodes.Hellos);
    }

    [Fact]
    public async Task Who_has_no_certificate_of_the_authority_or_one_of_a_silo_is_not_heard()
    {
        using var foreign = new Papers();
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        var (certificate, key) = foreign.FilesOf(Role.Node, NodeId);

        await RefusedAsync(new() { Silos = [door.Agents], Identity = PrivateIdentity.Read(_papers.Authority, certificate, key) }, Hello);
        await RefusedAsync(new() { Silos = [door.Agents], Identity = _papers.Issue(Role.Silo, NodeId) }, Hello);
        await RefusedAsync(new() { Silos = [new UriBuilder(door.Agents) { Scheme = "http" }.Uri] }, Hello);

        Assert.Empty(_nodes.Hellos);
    }

    [Fact]
    public async Task A_refused_incarnation_hears_why()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        _nodes.OnHello = _ => new() { Refused = "It was declared lost." };
        using var session = new SiloSession(Options(door), NullLogger<SiloSession>.Instance);

        var refused = await Assert.ThrowsAsync<NodeRefusedException>(() => session.ConnectAsync(Hello, CancellationToken.None));

        Assert.Equal("It was declared lost.", refused.Message);
    }

    [Fact]
    public async Task Who_is_told_lost_ends_its_jobs_and_comes_back_as_another()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await RunningAgent.StartAsync(Options(door), TimeSpan.FromSeconds(2));
        var former = _nodes.Hellos[0].Incarnation;
        await _nodes.Connection!.Launch(1, [agent.Order("job", "exec sleep 1000")]);

        _nodes.OnReport = (incarnation, reports) => incarnation == former ? throw new NodeLostException(NodeId, former) : [.. reports.Select(report => report.Attempt)];
        _nodes.OnRenew = incarnation => incarnation == former ? NodeRenewal.Lost : NodeRenewal.Renewed;

        await Eventually.True(() => _nodes.Hellos[^1].Incarnation != former);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync("job")).Outcome);
    }

    [Fact]
    public async Task A_grain_that_fails_is_asked_again_and_the_agent_hears_the_words()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        _nodes.OnHello = _ => throw new InvalidOperationException("The store is away.");
        Assert.Contains("The store is away.", (await RefusedAsync(Options(door), Hello)).Message, StringComparison.Ordinal);

        _nodes.OnHello = _ => new() { Session = 1 };
        using var session = new SiloSession(Options(door), NullLogger<SiloSession>.Instance);
        await session.ConnectAsync(Hello, CancellationToken.None);
        _nodes.OnRenew = _ => throw new InvalidOperationException("The store is away again.");

        var problem = await Assert.ThrowsAsync<IOException>(() => session.RenewAsync(Hello.Incarnation, CancellationToken.None));

        Assert.Contains("The store is away again.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_whose_stream_has_ended_says_so_for_a_while_and_is_then_withdrawn()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        var agent = await RunningAgent.StartAsync(Options(door));
        var connection = _nodes.Connection!;
        var order = agent.Order("job", "exit 0");

        await agent.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => connection.Launch(1, [order]));
        Assert.Equal(0, _nodes.Withdrawn);
        await Eventually.True(() =>
        {
            // Again and again, for the end may not have been heard yet.
            door.Clock.Advance(RemoteAgent.AnswersAfterEnd);
            return _nodes.Withdrawn == 1;
        });
    }

    [Fact]
    public async Task An_order_of_an_older_session_is_refused_as_such()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        _nodes.OnHello = _ => new() { Session = 5 };
        await using var agent = await RunningAgent.StartAsync(Options(door));

        await Assert.ThrowsAsync<StaleSessionException>(() => _nodes.Connection!.Launch(4, [agent.Order("job", "exit 0")]));
        await _nodes.Connection!.Launch(5, [agent.Order("job", "exit 2")]);

        Assert.Equal(2, (await EndedAsync("job")).ExitCode);
    }

    [Fact]
    public async Task A_closed_connection_brings_the_agent_back_over_another()
    {
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await RunningAgent.StartAsync(Options(door));
        var first = _nodes.Connection!;

        await first.Close("another took over");

        await Eventually.True(() => _nodes.Hellos.Length == 2 && _nodes.Connection != first);
    }

    [Fact]
    public async Task A_silo_that_stops_lets_its_agents_go_to_another()
    {
        var first = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var second = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await RunningAgent.StartAsync(Options(first) with { Silos = [first.Agents] });
        await agent.DisposeAgentAsync();
        await using var both = await RunningAgent.StartAsync(Options(first) with { Silos = [first.Agents, second.Agents] }, directory: agent.Directory);
        await both.Agent.StopAsync([new(new("nothing", 1))], CancellationToken.None);

        await first.DisposeAsync();

        await Eventually.True(() => _nodes.Reports.Any(report => report.Outcome == AttemptOutcome.Refused));
        await Eventually.True(() => LaunchAsync().GetAwaiter().GetResult());
        Assert.Equal(4, (await EndedAsync("job")).ExitCode);

        // As a node's grain does: the report may still have come by the silo that stops.
        async Task<bool> LaunchAsync()
        {
            try
            {
                await _nodes.Connection!.Launch(1, [both.Order("job", "exit 4")]);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Behind_the_agents_port_is_nothing_else_and_they_are_behind_no_other()
    {
        await using var door = await Door.OpenAsync(_nodes, identity: null);
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var old = new HttpClient();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(door.Agents, "/healthz"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await old.PostAsync(new Uri(door.Api, "/orleansbatch.agent.v1.AgentGateway/Session"), null)).StatusCode);
        Assert.Equal("well", await old.GetStringAsync(new Uri(door.Api, "/healthz")));
    }

    [Fact]
    public async Task On_loopback_agents_may_come_without_certificates()
    {
        await using var door = await Door.OpenAsync(_nodes, identity: null);
        using var session = new SiloSession(new() { Silos = [door.Agents] }, NullLogger<SiloSession>.Instance);

        await session.ConnectAsync(Hello, CancellationToken.None);

        Assert.Equal(NodeId, Assert.Single(_nodes.Hellos).NodeId);
    }

    public void Dispose() => _papers.Dispose();

    private static AgentHello Hello => new()
    {
        NodeId = NodeId,
        Incarnation = "boot/journal",
        Attempts = [],
        Capacity = default,
        Lease = TimeSpan.FromMinutes(1),
    };

    private SessionOptions Options(Door door) => new() { Silos = [door.Agents], Identity = _papers.Node(NodeId) };

    private static async Task<IOException> RefusedAsync(SessionOptions options, AgentHello hello)
    {
        using var session = new SiloSession(options, NullLogger<SiloSession>.Instance);
        return await Assert.ThrowsAsync<IOException>(() => session.ConnectAsync(hello, CancellationToken.None));
    }

    private async Task<AttemptReport> EndedAsync(string job)
    {
        AttemptReport? found = null;
        await Eventually.True(() => (found = Array.Find(_nodes.Reports, report => report.Attempt.JobId == job && report.Outcome != AttemptOutcome.Started)) is not null);
        return found!;
    }
}
