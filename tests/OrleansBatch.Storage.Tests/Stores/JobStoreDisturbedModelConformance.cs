namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>The same with faults in between: nobody may notice.</summary>
public abstract class JobStoreDisturbedModelConformance : JobStoreModelConformance
{
    private static readonly StoreFault[] Faults = [StoreFault.InTheMiddle, StoreFault.BeforeCommit, StoreFault.ReplyLost];

    protected override Task DisturbAsync(int step)
    {
        if (step % 4 == 2)
        {
            Store.FailOnce(Faults[step / 4 % Faults.Length]);
        }

        return Task.CompletedTask;
    }
}
