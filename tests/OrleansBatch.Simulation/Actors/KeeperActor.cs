namespace OrleansBatch.Simulation.Actors;

/// <summary>As the keeper: looks at start and each minute.</summary>
internal sealed class KeeperActor(Silo silo)
{
    public async Task RunAsync()
    {
        while (true)
        {
            await LookAsync();
            await silo.Wait(TimeSpan.FromMinutes(1));
        }
    }

    public async Task LookAsync()
    {
        var work = await silo.ReadAsync(store => store.ReadUnfinishedWork());
        await Task.WhenAll(
        [
            .. work.Nodes.Select(node => TryAsync(silo.NodeAsync(node, actor => actor.SettleAsync()))),
            .. work.Environments.Select(environment => TryAsync(silo.EnvironmentAsync(environment.Name, actor => actor.SettleAsync()))),
            .. work.Dependents.Select(job => TryAsync(silo.JobAsync(job, actor => actor.LookAtDependenciesAsync()))),
            .. (silo.Bug == PlantedBug.FullArraysForgotten ? [] : work.FullArrays).Select(array => TryAsync(silo.JobAsync(array, actor => actor.LookAtChildrenAsync()))),
            .. work.Queues.Select(queue => TryAsync(silo.QueueAsync(queue.Name, actor => actor.SettleAsync()))),
        ]);
    }

    /// <summary>The next look sees the same rows again.</summary>
    private static async Task TryAsync(Task look)
    {
        try
        {
            await look;
        }
        catch (Exception exception) when (Trouble.Is(exception))
        {
        }
    }
}
