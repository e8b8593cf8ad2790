using System.Threading.Channels;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Steps;

/// <summary>Writes that wait for their transaction.</summary>
/// <remarks>
/// While one transaction is being made durable the next batch gathers here by itself: no delay, one row when idle, hundreds under load.
/// </remarks>
internal sealed class WriteQueue<TWrite>
    where TWrite : IQueuedWrite
{
    /// <summary>What one transaction writes at most: more would gain nothing and make callers wait.</summary>
    private const int RowsPerBatch = 1_000;

    private const int Capacity = 4_096;

    private readonly Channel<TWrite> _writes = Channel.CreateBounded<TWrite>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Adds one; waits for room.</summary>
    /// <exception cref="JobStoreException">The queue is closed: nothing will be written.</exception>
    public async ValueTask AddAsync(TWrite write)
    {
        try
        {
            await _writes.Writer.WriteAsync(write, write.CancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new JobStoreException("The store is closed: nothing was written.", e);
        }
    }

    /// <summary>Takes no more.</summary>
    public void Close() => _writes.Writer.TryComplete();

    /// <summary>Waits for the next write; false when there will be none.</summary>
    public ValueTask<bool> WaitAsync() => _writes.Reader.WaitToReadAsync();

    /// <summary>Moves what one transaction may write into a batch, and tells those who have given up.</summary>
    public void Gather(List<TWrite> batch)
    {
        var rows = 0;
        while (rows < RowsPerBatch && _writes.Reader.TryRead(out var write))
        {
            if (write.CancellationToken.IsCancellationRequested)
            {
                write.Cancel();
                continue;
            }

            batch.Add(write);
            rows += write.Rows;
        }
    }
}
