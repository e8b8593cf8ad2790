using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Scheduling;

/// <summary>What is free on an environment's hosts while a round gives it to jobs.</summary>
/// <remarks>Equal hosts are one entry: a round costs what it places, however many hosts there are.</remarks>
internal sealed class FreeHosts
{
    private readonly List<HostGroup> _groups;

    public FreeHosts(IEnumerable<HostGroup> groups) => _groups = [.. groups];

    /// <summary>Thousandths of a vCPU that are free in all.</summary>
    public long VcpuMillis => _groups.Sum(group => Math.Max(0, group.Free.VcpuMillis) * group.Count);

    /// <summary>Whether one of them has room.</summary>
    public bool Covers(ResourceNeeds needs) => Best(needs) >= 0;

    /// <summary>Takes it from the host on which it leaves the least; false when it fits on none.</summary>
    public bool TryTake(ResourceNeeds needs)
    {
        var best = Best(needs);
        if (best < 0)
        {
            return false;
        }

        var group = _groups[best];
        var left = group.Free - needs;
        if (group.Count == 1)
        {
            _groups.RemoveAt(best);
        }
        else
        {
            _groups[best] = group with { Count = group.Count - 1 };
        }

        var equal = _groups.FindIndex(other => other.Free == left);
        if (equal < 0)
        {
            _groups.Add(new(left, 1));
        }
        else
        {
            _groups[equal] = _groups[equal] with { Count = _groups[equal].Count + 1 };
        }

        return true;
    }

    private int Best(ResourceNeeds needs)
    {
        var best = -1;
        for (var index = 0; index < _groups.Count; index++)
        {
            var free = _groups[index].Free;
            if (free.Covers(needs) && (best < 0 || IsLess(free, _groups[best].Free)))
            {
                best = index;
            }
        }

        return best;
    }

    // As HostPacking has it: GPUs are the scarcest.
    private static bool IsLess(ResourceNeeds left, ResourceNeeds right) =>
        (left.Gpus, left.VcpuMillis, left.MemoryMiB).CompareTo((right.Gpus, right.VcpuMillis, right.MemoryMiB)) < 0;
}
