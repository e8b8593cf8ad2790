using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Scheduling;

/// <summary>Queues with environments and waiting jobs, in whole vCPUs and GiB.</summary>
internal static class AQueue
{
    public static QueueSnapshot Of(EnvironmentSnapshot[] environments, params WaitingJob[] jobs) =>
        new() { Runnable = jobs, Environments = [.. environments], Limit = 1000 };

    public static EnvironmentSnapshot Environment(
        string name, ResourceNeeds free, ResourceNeeds? maximum = null, bool isValid = true, bool isEnabled = true) =>
        new(name, isValid, isEnabled, free, maximum ?? free);

    public static WaitingJob Job(string id, int vcpus, int memoryGiB = 1, int gpus = 0) => new(id, Needs(vcpus, memoryGiB, gpus));

    public static ResourceNeeds Needs(int vcpus, int memoryGiB = 1, int gpus = 0) =>
        new() { VcpuMillis = vcpus * 1000L, MemoryMiB = memoryGiB * 1024L, Gpus = gpus };
}
