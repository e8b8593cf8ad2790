using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>An environment whose hosts are machines, as they are: an UNMANAGED one.</summary>
public static class MachineHosts
{
    /// <summary>A machine that takes jobs.</summary>
    /// <param name="nodeId">The machine; its host has the same id.</param>
    /// <param name="capacity">What it really has.</param>
    /// <param name="now">The time.</param>
    public static Host Of(string nodeId, ResourceNeeds capacity, DateTimeOffset now) =>
        Host.Launch(nodeId, InstanceType.OfMachine("machine", capacity), PurchaseOption.OnDemand, now, TimeSpan.Zero) with { NodeId = nodeId };

    /// <summary>Of what waits, in order: what finds no place on any machine. Multi-node parallel jobs find none.</summary>
    /// <param name="waiting">What waits.</param>
    /// <param name="machines">The environment's hosts.</param>
    public static ImmutableArray<WaitingGroup> Unmet(ImmutableArray<WaitingGroup> waiting, IEnumerable<Host> machines)
    {
        var packing = new HostPacking();
        foreach (var machine in machines.Where(machine => machine is { State: HostState.Active, IsClosed: false }))
        {
            packing.Add(machine.Id, machine.Free, machine.Capacity.Gpus > 0);
        }

        var unmet = ImmutableArray.CreateBuilder<WaitingGroup>();
        foreach (var group in waiting)
        {
            var left = group.Count;
            while (group.Gang is null && left > 0 && packing.PlaceMany(group.Needs, left) is { } placed)
            {
                left -= placed.Count;
            }

            if (left > 0)
            {
                unmet.Add(group with { Count = left });
            }
        }

        return unmet.DrainToImmutable();
    }

    /// <summary>What machines could give to one job if nothing else ran: vCPUs as far as all of them have, memory and GPUs as far as any has.</summary>
    /// <param name="capacities">Of each; at least one.</param>
    public static ResourceNeeds Maximum(IReadOnlyList<ResourceNeeds> capacities) => new()
    {
        VcpuMillis = capacities.Sum(one => one.VcpuMillis),
        MemoryMiB = capacities.Max(one => one.MemoryMiB),
        Gpus = capacities.Max(one => one.Gpus),
    };
}
