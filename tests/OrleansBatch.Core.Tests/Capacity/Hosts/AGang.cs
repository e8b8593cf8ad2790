using System.Collections.Immutable;
using OrleansBatch.Core.Capacity;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Tests.Capacity.Hosts;

/// <summary>Multi-node parallel jobs, in whole vCPUs and MiB for each node.</summary>
internal static class AGang
{
    public static GangNeeds Of(int nodes, int vcpus = 1, int memoryMiB = 1024, string? type = null, int gpus = 0) =>
        new(AHost.Needs(vcpus, memoryMiB, gpus), nodes, type);

    /// <summary>One for each node, such as <c>r#0</c>.</summary>
    public static ImmutableArray<Reservation> Reservations(this GangNeeds gang, string id = "r") =>
        [.. Enumerable.Range(0, gang.Nodes).Select(node => AHost.Reservation($"{id}#{node}", gang.PerNode))];
}
