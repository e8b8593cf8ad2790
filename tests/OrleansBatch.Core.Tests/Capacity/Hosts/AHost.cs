using OrleansBatch.Core.Capacity;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Capacity.Hosts;

/// <summary>Hosts and what jobs need of them, in whole vCPUs and MiB.</summary>
internal static class AHost
{
    public static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static ResourceNeeds Needs(int vcpus, int memoryMiB = 1024, int gpus = 0) =>
        new() { VcpuMillis = vcpus * 1000L, MemoryMiB = memoryMiB, Gpus = gpus };

    public static Host Of(string id, string type = "m5.xlarge", ResourceNeeds used = default) =>
        Host.Launch(id, InstanceCatalogue.BuiltIn.Find(type)!, PurchaseOption.OnDemand, Noon, TimeSpan.Zero) with
        {
            Used = used,
            Reservations = used == default ? 0 : 1,
            IdleSince = used == default ? Noon : null,
            WasUsed = used != default,
        };

    public static Host OfSize(string id, ResourceNeeds capacity) =>
        Host.Launch(id, InstanceType.OfMachine("local", capacity), PurchaseOption.OnDemand, Noon, TimeSpan.Zero);

    public static Reservation Reservation(string id, ResourceNeeds needs) => new(id, $"job-{id}", needs, Noon, IsLaunched: false);
}
