using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>What each queue has said that waits there for one environment. Belongs to one grain.</summary>
internal sealed class QueueDemandBook
{
    private readonly Dictionary<string, Entry> _queues = new(StringComparer.Ordinal);

    /// <summary>What waits, the queue that goes first, first: by priority, then the one whose head is oldest.</summary>
    public IReadOnlyList<QueueDemand> InOrder => _queues.Count == 1
        ? [.. _queues.Select(Demand)]
        : [.. _queues.OrderByDescending(queue => queue.Value.Priority).ThenBy(queue => queue.Value.HeadSequence).ThenBy(queue => queue.Key, StringComparer.Ordinal).Select(Demand)];

    /// <summary>A queue says what waits.</summary>
    public void Tell(string queueKey, int priority, long headSequence, ImmutableArray<WaitingGroup> waiting)
    {
        if (waiting.IsDefaultOrEmpty)
        {
            Forget(queueKey);
        }
        else
        {
            _queues[queueKey] = new(priority, headSequence, waiting);
        }
    }

    /// <summary>Jobs of a queue got places, and wait no more.</summary>
    public void Served(string queueKey, IEnumerable<WaitingGroup> jobs)
    {
        if (!_queues.TryGetValue(queueKey, out var entry))
        {
            return;
        }

        // A multi-node job goes by its hosts alone.
        var served = new Dictionary<(Model.ResourceNeeds, GangNeeds?), int>();
        foreach (var job in jobs)
        {
            served[KeyOf(job)] = served.GetValueOrDefault(KeyOf(job)) + job.Count;
        }

        ImmutableArray<WaitingGroup> left =
        [
            .. entry.Waiting
                .Select(group => group with { Count = group.Count - served.GetValueOrDefault(KeyOf(group)) })
                .Where(group => group.Count > 0),
        ];
        Tell(queueKey, entry.Priority, entry.HeadSequence, left);
    }

    /// <summary>A queue waits for nothing.</summary>
    public void Forget(string queueKey) => _queues.Remove(queueKey);

    private static (Model.ResourceNeeds, GangNeeds?) KeyOf(WaitingGroup job) => (job.Gang is null ? job.Needs : default, job.Gang);

    private static QueueDemand Demand(KeyValuePair<string, Entry> queue) =>
        new(queue.Key, [.. queue.Value.Waiting.Select(group => new Demand(group.Needs, group.Count) { Gang = group.Gang })]);

    private sealed record Entry(int Priority, long HeadSequence, ImmutableArray<WaitingGroup> Waiting);
}
