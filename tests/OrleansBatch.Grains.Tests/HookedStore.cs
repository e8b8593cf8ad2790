using System.Collections.Concurrent;
using System.Reflection;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Tests;

/// <summary>A job store in which a test can hold up a read, and which may find a job as it was inserted that has been written since.</summary>
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

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IJobStore.ReadPlacedOnNodeAsync) when Interlocked.Exchange(ref _holds.Next, null) is { } hold => HeldAsync(hold, (string)args![0]!),
        nameof(IJobStore.CommitAsync) when _holds.Commit is { } hook => hook(() => (Task<StepResult>)targetMethod.Invoke(_store, args)!),
        nameof(IJobStore.FindInserted) when _holds.Inserted.TryGetValue((string)args![0]!, out var inserted) => inserted,
        _ => targetMethod.Invoke(_store, args),
    };

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

        /// <summary>What becomes of commits; null: they are done.</summary>
        public Func<Func<Task<StepResult>>, Task<StepResult>>? Commit { get; init; }

        /// <summary>Jobs that are found as they were inserted.</summary>
        public ConcurrentDictionary<string, JobRecord> Inserted { get; } = [];
    }

    /// <summary>A read that waits.</summary>
    internal sealed class Hold
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
