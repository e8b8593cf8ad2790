namespace OrleansBatch.Storage.Steps;

/// <summary>What a step brings about, over the tables of an open transaction: the same for every database.</summary>
internal sealed class StepBooks
{
    public StepBooks(IStepTables tables, TimeProvider time)
    {
        Tables = tables;
        Waits = new(tables.Waits);
        Consumables = new(tables.Consumables);
        Jobs = new(tables, new(tables.Arrays, time), Waits, Consumables, new(tables.Events));
    }

    public IStepTables Tables { get; }

    public JobBook Jobs { get; }

    public WaitBook Waits { get; }

    public ConsumableBook Consumables { get; }
}
