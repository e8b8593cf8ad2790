using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Grains.Tests;

/// <summary>What goes wrong between the grains that schedule, and between them and their store, by a seed.</summary>
internal sealed class CallFaults(int seed) : IIncomingGrainCallFilter
{
    /// <summary>One of so many goes wrong.</summary>
    private const int OneOf = 6;

    private static readonly HashSet<Type> Reached = [typeof(IJobGrain), typeof(IJobQueueGrain), typeof(IComputeEnvironmentGrain), typeof(INodeGrain), typeof(INodeRegistryGrain)];

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<Fault, int> _struck = [];

    /// <summary>What can happen to a call, or to a commit.</summary>
    public enum Fault
    {
        /// <summary>Nothing: it is as it should be.</summary>
        None,

        /// <summary>It is dropped, or not done.</summary>
        Dropped,

        /// <summary>It is done, and its answer dropped.</summary>
        AnswerDropped,

        /// <summary>It comes twice; of a commit: its answer is dropped.</summary>
        Doubled,

        /// <summary>It comes late.</summary>
        Delayed,
    }

    /// <summary>Whether anything goes wrong.</summary>
    public bool IsOn { get; set; }

    /// <summary>How often each has struck.</summary>
    public IReadOnlyDictionary<Fault, int> Struck => _struck;

    /// <summary>How many commits have failed.</summary>
    public int FailedCommits { get; private set; }

    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var fault = IsOn && context.InterfaceMethod is { DeclaringType: { } type } && Reached.Contains(type) ? Next() : Fault.None;
        switch (fault)
        {
            case Fault.Dropped:
                throw new TimeoutException("The call was dropped.");
            case Fault.AnswerDropped:
                await context.Invoke();
                throw new TimeoutException("The answer was dropped.");
            case Fault.Doubled:
                await context.Invoke();
                await context.Invoke();
                break;
            case Fault.Delayed:
                await Task.Delay(Random.Shared.Next(30));
                await context.Invoke();
                break;
            default:
                await context.Invoke();
                break;
        }
    }

    /// <summary>A commit that fails before it is done, or after.</summary>
    public async Task<StepResult> CommitAsync(Func<Task<StepResult>> commit)
    {
        var fault = IsOn ? Next() : Fault.None;
        if (fault == Fault.Dropped)
        {
            FailedCommits++;
            throw new JobStoreException("The store failed before the commit: nothing was done.");
        }

        var result = await commit();
        if (fault is Fault.AnswerDropped or Fault.Doubled)
        {
            FailedCommits++;
            throw new JobStoreException("The store failed after the commit: the outcome is unknown.");
        }

        return result;
    }

    private Fault Next()
    {
        lock (_lock)
        {
            var fault = _random.Next(OneOf) == 0 ? (Fault)_random.Next(1, 5) : Fault.None;
            _struck[fault] = _struck.GetValueOrDefault(fault) + 1;
            return fault;
        }
    }
}
