using System.Globalization;
using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs.MultiNode;

/// <summary>Multi-node parallel jobs: one job whose nodes start and end together.</summary>
/// <remarks>Source: AWS Batch user guide, "Multi-node parallel jobs".</remarks>
public static class MultiNodeJobs
{
    /// <summary>How many parts a job has: children of an array, or nodes; null when it has none.</summary>
    public static int? PartsOf(JobSpec spec) => spec.ArraySize ?? spec.Nodes?.NumNodes;

    /// <summary>What one node runs, as if it were a job of its own.</summary>
    public static JobSpec OfNode(JobSpec job, int index)
    {
        var nodes = job.Nodes!;
        var range = RangeOf(nodes, index);
        var task = range.EcsProperties.IsGiven() ? range.EcsProperties!.TaskProperties![0] : null;
        var container = range.Container ?? new();
        return job with
        {
            Container = container,
            EcsTask = task,
            Needs = NeedsOf(range),
            // The whole job's: it is the main node that runs as long as the job.
            Timeout = index == nodes.MainNode ? job.Timeout : null,
            ConsumableResources = null,
        };
    }

    /// <summary>What a job, a child or a node runs.</summary>
    public static JobSpec SpecOf(JobRecord job) => IsNode(job) ? OfNode(job.Spec, job.Child!.Index) : job.Spec;

    /// <summary>Whether it is a node of a multi-node job.</summary>
    public static bool IsNode(JobRecord job) => job.Spec.Nodes is not null && job.Child is not null;

    /// <summary>The hosts that a job needs; null when it is no multi-node job.</summary>
    public static GangNeeds? HostsOf(JobSpec job)
    {
        if (job.Nodes is not { } nodes)
        {
            return null;
        }

        var used = Used(nodes).Select(range => NeedsOf(range.Properties)).ToArray();
        return new(
            new()
            {
                VcpuMillis = used.Max(needs => needs.VcpuMillis),
                MemoryMiB = used.Max(needs => needs.MemoryMiB),
                Gpus = used.Max(needs => needs.Gpus),
            },
            nodes.NumNodes!.Value,
            InstanceTypeOf(nodes.NodeRangeProperties!));
    }

    /// <summary>What all nodes need together.</summary>
    public static ResourceNeeds NeedsOf(NodeProperties nodes)
    {
        var (vcpuMillis, memoryMiB, gpus) = (0L, 0L, 0L);
        foreach (var (properties, count) in Used(nodes))
        {
            var needs = NeedsOf(properties);
            vcpuMillis += needs.VcpuMillis * count;
            memoryMiB += needs.MemoryMiB * count;
            gpus += (long)needs.Gpus * count;
        }

        // More GPUs than a number holds are nowhere anyway.
        return new() { VcpuMillis = vcpuMillis, MemoryMiB = memoryMiB, Gpus = (int)Math.Min(gpus, int.MaxValue) };
    }

    /// <summary>The ranges that any node follows, each with how many do.</summary>
    public static IEnumerable<(NodeRangeProperty Properties, int Count)> Used(NodeProperties nodes) =>
        Enumerable.Range(0, nodes.NumNodes!.Value).Select(index => RangeOf(nodes, index)).GroupBy(range => range, ReferenceEqualityComparer.Instance)
            .Select(group => ((NodeRangeProperty)group.Key!, group.Count()));

    /// <summary>What a node follows: of ranges inside one another the innermost.</summary>
    public static NodeRangeProperty RangeOf(NodeProperties nodes, int index)
    {
        NodeRangeProperty? innermost = null;
        var count = int.MaxValue;
        foreach (var properties in nodes.NodeRangeProperties!)
        {
            var range = NodeRange.Parse(properties.TargetNodes, nodes.NumNodes!.Value);
            if (range.Has(index) && range.Count < count)
            {
                (innermost, count) = (properties, range.Count);
            }
        }

        return innermost ?? throw new InvalidOperationException($"Node {index} is in no range.");
    }

    /// <summary>The instance type that all nodes run on; null when none is named.</summary>
    /// <exception cref="ValidationException">Several are named.</exception>
    internal static string? InstanceTypeOf(IEnumerable<NodeRangeProperty> ranges)
    {
        string[] types = [.. ranges.Select(range => range.Container?.InstanceType ?? (range.InstanceTypes is [var type, ..] ? type : null)).OfType<string>().Distinct()];
        return types.Length <= 1
            ? types.FirstOrDefault()
            : throw new ValidationException($"All nodes of a job must use the same instanceType, got {string.Join(", ", types)}.");
    }

    /// <summary>What a node is told of its job.</summary>
    /// <param name="job">The node.</param>
    /// <param name="mainAddress">The main node's address.</param>
    /// <remarks>Source: AWS Batch user guide, "Multi-node parallel jobs", environment variables.</remarks>
    internal static IEnumerable<KeyValuePair<string, string>> Variables(JobRecord job, string? mainAddress)
    {
        if (!IsNode(job))
        {
            return [];
        }

        var (nodes, index) = (job.Spec.Nodes!, job.Child!.Index);
        return
        [
            new("AWS_BATCH_JOB_NODE_INDEX", index.ToString(CultureInfo.InvariantCulture)),
            new("AWS_BATCH_JOB_NUM_NODES", nodes.NumNodes!.Value.ToString(CultureInfo.InvariantCulture)),
            new("AWS_BATCH_JOB_MAIN_NODE_INDEX", nodes.MainNode!.Value.ToString(CultureInfo.InvariantCulture)),
            .. index == nodes.MainNode || mainAddress is null
                ? Array.Empty<KeyValuePair<string, string>>()
                : [new("AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS", mainAddress)],
        ];
    }

    private static ResourceNeeds NeedsOf(NodeRangeProperty range) => range.EcsProperties.IsGiven()
        ? ResourceRules.NeedsOf(range.EcsProperties!.TaskProperties![0].Containers!, isFargate: false)
        : ResourceRules.NeedsOf(range.Container!, isFargate: false);
}
