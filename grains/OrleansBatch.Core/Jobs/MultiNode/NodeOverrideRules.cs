using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs.MultiNode;

/// <summary>Works a submission's overrides into its definition's nodes.</summary>
/// <remarks>Source: AWS Batch API, NodeOverrides and NodePropertyOverride.</remarks>
internal static class NodeOverrideRules
{
    private const string Place = "nodeOverrides.nodePropertyOverrides";
    private const int Most = 5;

    /// <summary>Whether it asks for something: clients also send empty objects and lists, which ask for nothing.</summary>
    public static bool IsGiven(this NodeOverrides? overrides) => overrides is { NumNodes: not null } or { NodePropertyOverrides.Count: > 0 };

    /// <summary>Checks what needs no definition.</summary>
    /// <exception cref="BatchClientException">A member breaks a rule.</exception>
    public static void Check(NodeOverrides? overrides)
    {
        if (!overrides.IsGiven())
        {
            return;
        }

        if (overrides!.NumNodes is not null and not (>= 1 and <= NodeRules.MostNodes))
        {
            throw new BatchClientException($"nodeOverrides.numNodes must be between 1 and {NodeRules.MostNodes}, got {overrides.NumNodes}.");
        }

        if (overrides.NodePropertyOverrides?.Count > Most)
        {
            throw new BatchClientException($"{Place} can have at most {Most} elements, got {overrides.NodePropertyOverrides.Count}.");
        }

        foreach (var one in overrides.NodePropertyOverrides ?? [])
        {
            if (one is null || string.IsNullOrEmpty(one.TargetNodes))
            {
                throw new BatchClientException($"{Place}: every element needs targetNodes.");
            }

            if (one.EksPropertiesOverride.IsGiven())
            {
                throw new BatchClientException($"{Place}.eksPropertiesOverride: jobs on EKS are not supported yet.");
            }

            Overrides.Check(one.ContainerOverrides, $"{Place}.containerOverrides", isNode: true);
            EcsOverrides.Check(one.EcsPropertiesOverride);
            ConsumableNeeds.Check(one.ConsumableResourcePropertiesOverride, $"{Place}.consumableResourcePropertiesOverride");
            if (one.InstanceTypes?.Any(string.IsNullOrEmpty) == true)
            {
                throw new BatchClientException($"{Place}.instanceTypes must not contain an empty string.");
            }

            if (one.InstanceTypes is { Count: > 1 } types)
            {
                throw new BatchClientException($"{Place}.instanceTypes can have at most 1 element, got {types.Count}.");
            }
        }
    }

    /// <summary>The nodes with the overrides over them, and parameters in their commands. <see cref="Check"/> has accepted them.</summary>
    /// <exception cref="BatchClientException">They do not fit the definition, or a reference has no value.</exception>
    public static NodeProperties Over(NodeProperties defined, NodeOverrides? overrides, IReadOnlyDictionary<string, string> parameters)
    {
        var nodes = WithNumber(defined, overrides?.NumNodes);
        var given = (overrides?.NodePropertyOverrides ?? []).Select(one => (Range: NodeRange.Parse(one.TargetNodes, nodes.NumNodes!.Value), Override: one)).ToArray();
        var ranges = given.Length == 0
            ? nodes.NodeRangeProperties!.Select(range => Over(range, [], parameters))
            : Pieces(nodes, [.. given.Select(one => one.Range)]).Select(piece =>
                Over(piece.Properties, [.. given.Where(one => one.Range.Has(piece.Range)).Select(one => one.Override)], parameters) with { TargetNodes = piece.Range.ToString() });
        nodes = nodes with { NodeRangeProperties = [.. ranges] };
        _ = MultiNodeJobs.InstanceTypeOf(nodes.NodeRangeProperties);
        foreach (var (range, _) in MultiNodeJobs.Used(nodes))
        {
            // Overrides may have left something out of range.
            _ = range.EcsProperties.IsGiven()
                ? ResourceRules.NeedsOf(range.EcsProperties!.TaskProperties![0].Containers!, isFargate: false)
                : ResourceRules.NeedsOf(range.Container!, isFargate: false);
        }

        return nodes;
    }

    /// <summary>Characters of the longest of the nodes' overrides, as their task gets them.</summary>
    public static int Length(NodeProperties nodes, NodeOverrides? overrides) => (overrides?.NodePropertyOverrides ?? [])
        .Select(one =>
        {
            var range = MultiNodeJobs.RangeOf(nodes, NodeRange.Parse(one.TargetNodes, nodes.NumNodes!.Value).First);
            return range.EcsProperties.IsGiven()
                ? EcsOverrides.Length(one.EcsPropertiesOverride, range.EcsProperties!.TaskProperties![0])
                : Overrides.Length(one.ContainerOverrides, range.Container!);
        })
        .DefaultIfEmpty(0)
        .Max();

    /// <summary>What the whole job takes of consumable resources: its own needs once, and each node's.</summary>
    /// <exception cref="BatchClientException">One is of another scope, or there are too many.</exception>
    public static IReadOnlyList<ConsumableNeed>? Consumables(IReadOnlyList<ConsumableNeed>? ofJob, NodeProperties nodes, Scope scope)
    {
        Dictionary<string, long> all = new(StringComparer.Ordinal);
        foreach (var need in ofJob ?? [])
        {
            all[need.ResourceName] = need.Quantity;
        }

        foreach (var (range, count) in MultiNodeJobs.Used(nodes))
        {
            foreach (var need in ConsumableNeeds.Merge(range.ConsumableResourceProperties, null, scope) ?? [])
            {
                var quantity = (Int128)all.GetValueOrDefault(need.ResourceName) + ((Int128)need.Quantity * count);
                all[need.ResourceName] = quantity <= long.MaxValue
                    ? (long)quantity
                    : throw new BatchClientException($"The nodes together need {quantity} of consumable resource {need.ResourceName}, more than there can be.");
            }
        }

        return all.Count == 0 ? null : [.. all.Select(need => new ConsumableNeed { ResourceName = need.Key, Quantity = need.Value })];
    }

    private static NodeProperties WithNumber(NodeProperties defined, int? numNodes)
    {
        if (numNodes is not { } number)
        {
            return defined;
        }

        NodeRules.CheckNumbers(number, defined.MainNode);
        var before = defined.NodeRangeProperties!.Select(range => NodeRange.Parse(range.TargetNodes, defined.NumNodes!.Value)).ToArray();
        if (!before.Any(range => range.IsOpen))
        {
            throw new BatchClientException("nodeOverrides.numNodes needs a job definition with a node range that is open to the end, such as 0:.");
        }

        if (before.Where(range => range.First >= number).Select(range => (NodeRange?)range).FirstOrDefault() is { } beyond)
        {
            throw new BatchClientException($"nodeOverrides.numNodes is {number}, it must be above the first node {beyond.First} of every node range of the job definition.");
        }

        // One that was written with an end keeps it, unless that is beyond the last node now.
        return defined with
        {
            NumNodes = number,
            NodeRangeProperties =
            [
                .. defined.NodeRangeProperties!.Zip(before, (range, parsed) => parsed.IsOpen || parsed.Last < number
                    ? range
                    : range with { TargetNodes = new NodeRange(parsed.First, number - 1, IsOpen: false).ToString() }),
            ],
        };
    }

    /// <summary>Runs of nodes that follow one range and take the same overrides.</summary>
    private static IEnumerable<(NodeRange Range, NodeRangeProperty Properties)> Pieces(NodeProperties nodes, NodeRange[] overrides)
    {
        var first = 0;
        for (var index = 0; index < nodes.NumNodes; index++)
        {
            var properties = MultiNodeJobs.RangeOf(nodes, index);
            if (index == nodes.NumNodes - 1
                || !ReferenceEquals(properties, MultiNodeJobs.RangeOf(nodes, index + 1))
                || overrides.Any(range => range.Has(index) != range.Has(index + 1)))
            {
                yield return (new(first, index, IsOpen: false), properties);
                first = index + 1;
            }
        }
    }

    private static NodeRangeProperty Over(NodeRangeProperty range, IReadOnlyList<NodePropertyOverride> overrides, IReadOnlyDictionary<string, string> parameters)
    {
        foreach (var one in overrides)
        {
            range = Over(range, one);
        }

        return range.EcsProperties.IsGiven()
            ? range with { EcsProperties = new() { TaskProperties = [EcsOverrides.Over(range.EcsProperties!.TaskProperties![0], null, parameters)] } }
            : range with { Container = range.Container! with { Command = ParameterSubstitution.InCommand(range.Container.Command ?? [], parameters) } };
    }

    private static NodeRangeProperty Over(NodeRangeProperty range, NodePropertyOverride one)
    {
        var consumables = Merge(range.ConsumableResourceProperties, one.ConsumableResourcePropertiesOverride);
        if (range.EcsProperties.IsGiven())
        {
            if (one.ContainerOverrides is { } container && container != new ContainerOverrides())
            {
                throw new BatchClientException($"{Place}.containerOverrides is only applicable for nodes with a container.");
            }

            return range with
            {
                EcsProperties = new() { TaskProperties = [EcsOverrides.Merge(range.EcsProperties!.TaskProperties![0], one.EcsPropertiesOverride)] },
                InstanceTypes = one.InstanceTypes is { Count: > 0 } ? one.InstanceTypes : range.InstanceTypes,
                ConsumableResourceProperties = consumables,
            };
        }

        if (one.EcsPropertiesOverride.IsGiven())
        {
            throw new BatchClientException($"{Place}.ecsPropertiesOverride is only applicable for nodes with ecsProperties.");
        }

        if (one.InstanceTypes is { Count: > 0 })
        {
            throw new BatchClientException($"{Place}.instanceTypes is only applicable for nodes with ecsProperties.");
        }

        return range with
        {
            Container = Overrides.Over(range.Container!, one.ContainerOverrides, isFargate: false) with
            {
                InstanceType = one.ContainerOverrides?.InstanceType ?? range.Container!.InstanceType,
            },
            ConsumableResourceProperties = consumables,
        };
    }

    private static ConsumableResourceProperties? Merge(ConsumableResourceProperties? below, ConsumableResourceProperties? above) => above is null
        ? below
        : new() { ConsumableResourceList = Overrides.Merge(below?.ConsumableResourceList, above.ConsumableResourceList, one => one.ConsumableResource) };
}
