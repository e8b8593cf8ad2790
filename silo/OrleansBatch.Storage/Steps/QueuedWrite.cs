using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Steps;

/// <summary>One caller's write, from the queue to its answer.</summary>
internal interface IQueuedWrite
{
    /// <summary>How many rows it writes at most: what the size of a batch is counted in.</summary>
    int Rows { get; }

    /// <summary>The caller's: it counts until the write begins.</summary>
    CancellationToken CancellationToken { get; }

    /// <summary>Gives the kept answer to the caller.</summary>
    void Complete();

    /// <summary>Tells the caller that the token was in time.</summary>
    void Cancel();

    /// <summary>Tells the caller that it failed.</summary>
    void Fail(JobStoreException exception);
}

/// <summary>What a caller waits for.</summary>
internal interface IAnswered<TAnswer>
{
    /// <summary>Comes when the write is durable or refused.</summary>
    Task<TAnswer> Answer { get; }
}

/// <summary>One caller's write with an answer.</summary>
internal abstract class QueuedWrite<TAnswer>(int rows, CancellationToken cancellationToken) : IQueuedWrite, IAnswered<TAnswer>
{
    // The writer must never run a caller's code.
    private readonly TaskCompletionSource<TAnswer> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Rows => rows;

    public CancellationToken CancellationToken => cancellationToken;

    public Task<TAnswer> Answer => _source.Task;

    /// <summary>The answer to give.</summary>
    protected TAnswer? Kept { get; set; }

    public void Complete() => _source.TrySetResult(Kept!);

    public void Cancel() => _source.TrySetCanceled(cancellationToken);

    public void Fail(JobStoreException exception) => _source.TrySetException(exception);
}
