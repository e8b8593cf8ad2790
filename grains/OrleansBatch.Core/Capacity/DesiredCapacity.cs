using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity;

/// <summary>How many vCPUs a managed environment has now, or is getting.</summary>
public static class DesiredCapacity
{
    /// <summary>Those of its hosts that are not about to go; within its minimum and its maximum, also when the last host is larger than that.</summary>
    /// <remarks>Source: AWS Batch API, ComputeResource.desiredvCpus.</remarks>
    public static int Of(ComputeEnvironmentConfiguration environment, ImmutableArray<Host> hosts) => environment.ComputeResources is { MaxvCpus: { } max } resources
        ? Math.Max(resources.MinvCpus ?? 0, Math.Min(max, hosts.Where(host => host.State is HostState.Active or HostState.Launching).Sum(host => host.Type.Vcpus)))
        : 0;
}
