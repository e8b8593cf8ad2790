using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Agent.Sessions;
using OrleansBatch.AgentProtocol;
using OrleansBatch.Certificates;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests.Sessions;

/// <summary>A real agent and a real supervisor, over real gRPC with mutual TLS on loopback.</summary>
public sealed class SessionTests : IDisposable
{
    private const string NodeId = "i-0123456789abcdef0";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Papers _papers = new();
    private readonly RecordingSession _heard = new();

    [Fact]
    public async Task Orders_reports_stops_and_logs_go_over_one_stream_with_mutual_tls()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var agent = await AgentAsync(Minute, gateway);
        Assert.Equal((NodeId, Minute, "pool"), (_heard.Hellos[0].NodeId, _heard.Hellos[0].Lease, Assert.Single(_heard.Hellos[0].Joins)));

        Assert.Equal("", (await gateway.LaunchAsync(agent.Order("job", "echo hi; exit 7"), agent.Order("long", "exec sleep 1000"))).Failed);
        Assert.Equal(7, (await _heard.Ended(new("job", 1))).ExitCode);
        await _heard.Started(new("long", 1));
        Assert.Equal("", (await gateway.StopAsync(new("long", 1))).Failed);

        Assert.Equal(143, (await _heard.Ended(new("long", 1))).ExitCode);
        Assert.Equal("hi", Assert.Single((await gateway.LogAsync("job")).Lines).Message);
        Assert.False((await gateway.LogAsync("nobody")).Exists);
    }

    [Fact]
    public async Task A_silo_of_another_authority_is_not_spoken_to()
    {
        using var foreign = new Papers();
        await using var gateway = await FakeGateway.StartAsync(_heard, foreign.Silo);
        await IsRefusedAsync(gateway, _papers.Node(NodeId));
    }

    [Fact]
    public async Task An_agent_of_another_authority_is_not_heard()
    {
        using var foreign = new Papers();
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        var (certificate, key) = foreign.FilesOf(Role.Node, NodeId);
        await IsRefusedAsync(gateway, PrivateIdentity.Read(_papers.Authority, certificate, key));
    }

    [Fact]
    public async Task A_node_is_no_silo_and_a_silo_no_node()
    {
        await using var posing = await FakeGateway.StartAsync(_heard, _papers.Issue(Role.Node, "posing", "localhost"));
        await IsRefusedAsync(posing, _papers.Node(NodeId));
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await IsRefusedAsync(gateway, _papers.Issue(Role.Silo, "other"));
    }

    [Fact]
    public async Task A_silo_by_another_name_than_its_certificates_is_not_spoken_to()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Issue(Role.Silo, "elsewhere", "elsewhere.example"));
        await IsRefusedAsync(gateway, _papers.Node(NodeId));
    }

    [Fact]
    public async Task When_its_silo_dies_the_agent_goes_to_another_and_says_what_it_has()
    {
        await using var first = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var agent = await AgentAsync(Minute, first);
        var second = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var _ = second;
        await agent.DisposeAgentAsync();
        await using var both = await AgentAsync(Minute, agent.Directory, first, second);
        await (first.Streams > 1 ? first : second).LaunchAsync(both.Order("job", "exec sleep 1000"));
        await _heard.Started(new("job", 1));
        var (connected, other) = first.Streams > 1 ? (first, second) : (second, first);
        var streams = other.Streams;

        await connected.DisposeAsync();

        await Eventually.True(() => _heard.Hellos.Count == 3);
        Assert.Equal((_heard.Hellos[1].Incarnation, streams + 1), (_heard.Hellos[2].Incarnation, other.Streams));
        Assert.Equal([new AttemptId("job", 1)], _heard.Hellos[2].Attempts);
        await other.StopAsync(new("job", 1));
        Assert.Equal(143, (await _heard.Ended(new("job", 1))).ExitCode);
    }

    [Fact]
    public async Task A_silo_that_does_not_answer_renewals_is_left_within_the_lease()
    {
        await using var first = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var second = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var agent = await AgentAsync(TimeSpan.FromSeconds(4), first, second);
        var (silent, other) = first.Streams > 0 ? (first, second) : (second, first);
        await silent.LaunchAsync(agent.Order("job", "exec sleep 1000"));
        await _heard.Started(new("job", 1));

        silent.Renewal = null;

        await Eventually.True(() => other.Renewals > 3);
        Assert.Equal(_heard.Hellos[0].Incarnation, agent.Agent.Incarnation);
        Assert.DoesNotContain(_heard.Reports, report => report.Outcome != AttemptOutcome.Started);
    }

    [Fact]
    public async Task When_every_silo_is_gone_the_supervisor_ends_all_and_the_node_comes_back_as_another()
    {
        var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var _ = gateway;
        await using var agent = await AgentAsync(TimeSpan.FromSeconds(1), gateway);
        await gateway.LaunchAsync(agent.Order("job", "exec sleep 1000"));
        await _heard.Started(new("job", 1));
        var former = agent.Agent.Incarnation;

        gateway.Renewal = null;
        await Eventually.True(() => agent.Agent.Incarnation != former);
        gateway.Renewal = Renewal.Renewed;

        Assert.Equal(AttemptOutcome.Lost, (await _heard.Ended(new("job", 1))).Outcome);
        await Eventually.True(() => _heard.Hellos[^1].Incarnation == agent.Agent.Incarnation);
    }

    [Fact]
    public async Task An_order_of_a_session_that_another_has_followed_is_refused()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        gateway.SessionNumber = 7;
        await using var agent = await AgentAsync(Minute, gateway);

        gateway.SessionNumber = 6;
        var answer = await gateway.LaunchAsync(agent.Order("job", $"echo ran >> {Path.Combine(agent.Directory, "witness")}"));

        Assert.Equal(7, answer.NewerSession);
        gateway.SessionNumber = 7;
        await gateway.LaunchAsync(agent.Order("after"));
        await _heard.Ended(new("after", 1));
        Assert.False(File.Exists(Path.Combine(agent.Directory, "witness")));
    }

    [Fact]
    public async Task Whose_session_is_closed_says_hello_again()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var agent = await AgentAsync(Minute, gateway);

        await gateway.CloseAsync();

        await Eventually.True(() => gateway.Streams == 2 && _heard.Hellos.Count == 2);
    }

    [Fact]
    public async Task An_order_that_cannot_be_followed_is_answered_with_the_reason()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        await using var agent = await AgentAsync(Minute, gateway);
        await agent.Agent.DrainAsync(CancellationToken.None);

        Assert.Contains("leaving", (await gateway.LaunchAsync(agent.Order("late"))).Failed, StringComparison.Ordinal);
        Assert.True(gateway.HasLeft);
    }

    [Theory]
    [InlineData("http://silo-1:8001")]
    [InlineData("https://silo-1:8001")]
    [InlineData("ftp://localhost")]
    public void Without_certificates_only_loopback_will_do(string silo) =>
        Assert.Throws<ArgumentException>(() => new SessionOptions { Silos = [new(silo)] }.Check());

    public void Dispose() => _papers.Dispose();

    private async Task IsRefusedAsync(FakeGateway gateway, PrivateIdentity identity)
    {
        using var session = new SiloSession(new() { Silos = [gateway.Uri], Identity = identity }, NullLogger<SiloSession>.Instance);
        var hello = new AgentHello { NodeId = NodeId, Incarnation = "boot/journal", Attempts = [], Capacity = default };
        var seen = _heard.Hellos.Count;

        await Assert.ThrowsAsync<IOException>(() => session.ConnectAsync(hello, CancellationToken.None));

        Assert.Equal(seen, _heard.Hellos.Count);
    }

    private Task<ConnectedAgent> AgentAsync(TimeSpan lease, params FakeGateway[] gateways) =>
        AgentAsync(lease, Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}"), gateways);

    private Task<ConnectedAgent> AgentAsync(TimeSpan lease, string directory, params FakeGateway[] gateways) =>
        ConnectedAgent.StartAsync(directory, lease, new() { Silos = [.. gateways.Select(gateway => gateway.Uri)], Identity = _papers.Node(NodeId) });
}
