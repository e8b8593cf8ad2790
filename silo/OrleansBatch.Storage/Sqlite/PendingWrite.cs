using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>One caller's write, from the queue to its answer.</summary>
internal abstract class PendingWrite(int rows, CancellationToken cancellationToken)
{
    /// <summary>How many rows it writes at most: what the size of a batch is counted in.</summary>
    public int Rows => rows;

    /// <summary>The caller's: it counts until the write begins.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Does it inside the open transaction and keeps the answer. May be called again after a rollback.</summary>
    public abstract void Apply(WriteTables tables);

    /// <summary>Gives the kept answer to the caller.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that the token was in time.</summary>
    public abstract void Cancel();

    /// <summary>Tells the caller that it failed.</summary>
    public abstract void Fail(JobStoreException exception);
}

/// <summary>One caller's write with an answer.</summary>
internal abstract class PendingWrite<TAnswer>(int rows, CancellationToken cancellationToken) : PendingWrite(rows, cancellationToken)
{
    // The writer's thread must never run a caller's code.
    private readonly TaskCompletionSource<TAnswer> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TAnswer? _answer;

    public Task<TAnswer> Answer => _source.Task;

    public sealed override void Apply(WriteTables tables) => _answer = Write(tables);

    public sealed override void Complete() => _source.TrySetResult(_answer!);

    public sealed override void Cancel() => _source.TrySetCanceled(CancellationToken);

    public sealed override void Fail(JobStoreException exception) => _source.TrySetException(exception);

    protected abstract TAnswer Write(WriteTables tables);
}

/// <summary>A write that is one function of the tables.</summary>
internal sealed class TableWrite<TAnswer>(Func<WriteTables, TAnswer> write, CancellationToken cancellationToken)
    : PendingWrite<TAnswer>(1, cancellationToken)
{
    protected override TAnswer Write(WriteTables tables) => write(tables);
}

/// <summary>One step of jobs.</summary>
internal sealed class StepWrite(PreparedStep step, CancellationToken cancellationToken) : PendingWrite<StepResult>(step.Rows, cancellationToken)
{
    protected override StepResult Write(WriteTables tables)
    {
        var result = step.Write(tables.Books);
        tables.IsChanged |= step.IsChange && result.Outcome == StepOutcome.Committed;
        return result;
    }
}
