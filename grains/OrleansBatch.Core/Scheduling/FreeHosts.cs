using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Scheduling;

/// <summary>What is free on an environment's hosts while a round gives it to jobs.</summary>
/// <remarks>Equal hosts are one entry: a round costs what it places, however many hosts there are.</remarks>
internal sealed partial class FreeHosts
{
    private readonly List<HostGroup> _groups;

    public FreeHosts(IEnumerable<HostGroup> groups) => _groups = [.. groups];

    /// <summary>Thousandths of a vCPU that are free in all.</summary>
    public long VcpuMillis => _groups.Sum(group => Math.Max(0, group.Free.VcpuMillis) * group.Count);

    /// <summary>Takes what a job needs; false, and nothing is taken, when it has no room.</summary>
    public bool TryTake(WaitingJob job) => job.Gang is { } gang ? TryTake(gang) : TryTake(job.Needs);

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

        var left = _groups[best].Free - needs;
        Remove(best, 1);
        var equal = _groups.FindIndex(other => other.Free == left && other.IdleType is null);
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

    private void Remove(int index, int hosts)
    {
        if (_groups[index].Count == hosts)
        {
            _groups.RemoveAt(index);
        }
        else
        {
            _groups[index] = _groups[index] with { Count = _groups[index].Count - hosts };
        }
    }

    private int Best(ResourceNeeds needs)
    {
        var best = -1;
        for (var index = 0; index < _groups.Count; index++)
        {
            if (_groups[index].Free.Covers(needs) && (best < 0 || IsBetter(_groups[index], _groups[best])))
            {
                best = index;
            }
        }

        return best;
    }

    // As HostPacking has it: GPUs are the scarcest. Of equal ones one that is of no use to a job of several nodes.
    private static bool IsBetter(HostGroup one, HostGroup other) =>
        Measure(one).CompareTo(Measure(other)) < 0;

    private static (int Gpus, long VcpuMillis, long MemoryMiB, bool IsIdle) Measure(HostGroup group) =>
        (group.Free.Gpus, group.Free.VcpuMillis, group.Free.MemoryMiB, group.IdleType is not null);
}
