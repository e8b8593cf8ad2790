namespace OrleansBatch.Simulation.Actors;

/// <summary>Lets one at a time in, in the order of their coming.</summary>
internal sealed class Gate
{
    private readonly Queue<TaskCompletionSource> _waiting = new();

    public bool IsBusy { get; private set; }

    public Task EnterAsync()
    {
        if (!IsBusy)
        {
            IsBusy = true;
            return Task.CompletedTask;
        }

        var waiting = new TaskCompletionSource();
        _waiting.Enqueue(waiting);
        return waiting.Task;
    }

    public void Leave()
    {
        if (_waiting.TryDequeue(out var next))
        {
            next.SetResult();
        }
        else
        {
            IsBusy = false;
        }
    }
}
