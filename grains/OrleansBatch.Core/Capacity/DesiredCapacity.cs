using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity;

/// <summary>How many vCPUs a managed environment has now.</summary>
public static class DesiredCapacity
{
    /// <summary>What is in use, rounded up to whole vCPUs, but no fewer than its minimum and what was asked for by hand.</summary>
    public static int Of(ComputeEnvironmentConfiguration environment, ResourceNeeds inUse)
    {
        var used = (int)Math.Min(int.MaxValue, (inUse.VcpuMillis + 999) / 1000);
        return environment.ComputeResources is { } resources
            ? Math.Max(used, Math.Max(resources.MinvCpus ?? 0, resources.DesiredvCpus ?? 0))
            : used;
    }
}
