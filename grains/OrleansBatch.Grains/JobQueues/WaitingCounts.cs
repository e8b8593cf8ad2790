using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>How many jobs of a line have which needs: kept with every move, never counted.</summary>
internal sealed class WaitingCounts
{
    private readonly Dictionary<ResourceNeeds, int> _counts = [];

    /// <summary>Some come, or with a negative number leave.</summary>
    public void Add(ResourceNeeds needs, int jobs)
    {
        if (jobs == 0)
        {
            return;
        }

        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, needs, out _);
        count += jobs;
        if (count <= 0)
        {
            _ = _counts.Remove(needs);
        }
    }

    /// <summary>Groups of equal needs, those of the job at the head first.</summary>
    /// <param name="head">What the job at the head needs.</param>
    /// <param name="most">Groups at most: the others come when they are nearer to the head.</param>
    public ImmutableArray<WaitingGroup> Groups(ResourceNeeds head, int most)
    {
        var first = _counts.GetValueOrDefault(head, 1);
        return _counts.Count <= 1
            ? [new(head, first)]
            : [new(head, first), .. _counts.Where(group => group.Key != head).Take(most - 1).Select(group => new WaitingGroup(group.Key, group.Value))];
    }
}
