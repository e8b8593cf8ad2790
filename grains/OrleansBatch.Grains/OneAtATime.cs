namespace OrleansBatch.Grains;

/// <summary>Lets changes of one reentrant grain's stored state follow each other: each decides on what the one before has stored.</summary>
/// <remarks>Reads and rounds go on meanwhile. For use inside one grain: whoever waits here waits for that grain's own changes only.</remarks>
internal sealed class OneAtATime
{
    private Task _last = Task.CompletedTask;

    /// <summary>Runs it when those before it have ended, however they ended.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> change)
    {
        var run = AfterAsync(_last, change);
        _last = run;
        return run;
    }

    /// <summary>Runs it when those before it have ended, however they ended.</summary>
    public Task RunAsync(Func<Task> change) => RunAsync(async () =>
    {
        await change();
        return true;
    });

    private static async Task<T> AfterAsync<T>(Task before, Func<Task<T>> change)
    {
        // Its failure is for those who asked for it.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await change();
    }
}
