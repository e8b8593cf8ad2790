using OrleansBatch.Grains.Stores;
using OrleansBatch.Simulation.Actors;
using OrleansBatch.Simulation.Stores;

namespace OrleansBatch.Simulation;

/// <summary>One life of the scheduler's program: all that is in its memory. A crash drops it.</summary>
internal sealed class Silo
{
    private readonly Dictionary<string, List<JobActor>> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueueActor> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<EnvironmentActor>> _environments = new(StringComparer.Ordinal);

    public Silo(World world)
    {
        World = world;
        Post = new(this);
        Door = new(this);
        Keeper = new(this);
    }

    public World World { get; }

    public PostOffice Post { get; }

    public DoorActor Door { get; }

    public KeeperActor Keeper { get; }

    public DateTimeOffset Now => World.Turns.Now;

    public SimulatedStore Store => World.Store;

    public PlantedBug Bug => World.Bug;

    public Turn Wait(Occasion occasion) => World.Turns.Wait(this, occasion);

    public Turn Wait(TimeSpan delay) => World.Turns.Wait(this, delay);

    /// <summary>Begins something that nobody waits for.</summary>
    public void Begin(Func<Task> work) => World.Begin(work);

    public async Task<StepResult> CommitAsync(JobStep step)
    {
        await Wait(Occasion.Store);
        var result = Store.Commit(step);
        await Wait(Occasion.Stored);
        return result;
    }

    /// <summary>Reads as others may write before and after.</summary>
    public async Task<T> ReadAsync<T>(Func<SimulatedStore, T> read)
    {
        await Wait(Occasion.Read);
        return read(Store);
    }

    public async Task<T> JobAsync<T>(string jobId, Func<JobActor, Task<T>> call)
    {
        await Wait(Occasion.Request);
        JobActor actor;
        do
        {
            actor = FindJob(jobId);
        }
        while (!await actor.EnterAsync());

        T answer;
        try
        {
            await actor.ActivateAsync();
            answer = await call(actor);
        }
        finally
        {
            actor.Leave();
        }

        await Wait(Occasion.Reply);
        return answer;
    }

    public Task JobAsync(string jobId, Func<JobActor, Task> call) => JobAsync(jobId, async actor =>
    {
        await call(actor);
        return true;
    });

    public async Task<T> QueueAsync<T>(string name, Func<QueueActor, Task<T>> call)
    {
        await Wait(Occasion.Request);
        if (!_queues.TryGetValue(name, out var actor))
        {
            _queues.Add(name, actor = new(this, name));
        }

        await actor.ActivateAsync();
        var answer = await call(actor);
        await Wait(Occasion.Reply);
        return answer;
    }

    public Task QueueAsync(string name, Action<QueueActor> call) => QueueAsync(name, actor =>
    {
        call(actor);
        return Task.FromResult(true);
    });

    public Task QueueAsync(string name, Func<QueueActor, Task> call) => QueueAsync(name, async actor =>
    {
        await call(actor);
        return true;
    });

    public async Task<T> EnvironmentAsync<T>(string name, Func<EnvironmentActor, Task<T>> call)
    {
        await Wait(Occasion.Request);
        if (!_environments.TryGetValue(name, out var actors))
        {
            _environments.Add(name, actors = []);
        }

        if (actors.Count == 0)
        {
            actors.Add(new(this, name));
        }

        var actor = actors[World.Choose(actors.Count)];
        await actor.ActivateAsync();
        var answer = await call(actor);
        await Wait(Occasion.Reply);
        return answer;
    }

    public Task EnvironmentAsync(string name, Func<EnvironmentActor, Task> call) => EnvironmentAsync(name, async actor =>
    {
        await call(actor);
        return true;
    });

    public async Task<T> NodeAsync<T>(string nodeId, Func<NodeActor, Task<T>> call)
    {
        await Wait(Occasion.Request);
        var answer = await call(new(this, nodeId));
        await Wait(Occasion.Reply);
        return answer;
    }

    public Task NodeAsync(string nodeId, Func<NodeActor, Task> call) => NodeAsync(nodeId, async actor =>
    {
        await call(actor);
        return true;
    });

    /// <summary>A second activation takes calls, too: what a cluster that falls apart may have for a while.</summary>
    public void SplitJob(string jobId)
    {
        if (_jobs.TryGetValue(jobId, out var actors) && actors.Count == 1)
        {
            actors.Add(new(this, jobId));
        }
    }

    /// <inheritdoc cref="SplitJob"/>
    public void SplitEnvironment(string name)
    {
        if (_environments.TryGetValue(name, out var actors) && actors.Count == 1)
        {
            actors.Add(new(this, name));
        }
    }

    /// <summary>The cluster is whole again: the newest activation stays.</summary>
    public void Heal()
    {
        foreach (var actors in _environments.Values.Where(actors => actors.Count > 1))
        {
            actors.RemoveRange(0, actors.Count - 1);
        }

        foreach (var actors in _jobs.Values.Where(actors => actors.Count > 1).ToList())
        {
            actors.RemoveRange(0, actors.Count - 1);
        }
    }

    /// <summary>Activations that nobody used leave memory.</summary>
    public void Collect()
    {
        foreach (var actors in _jobs.Values)
        {
            actors.RemoveAll(actor => !actor.IsBusy);
        }
    }

    public void Remove(JobActor actor) => _jobs[actor.JobId].Remove(actor);

    /// <summary>What the live activations of an environment hold, for the properties.</summary>
    public IEnumerable<EnvironmentActor> Environments => _environments.Values.SelectMany(actors => actors);

    private JobActor FindJob(string jobId)
    {
        if (!_jobs.TryGetValue(jobId, out var actors))
        {
            _jobs.Add(jobId, actors = []);
        }

        if (actors.Count == 0)
        {
            actors.Add(new(this, jobId));
        }

        return actors[World.Choose(actors.Count)];
    }
}
