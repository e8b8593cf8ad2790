using System.Collections.Immutable;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests;

/// <summary>Hears an agent like <see cref="RecordingSession"/>, and renews its lease, or does not.</summary>
internal sealed class LeasedSession(RecordingSession heard) : ILeasedSession
{
    private NodeAgent? _agent;
    private int _renewals;
    private int _drops;

    /// <summary>What a renewal is answered with; null: nothing, for ever.</summary>
    public NodeRenewal? Answer { get; set; } = NodeRenewal.Renewed;

    /// <summary>An incarnation whose hello is refused.</summary>
    public string? Refused { get; set; }

    public bool HasLeft { get; private set; }

    public int Renewals => Volatile.Read(ref _renewals);

    public int Drops => Volatile.Read(ref _drops);

    public void Attach(NodeAgent agent) => _agent = agent;

    public Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken) =>
        Answer is null ? Task.Delay(Timeout.Infinite, cancellationToken)
        : hello.Incarnation == Refused ? Task.FromException(new NodeRefusedException("It was declared lost."))
        : heard.ConnectAsync(hello, cancellationToken);

    public async Task<NodeRenewal> RenewAsync(string incarnation, CancellationToken cancellationToken)
    {
        if (Answer is not { } answer)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }

        Interlocked.Increment(ref _renewals);
        return answer;
    }

    public Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
        heard.ReportAsync(reports, cancellationToken);

    public Task LeaveAsync(string incarnation, CancellationToken cancellationToken)
    {
        HasLeft = true;
        return Task.CompletedTask;
    }

    /// <summary>What becomes of shipped logs; null: this side keeps none.</summary>
    public Func<ImmutableArray<LogChunk>, Task<LogsKept>>? OnShip { get; set; }

    public bool KeepsLogs => OnShip is not null;

    public Task<LogsKept> ShipLogsAsync(ImmutableArray<LogChunk> chunks, CancellationToken cancellationToken) => OnShip!(chunks);

    public void Drop(string reason)
    {
        Interlocked.Increment(ref _drops);
        _agent!.SayHelloAgain();
    }
}
