using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>One caller's write, from the queue to its answer.</summary>
internal interface ISqliteWrite : IQueuedWrite
{
    /// <summary>Does it inside the open transaction and keeps the answer. May be called again after a rollback.</summary>
    void Apply(WriteTables tables);
}

/// <summary>One caller's write with an answer.</summary>
internal interface ISqliteWrite<TAnswer> : ISqliteWrite, IAnswered<TAnswer>;

/// <summary>A write that is one function of the tables.</summary>
internal sealed class TableWrite<TAnswer>(Func<WriteTables, TAnswer> write, CancellationToken cancellationToken)
    : QueuedWrite<TAnswer>(1, cancellationToken), ISqliteWrite<TAnswer>
{
    public void Apply(WriteTables tables) => Kept = write(tables);
}

/// <summary>One step of jobs.</summary>
internal sealed class StepWrite(PreparedStep step, CancellationToken cancellationToken)
    : QueuedWrite<StepResult>(step.Rows, cancellationToken), ISqliteWrite<StepResult>
{
    public void Apply(WriteTables tables)
    {
        Kept = step.Write(tables.Books);
        tables.IsChanged |= step.IsChange && Kept.Outcome == StepOutcome.Committed;
    }
}
