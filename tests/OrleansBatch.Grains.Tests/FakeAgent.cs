using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Nodes;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests;

/// <summary>An agent that starts nothing: a test sees the orders and says what became of them.</summary>
internal sealed class FakeAgent : IAgentLinks, IAgentLink
{

    public IAgentLink? Local => this;

    public string NodeId { get; } = "i-0123456789abcdef0";

    public string Incarnation { get; set; } = "boot/journal";

    public ResourceNeeds Capacity { get; } = new() { VcpuMillis = 4_000, MemoryMiB = 16_000 };

    /// <summary>Who gets the orders of a job; the others' tests do not see them.</summary>
    public Dictionary<string, Channel<LaunchOrder>> ByQueue { get; } = [];

    public IAgentLink? Find(string nodeId) => nodeId == NodeId ? this : null;

    public ValueTask LaunchAsync(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken)
    {
        foreach (var order in orders)
        {
            ForQueue(QueueOf(order)).Writer.TryWrite(order);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask StopAsync(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken)
    {
        foreach (var order in orders)
        {
            ForJob(order.Attempt.JobId).Writer.TryWrite(order);
        }

        return ValueTask.CompletedTask;
    }

    public Task<LogPage> ReadLogAsync(LogQuery query, CancellationToken cancellationToken) => Task.FromResult(new LogPage { Exists = false });

    /// <summary>The launches of one queue, in their order.</summary>
    public Channel<LaunchOrder> ForQueue(string queue)
    {
        lock (ByQueue)
        {
            return ByQueue.TryGetValue(queue, out var channel) ? channel : ByQueue[queue] = Channel.CreateUnbounded<LaunchOrder>();
        }
    }

    private readonly Dictionary<string, Channel<StopOrder>> _stopsByJob = [];

    /// <summary>The stops of one job, in their order.</summary>
    public Channel<StopOrder> ForJob(string jobId)
    {
        lock (_stopsByJob)
        {
            return _stopsByJob.TryGetValue(jobId, out var channel) ? channel : _stopsByJob[jobId] = Channel.CreateUnbounded<StopOrder>();
        }
    }

    private static string QueueOf(LaunchOrder order) => order.Environment.Last(variable => variable.Key == "AWS_BATCH_JQ_NAME").Value;
}
