using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Benchmarks;

/// <summary>An agent whose attempts run and end in the moment in which they are launched: what is left is the scheduler.</summary>
internal sealed class InstantAgent(IGrainFactory grains) : INodeConnection, IAsyncDisposable
{
    private const string NodeId = "i-0123456789abcdef0";
    private const string Incarnation = "boot/journal";

    private readonly Channel<LaunchOrder> _ended = Channel.CreateUnbounded<LaunchOrder>();
    private readonly SemaphoreSlim _settled = new(0);
    private Task _reporting = Task.CompletedTask;
    private long _count;

    /// <summary>Attempts whose ends are settled.</summary>
    public long Settled => Interlocked.Read(ref _count);

    private INodeGrain Node => grains.GetGrain<INodeGrain>(NodeId);

    public async Task ConnectAsync()
    {
        _ = await Node.Connect(
            new() { NodeId = NodeId, Incarnation = Incarnation, Attempts = [], Capacity = new() { VcpuMillis = 100_000_000, MemoryMiB = 100_000_000 } },
            grains.CreateObjectReference<INodeConnection>(this),
            CancellationToken.None);
        _reporting = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(ReportAsync)));
    }

    public async Task UntilSettledAsync(long count)
    {
        while (Settled < count)
        {
            await _settled.WaitAsync();
        }
    }

    public Task Launch(long session, ImmutableArray<LaunchOrder> orders)
    {
        foreach (var order in orders)
        {
            _ = _ended.Writer.TryWrite(order);
        }

        return Task.CompletedTask;
    }

    public Task Stop(long session, ImmutableArray<StopOrder> orders) => Task.CompletedTask;

    public Task<LogPage> ReadLog(LogQuery query) => Task.FromResult(new LogPage { Exists = false });

    public Task Close(string reason) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _ended.Writer.Complete();
        await _reporting;
    }

    private async Task ReportAsync()
    {
        List<AttemptReport> batch = [];
        while (await _ended.Reader.WaitToReadAsync())
        {
            while (batch.Count < 1_000 && _ended.Reader.TryRead(out var order))
            {
                batch.Add(EndOf(order));
            }

            var settled = await Node.Report(Incarnation, [.. batch], CancellationToken.None);
            _ = batch.RemoveAll(report => settled.Contains(report.Attempt));
            _ = Interlocked.Add(ref _count, settled.Length);
            _ = _settled.Release();
        }
    }

    private static AttemptReport EndOf(LaunchOrder order) => new()
    {
        Attempt = order.Attempt,
        ReservationId = order.ReservationId,
        EnvironmentKey = order.EnvironmentKey,
        Outcome = AttemptOutcome.Exited,
        ExitCode = 0,
        StartedAt = DateTimeOffset.UtcNow,
        StoppedAt = DateTimeOffset.UtcNow,
    };
}
