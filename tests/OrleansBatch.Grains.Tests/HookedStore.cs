using System.Reflection;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Grains.Tests;

/// <summary>A job store in which a test can hold up a read.</summary>
public class HookedStore : DispatchProxy
{
    private IJobStore _store = null!;
    private Holds _holds = null!;

    internal static IJobStore Of(IJobStore store, Holds holds)
    {
        var hooked = Create<IJobStore, HookedStore>();
        (((HookedStore)hooked)._store, ((HookedStore)hooked)._holds) = (store, holds);
        return hooked;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IJobStore.ReadPlacedOnNodeAsync) && Interlocked.Exchange(ref _holds.Next, null) is { } hold
            ? HeldAsync(hold, (string)args![0]!)
            : targetMethod.Invoke(_store, args);

    private async Task<IReadOnlyList<PlacedJob>> HeldAsync(Hold hold, string nodeId)
    {
        hold.Reached.SetResult();
        await hold.Released.Task;
        return await _store.ReadPlacedOnNodeAsync(nodeId, CancellationToken.None);
    }

    /// <summary>What is to be held up.</summary>
    internal sealed class Holds
    {
        /// <summary>The next read of what is placed on a node; null: goes on.</summary>
        public Hold? Next;
    }

    /// <summary>A read that waits.</summary>
    internal sealed class Hold
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
