using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What nodeProperties may hold.</summary>
/// <remarks>Source: AWS Batch API, NodeProperties and NodeRangeProperty; the texts were measured against the live service.</remarks>
internal static class NodeRules
{
    /// <summary>Nodes of a job.</summary>
    public const int MostNodes = 1000;
    private const int MostRanges = 5;

    /// <summary>Whether it asks for something: clients also send empty objects, which ask for nothing.</summary>
    public static bool IsGiven(this NodeProperties? properties) => properties is not null && properties != new NodeProperties();

    /// <summary>Checks nodeProperties.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void Check(NodeProperties properties)
    {
        CheckNumbers(properties.NumNodes, properties.MainNode);
        var given = properties.NodeRangeProperties ?? [];
        if (given.Count > MostRanges)
        {
            throw new ValidationException($"Maximum allowed size of node range properties is {MostRanges}");
        }

        if (given.Count == 0 || given.Any(range => range is null))
        {
            throw new ValidationException("nodeRangeProperties must have at least 1 node range.");
        }

        var ranges = given.Select(range => NodeRange.Parse(range.TargetNodes, properties.NumNodes!.Value)).ToArray();
        CheckRanges(ranges, properties.NumNodes!.Value);
        foreach (var range in given)
        {
            Check(range);
        }

        _ = MultiNodeJobs.InstanceTypeOf(given);
    }

    /// <summary>Checks how many nodes there are, and which is the main one.</summary>
    /// <exception cref="ValidationException">One is missing or out of range.</exception>
    public static void CheckNumbers(int? numNodes, int? mainNode)
    {
        if (numNodes is not (>= 1 and <= MostNodes))
        {
            throw new ValidationException($"Number of nodes must be between 1 and {MostNodes}.");
        }

        if (mainNode is null)
        {
            throw new ValidationException("mainNode is required.");
        }

        if (mainNode < 0 || mainNode >= numNodes)
        {
            throw new ValidationException("Main node index is out of range, must be less than numNodes.");
        }
    }

    /// <summary>Every node must be in one, and of two that meet one must be inside the other.</summary>
    private static void CheckRanges(NodeRange[] ranges, int nodes)
    {
        if (Enumerable.Range(0, nodes).Where(index => !ranges.Any(range => range.Has(index))).Select(index => (int?)index).FirstOrDefault() is { } missing)
        {
            throw new ValidationException($"nodeRangeProperties must cover all nodes from 0 to {nodes - 1}: node {missing} is in no range.");
        }

        for (var i = 0; i < ranges.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (ranges[i].Meets(ranges[j]) && !ranges[i].Has(ranges[j]) && !ranges[j].Has(ranges[i]))
                {
                    throw new ValidationException($"Node ranges {ranges[j]} and {ranges[i]} overlap: a range may only be inside another one.");
                }

                if (ranges[i].Has(ranges[j]) && ranges[j].Has(ranges[i]))
                {
                    throw new ValidationException($"Node range {ranges[i]} is given twice.");
                }
            }
        }
    }

    private static void Check(NodeRangeProperty range)
    {
        var (container, ecs, eks) = (range.Container is not null, range.EcsProperties.IsGiven(), range.EksProperties.IsGiven());
        var clash = (container, ecs, eks) switch
        {
            (true, true, _) => "NodeRangeProperties can not use both ecsProperties and container fields",
            (true, _, true) => "NodeRangeProperties can not use both eksProperties and container fields",
            (_, true, true) => "NodeRangeProperties can not use both ecsProperties and eksProperties fields",
            (false, false, false) => $"Must specify container for node range {range.TargetNodes}",
            _ => null,
        };
        if (clash is not null)
        {
            throw new ValidationException(clash);
        }

        if (eks)
        {
            throw Unavailable.Feature("eksProperties");
        }

        if (range.InstanceTypes is { Count: > 0 } types)
        {
            if (!ecs)
            {
                throw new ValidationException("Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs.");
            }

            if (types.Count > 1 || string.IsNullOrEmpty(types[0]))
            {
                throw new ValidationException($"instanceTypes of node range {range.TargetNodes} must have exactly 1 instance type, got {types.Count}.");
            }
        }

        ConsumableNeeds.Check(range.ConsumableResourceProperties, "nodeRangeProperties.consumableResourceProperties");
        if (ecs)
        {
            EcsTaskRules.Check(range.EcsProperties!, "EC2");
        }
        else
        {
            ContainerRules.CheckOfNode(range.Container!);
        }
    }
}
