using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>One caller's write, from the queue to its answer.</summary>
internal interface IPostgresWrite : IQueuedWrite
{
    /// <summary>Says what it looks at.</summary>
    void AddTo(StepKeys keys);

    /// <summary>Does it in the open transaction and keeps the answer. May be called again after a rollback.</summary>
    /// <returns>Whether anything is to be written.</returns>
    bool Apply(PostgresTables tables, StepBooks books);
}

/// <summary>One caller's write with an answer.</summary>
internal interface IPostgresWrite<TAnswer> : IPostgresWrite, IAnswered<TAnswer>;

/// <summary>One step of jobs.</summary>
internal sealed class PostgresStepWrite(PreparedStep step, CancellationToken cancellationToken)
    : QueuedWrite<StepResult>(step.Rows, cancellationToken), IPostgresWrite<StepResult>
{
    public void AddTo(StepKeys keys) => keys.Add(step);

    public bool Apply(PostgresTables tables, StepBooks books)
    {
        Kept = step.Write(books);
        return step.IsChange && Kept.Outcome == StepOutcome.Committed;
    }
}

/// <summary>Takes the next epoch of a key.</summary>
internal sealed class EpochWrite(string key, CancellationToken cancellationToken) : QueuedWrite<long>(1, cancellationToken), IPostgresWrite<long>
{
    public void AddTo(StepKeys keys) => _ = keys.Epochs.Add(key);

    public bool Apply(PostgresTables tables, StepBooks books)
    {
        Kept = tables.TakeEpoch(key);
        return true;
    }
}
