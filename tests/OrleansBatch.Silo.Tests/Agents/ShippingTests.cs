using OrleansBatch.Agent.Sessions;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Silo.Tests.Agents;

/// <summary>A real agent ships its logs through the silo's side of the protocol.</summary>
public sealed class ShippingTests : IDisposable
{
    private const string NodeId = "i-0123456789abcdef0";

    private readonly Papers _papers = new();
    private readonly FakeNodes _nodes = new();
    private readonly Shelf _shelf = new();

    public ShippingTests() => _nodes.OnLogs = (_, chunks) => Task.FromResult(_shelf.Keep(chunks));

    [Fact]
    public async Task Logs_arrive_in_the_session_that_the_agent_was_welcomed_in()
    {
        var sessions = new HashSet<long>();
        _nodes.OnHello = _ => new() { Session = 7 };
        _nodes.OnLogs = (session, chunks) =>
        {
            sessions.Add(session);
            return Task.FromResult(_shelf.Keep(chunks));
        };
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await StartAsync(door);

        await _nodes.Connection!.Launch(7, [agent.Order("job", "echo one; echo two")]);

        await Eventually.True(() => _shelf.StateOf(RunningAgent.LogOf("job"))?.IsClosed == true);
        Assert.Equal("one\ntwo\n", _shelf.TextOf(RunningAgent.LogOf("job")));
        Assert.Equal([7], sessions);
    }

    [Fact]
    public async Task Messages_and_answers_that_are_lost_and_a_silo_that_goes_lose_no_line()
    {
        _shelf.IsLost = message => message % 3 == 0;
        _shelf.IsAnswerLost = message => message % 3 == 1;
        var first = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var second = await Door.OpenAsync(_nodes, _papers.Silo);
        await using var agent = await StartAsync(first, second);
        await _nodes.Connection!.Launch(1, [agent.Order("job", "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line $i; sleep 0.005; done")]);
        await Eventually.True(() => _shelf.StateOf(RunningAgent.LogOf("job")) is not null);

        await first.DisposeAsync();

        await Eventually.True(() => _shelf.StateOf(RunningAgent.LogOf("job"))?.IsClosed == true);
        Assert.Equal(string.Concat(Enumerable.Range(1, 400).Select(line => $"line {line}\n")), _shelf.TextOf(RunningAgent.LogOf("job")));
    }

    [Fact]
    public async Task One_message_of_a_connection_is_taken_at_a_time()
    {
        var release = new TaskCompletionSource();
        _nodes.OnLogs = async (_, chunks) =>
        {
            await release.Task;
            return _shelf.Keep(chunks);
        };
        await using var door = await Door.OpenAsync(_nodes, _papers.Silo);
        using var session = new SiloSession(Options(door), Microsoft.Extensions.Logging.Abstractions.NullLogger<SiloSession>.Instance);
        await session.ConnectAsync(new() { NodeId = NodeId, Incarnation = "boot/journal", Attempts = [], Capacity = default, Lease = TimeSpan.FromMinutes(1) }, CancellationToken.None);
        Assert.True(session.KeepsLogs);
        LogChunk question = new() { Log = RunningAgent.LogOf("job"), Begin = 0, End = 0 };

        var taken = session.ShipLogsAsync([question], CancellationToken.None);
        var problem = await Assert.ThrowsAsync<IOException>(() => session.ShipLogsAsync([question], CancellationToken.None));
        release.SetResult();

        Assert.Contains("still under way", problem.Message, StringComparison.Ordinal);
        Assert.Equal([new(0)], (await taken).Chunks);
    }

    public void Dispose() => _papers.Dispose();

    private Task<RunningAgent> StartAsync(params Door[] doors) => RunningAgent.StartAsync(Options(doors), shipEvery: TimeSpan.FromMilliseconds(20));

    private SessionOptions Options(params Door[] doors) => new() { Silos = [.. doors.Select(door => door.Agents)], Identity = _papers.Node(NodeId) };
}
