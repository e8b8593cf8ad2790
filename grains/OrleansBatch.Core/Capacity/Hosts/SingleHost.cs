using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>An environment that is one machine, as an UNMANAGED one is.</summary>
public static class SingleHost
{
    /// <summary>Of what waits, in order: what finds no place. Multi-node parallel jobs find none.</summary>
    /// <param name="waiting">What waits.</param>
    /// <param name="free">What is free of the machine.</param>
    public static ImmutableArray<WaitingGroup> Unmet(ImmutableArray<WaitingGroup> waiting, ResourceNeeds free)
    {
        var unmet = ImmutableArray.CreateBuilder<WaitingGroup>();
        foreach (var group in waiting)
        {
            var fit = group.Gang is not null ? 0 : (int)Math.Min(group.Count, HostPacking.Fits(free, group.Needs));
            free -= HostPacking.Times(group.Needs, fit);
            if (fit < group.Count)
            {
                unmet.Add(group with { Count = group.Count - fit });
            }
        }

        return unmet.DrainToImmutable();
    }
}
