using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>How many jobs of a line have which needs: kept with every move, never counted.</summary>
internal sealed class WaitingCounts
{
    private readonly Dictionary<(ResourceNeeds Needs, GangNeeds? Gang), int> _counts = [];

    /// <summary>Some come, or with a negative number leave.</summary>
    /// <param name="like">A job with their needs.</param>
    /// <param name="jobs">How many.</param>
    public void Add(QueueEntry like, int jobs)
    {
        if (jobs == 0)
        {
            return;
        }

        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, (like.Needs, like.Gang), out _);
        count += jobs;
        if (count <= 0)
        {
            _ = _counts.Remove((like.Needs, like.Gang));
        }
    }

    /// <summary>Groups of equal needs, those of the job at the head first.</summary>
    /// <param name="head">The job at the head.</param>
    /// <param name="most">Groups at most: the others come when they are nearer to the head.</param>
    public ImmutableArray<WaitingGroup> Groups(QueueEntry head, int most)
    {
        var key = (head.Needs, head.Gang);
        var first = new WaitingGroup(head.Needs, _counts.GetValueOrDefault(key, 1), head.Gang);
        return _counts.Count <= 1
            ? [first]
            : [first, .. _counts.Where(group => group.Key != key).Take(most - 1).Select(group => new WaitingGroup(group.Key.Needs, group.Value, group.Key.Gang))];
    }
}
