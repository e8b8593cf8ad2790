using Orleans.Core.Internal;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests.JobQueues;

/// <summary>Rounds that fail: each test has a scheduler and a database of its own.</summary>
public sealed class FailedRoundTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-rounds-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Who_waits_for_the_next_round_while_one_fails_does_not_keep_a_queue_that_leaves_from_coming_back()
    {
        var failure = new FailingReserve();
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), filter: failure);
        var queue = await batch.SetUpAsync(maxvCpus: 1);
        failure.IsNext = true;
        var job = await batch.SubmitAsync(queue);
        await failure.Reached.Task.WaitAsync(Patience);

        // An activation that leaves waits for the calls that it has begun, and no timer of it comes any more.
        var grain = batch.Grains.GetGrain<IJobQueueGrain>(new ScopedName(Batch.Scope, queue).Key);
        var settled = grain.Settle(CancellationToken.None);
        await Batch.UntilAsync(() => Task.FromResult(failure.Settles > 0));
        await grain.Cast<IGrainManagementExtension>().DeactivateOnIdle();
        failure.Fails.SetResult();

        await settled.WaitAsync(Patience);
        await batch.Keeper.LookAsync(CancellationToken.None).WaitAsync(Patience);
        Assert.Equal(job, (await batch.LaunchOfAsync(queue)).Attempt.JobId);
    }

    /// <summary>The next reservation fails, when it is told to.</summary>
    private sealed class FailingReserve : IIncomingGrainCallFilter
    {
        private int _settles;

        public bool IsNext { get; set; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Fails { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>How many calls have asked the queue to settle and wait now.</summary>
        public int Settles => Volatile.Read(ref _settles);

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType == typeof(IComputeEnvironmentGrain) && context.InterfaceMethod.Name == nameof(IComputeEnvironmentGrain.Reserve) && IsNext)
            {
                IsNext = false;
                Reached.SetResult();
                await Fails.Task;
                throw new TimeoutException("The environment did not answer.");
            }

            var settling = context.InterfaceMethod.DeclaringType == typeof(IJobQueueGrain) && context.InterfaceMethod.Name == nameof(IJobQueueGrain.Settle);
            var done = context.Invoke();
            if (settling && !done.IsCompleted)
            {
                // Its read of the rows is over soon: SQLite reads at once.
                _ = Interlocked.Increment(ref _settles);
            }

            await done;
        }
    }
}
