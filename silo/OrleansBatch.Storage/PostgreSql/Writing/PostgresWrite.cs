using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>One caller's write, from the queue to its answer.</summary>
internal abstract class PostgresWrite(int rows, CancellationToken cancellationToken)
{
    /// <summary>How many rows it writes at most: what the size of a batch is counted in.</summary>
    public int Rows => rows;

    /// <summary>The caller's: it counts until the write begins.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Says what it looks at.</summary>
    public abstract void AddTo(StepKeys keys);

    /// <summary>Does it in the open transaction and keeps the answer. May be called again after a rollback.</summary>
    /// <returns>Whether anything is to be written.</returns>
    public abstract bool Apply(PostgresTables tables, StepBooks books);

    /// <summary>Gives the kept answer to the caller.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that the token was in time.</summary>
    public abstract void Cancel();

    /// <summary>Tells the caller that it failed.</summary>
    public abstract void Fail(JobStoreException exception);
}

/// <summary>One caller's write with an answer.</summary>
internal abstract class PostgresWrite<TAnswer>(int rows, CancellationToken cancellationToken) : PostgresWrite(rows, cancellationToken)
{
    // The writer must never run a caller's code.
    private readonly TaskCompletionSource<TAnswer> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TAnswer> Answer => _source.Task;

    /// <summary>The answer to give.</summary>
    protected TAnswer? Kept { get; set; }

    public sealed override void Complete() => _source.TrySetResult(Kept!);

    public sealed override void Cancel() => _source.TrySetCanceled(CancellationToken);

    public sealed override void Fail(JobStoreException exception) => _source.TrySetException(exception);
}

/// <summary>One step of jobs.</summary>
internal sealed class PostgresStepWrite(PreparedStep step, CancellationToken cancellationToken) : PostgresWrite<StepResult>(step.Rows, cancellationToken)
{
    public override void AddTo(StepKeys keys) => keys.Add(step);

    public override bool Apply(PostgresTables tables, StepBooks books)
    {
        Kept = step.Write(books);
        return step.IsChange && Kept.Outcome == StepOutcome.Committed;
    }
}

/// <summary>Takes the next epoch of a key.</summary>
internal sealed class EpochWrite(string key, CancellationToken cancellationToken) : PostgresWrite<long>(1, cancellationToken)
{
    public override void AddTo(StepKeys keys) => _ = keys.Epochs.Add(key);

    public override bool Apply(PostgresTables tables, StepBooks books)
    {
        Kept = tables.TakeEpoch(key);
        return true;
    }
}
