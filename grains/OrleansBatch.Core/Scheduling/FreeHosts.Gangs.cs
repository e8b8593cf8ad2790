using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Scheduling;

/// <summary>Whole hosts for the nodes of multi-node parallel jobs.</summary>
internal sealed partial class FreeHosts
{
    /// <summary>Whether so many of one type have nothing on them.</summary>
    public bool Covers(GangNeeds gang) => Best([.. For(gang)], gang) is not null;

    /// <summary>Whether there are so many of one type as soon as others have come.</summary>
    public bool CoversWith(FreeHosts coming, GangNeeds gang) => Best([.. For(gang), .. coming.For(gang)], gang) is not null;

    /// <summary>Takes whole hosts of one type; false, and nothing is taken, when there are not so many.</summary>
    public bool TryTake(GangNeeds gang)
    {
        if (Best([.. For(gang)], gang) is not { } type)
        {
            return false;
        }

        var left = gang.Nodes;
        while (left > 0)
        {
            var index = _groups.FindIndex(group => group.IdleType == type && group.Free.Covers(gang.PerNode));
            var hosts = Math.Min(left, _groups[index].Count);
            Remove(index, hosts);
            left -= hosts;
        }

        return true;
    }

    private IEnumerable<HostGroup> For(GangNeeds gang) => _groups.Where(group => group.IdleType is { } type && GangHosts.IsFor(gang, type, group.Free));

    // The order of the types is that of GangHosts, but for their prices, which nobody knows here: the environment's own ledger has the last word.
    private static string? Best(HostGroup[] groups, GangNeeds gang) => groups
        .GroupBy(group => group.IdleType, StringComparer.Ordinal)
        .Where(type => type.Sum(group => (long)group.Count) >= gang.Nodes)
        .OrderBy(type => type.Min(Measure)).ThenBy(type => type.Key, StringComparer.Ordinal)
        .FirstOrDefault()?.Key;
}
