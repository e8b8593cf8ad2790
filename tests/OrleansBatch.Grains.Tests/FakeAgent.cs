using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Tests.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests;

/// <summary>An agent that starts nothing: a test sees the orders and says what became of them.</summary>
internal sealed class FakeAgent : INodeConnection
{
    private readonly Channel<bool> _mayTalk = Channel.CreateBounded<bool>(1);
    private readonly Channel<string> _closed = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, Channel<StopOrder>> _stopsByJob = [];
    private int _reads;
    private long _hellos;

    public string NodeId { get; init; } = "i-0123456789abcdef0";

    public string Incarnation { get; set; } = "boot/journal";

    public ResourceNeeds Capacity { get; init; } = new() { VcpuMillis = 4_000, MemoryMiB = 16_000 };

    public ImmutableArray<string> Joins { get; init; } = [];

    public TimeSpan? Lease { get; init; }

    /// <summary>Whether it numbers its hellos, as a real one does.</summary>
    public bool IsNumbering { get; init; }

    /// <summary>The newest session that it has seen.</summary>
    public long Session { get; set; }

    /// <summary>Whether it confirms nothing and answers nothing: as one that cannot be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>Who gets the orders of a job; the others' tests do not see them.</summary>
    public Dictionary<string, Channel<LaunchOrder>> ByQueue { get; } = [];

    /// <summary>The attempts that it was told to start.</summary>
    public ConcurrentDictionary<AttemptId, int> Launches { get; } = [];

    /// <summary>Why its connection was closed.</summary>
    public ChannelReader<string> Closed => _closed.Reader;

    /// <summary>What each log says; null: there is none, but for <see cref="Logs"/>.</summary>
    public string? Log { get; set; }

    /// <summary>What logs say.</summary>
    public ConcurrentDictionary<LogLocation, WrittenLog> Logs { get; } = [];

    /// <summary>How often it was asked for a log.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public AgentHello Hello(params IEnumerable<AttemptId> attempts) => new()
    {
        NodeId = NodeId,
        Incarnation = Incarnation,
        Attempts = [.. attempts],
        Capacity = Capacity,
        Joins = Joins,
        Lease = Lease,
        Number = IsNumbering ? Interlocked.Increment(ref _hellos) : 0,
    };

    /// <summary>Says hello, or reports: a real agent has one loop for both, so no report is under way while a hello that knows nothing of its attempt is.</summary>
    public async Task<T> TalkAsync<T>(Func<Task<T>> talk)
    {
        await _mayTalk.Writer.WriteAsync(true);
        try
        {
            return await talk();
        }
        finally
        {
            _ = _mayTalk.Reader.TryRead(out _);
        }
    }

    public Task Launch(long session, ImmutableArray<LaunchOrder> orders)
    {
        ThrowIfAway(session);
        foreach (var order in orders)
        {
            _ = Launches.AddOrUpdate(order.Attempt, 1, (_, count) => count + 1);
            ForQueue(QueueOf(order)).Writer.TryWrite(order);
        }

        return Task.CompletedTask;
    }

    public Task Stop(long session, ImmutableArray<StopOrder> orders)
    {
        ThrowIfAway(session);
        foreach (var order in orders)
        {
            ForJob(order.Attempt.JobId).Writer.TryWrite(order);
        }

        return Task.CompletedTask;
    }

    public Task<LogPage> ReadLog(LogQuery query)
    {
        _ = Interlocked.Increment(ref _reads);
        ThrowIfAway();
        if (Logs.TryGetValue(query.Log, out var log))
        {
            return Task.FromResult(LogReader.Read(log, query, CancellationToken.None));
        }

        return Task.FromResult(Log is null
            ? new LogPage { Exists = false }
            : new() { Exists = true, Lines = [new(DateTimeOffset.UnixEpoch, Log, 0)] });
    }

    public Task Close(string reason)
    {
        _closed.Writer.TryWrite(reason);
        return Task.CompletedTask;
    }

    /// <summary>The launches of one queue, in their order.</summary>
    public Channel<LaunchOrder> ForQueue(string queue)
    {
        lock (ByQueue)
        {
            return ByQueue.TryGetValue(queue, out var channel) ? channel : ByQueue[queue] = Channel.CreateUnbounded<LaunchOrder>();
        }
    }

    /// <summary>The stops of one job, in their order.</summary>
    public Channel<StopOrder> ForJob(string jobId)
    {
        lock (_stopsByJob)
        {
            return _stopsByJob.TryGetValue(jobId, out var channel) ? channel : _stopsByJob[jobId] = Channel.CreateUnbounded<StopOrder>();
        }
    }

    private void ThrowIfAway(long? session = null)
    {
        if (session < Session)
        {
            throw new StaleSessionException(session.Value, Session);
        }

        Session = session ?? Session;
        if (IsAway)
        {
            throw new TimeoutException("The agent is away.");
        }
    }

    private static string QueueOf(LaunchOrder order) => order.Environment.Last(variable => variable.Key == "AWS_BATCH_JQ_NAME").Value;
}
