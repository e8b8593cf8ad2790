namespace OrleansBatch.Grains;

/// <summary>Lets calls that come together share one read, of which each sees at least what it would have seen alone.</summary>
/// <remarks>
/// A call never joins a read that has begun: that one may be older than what the caller knows. It joins the next, which begins when
/// the one under way has ended. For use inside one grain: nothing here is guarded against threads.
/// </remarks>
internal sealed class SharedReads<TKey, TValue>(Func<TKey, Task<TValue>> read)
    where TKey : notnull
{
    private readonly Dictionary<TKey, Pending> _pending = [];

    /// <summary>Reads, alone or with those who come while another read is under way.</summary>
    public Task<TValue> ReadAsync(TKey key)
    {
        if (_pending.TryGetValue(key, out var pending))
        {
            return pending.Next ??= ReadAfterAsync(key, pending, pending.Running!);
        }

        _pending.Add(key, pending = new());
        return pending.Running = ReadAsync(key, pending);
    }

    private async Task<TValue> ReadAfterAsync(TKey key, Pending pending, Task running)
    {
        // Its failure is for those who wait for it.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        pending.Running = pending.Next;
        pending.Next = null;
        return await ReadAsync(key, pending);
    }

    private async Task<TValue> ReadAsync(TKey key, Pending pending)
    {
        try
        {
            return await read(key);
        }
        finally
        {
            if (pending.Next is null)
            {
                _pending.Remove(key);
            }
        }
    }

    private sealed class Pending
    {
        public Task<TValue>? Running { get; set; }

        public Task<TValue>? Next { get; set; }
    }
}
