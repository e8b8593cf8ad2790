using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>A store that the conformance suite runs on, with ways to make it fail.</summary>
public abstract class StoreUnderTest : IAsyncDisposable
{
    private readonly StoreFaults _faults = new();

    public FakeTimeProvider Clock { get; } = new(new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Makes the states of grains.</summary>
    protected static IActivatorProvider Activators { get; } =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<IActivatorProvider>();

    /// <summary>What the writer tells where it is, to fail or be held there.</summary>
    private protected Action<CommitPoint> Fault => _faults.At;

    public abstract IJobStore Jobs { get; }

    public abstract IJobDefinitionStore Definitions { get; }

    public abstract ILogStore Logs { get; }

    public abstract IShippedLogStore ShippedLogs { get; }

    public abstract IEventStore Events { get; }

    public abstract IWebhookStore Webhooks { get; }

    public abstract IConsumableStore Consumables { get; }

    public abstract IHostStore Hosts { get; }

    public abstract INodeStore Nodes { get; }

    public abstract IGrainStorage Grains { get; }

    /// <summary>The next write that gets so far fails there, once.</summary>
    public void FailOnce(StoreFault fault) => _faults.FailOnce(fault);

    /// <summary>From now on every write fails before its commit, until mended.</summary>
    public void Break() => _faults.IsBroken = true;

    /// <summary>Ends <see cref="Break"/>.</summary>
    public void Mend() => _faults.IsBroken = false;

    /// <summary>Occupies the store until the answer is disposed: what is committed meanwhile comes into one batch.</summary>
    public async Task<IAsyncDisposable> OccupyAsync()
    {
        var hold = _faults.Hold();
        var occupying = Jobs.TakeEpochAsync("occupied", CancellationToken.None);
        await hold.Reached;
        return hold.Until(occupying);
    }

    /// <summary>Closes in order and opens again.</summary>
    public abstract Task ReopenAsync();

    /// <summary>Opens again what a killed program would have left, without closing in order.</summary>
    public abstract Task CrashAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>Where a write is made to fail.</summary>
public enum StoreFault
{
    /// <summary>In the middle of a batch.</summary>
    InTheMiddle,

    /// <summary>When all is written and nothing committed.</summary>
    BeforeCommit,

    /// <summary>When all is committed and nobody was told.</summary>
    ReplyLost,

    /// <summary>The same, and the rows cannot be read back.</summary>
    ReplyLostForGood,
}
