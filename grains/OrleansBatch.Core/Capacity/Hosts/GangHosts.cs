using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>Which hosts a multi-node parallel job may have.</summary>
/// <remarks>Source: AWS Batch user guide, "Multi-node parallel jobs": a node has its instance for itself, all instances are of one type.</remarks>
public static class GangHosts
{
    /// <summary>The types that are taken first: those with the fewest GPUs, then vCPUs, then memory, then the cheaper, then by name.</summary>
    public static IComparer<InstanceType> Order { get; } = Comparer<InstanceType>.Create((one, other) =>
    {
        var order = (one.Gpus, one.Vcpus, one.RegisteredMemoryMiB, one.UsdPerHour).CompareTo((other.Gpus, other.Vcpus, other.RegisteredMemoryMiB, other.UsdPerHour));
        return order != 0 ? order : string.CompareOrdinal(one.Name, other.Name);
    });

    /// <summary>Whether a host of this type and capacity is large enough for any of its nodes, and the one that is asked for.</summary>
    public static bool IsFor(GangNeeds gang, string instanceType, ResourceNeeds capacity) =>
        (gang.InstanceType is null || gang.InstanceType == instanceType) && capacity.Covers(gang.PerNode);

    /// <summary>Whether a type is large enough for any of its nodes, and the one that is asked for.</summary>
    public static bool IsFor(GangNeeds gang, InstanceType type) => IsFor(gang, type.Name, type.Capacity);
}
