using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Core.ConsumableResources;

/// <summary>What jobs may need of consumable resources.</summary>
/// <remarks>Source: AWS Batch API, RegisterJobDefinition.consumableResourceProperties and SubmitJob.consumableResourcePropertiesOverride.</remarks>
public static class ConsumableNeeds
{
    /// <summary>Resources that one job may need.</summary>
    public const int Maximum = 5;

    private const string ArnPart = ":consumable-resource/";

    /// <summary>Checks what can be checked without knowing the scope or what exists.</summary>
    /// <param name="properties">As given; null: none.</param>
    /// <param name="member">The request's member, for the message.</param>
    /// <exception cref="BatchClientException">There are too many, one is given twice, or one has no name or no quantity.</exception>
    public static void Check(ConsumableResourceProperties? properties, string member)
    {
        var list = properties?.ConsumableResourceList ?? [];
        if (list.Count > Maximum)
        {
            throw new BatchClientException($"{member} has {list.Count} consumable resources, at most {Maximum} are allowed.");
        }

        foreach (var one in list)
        {
            if (string.IsNullOrEmpty(one.ConsumableResource) || one.Quantity is null)
            {
                throw new BatchClientException($"Each entry of {member}.consumableResourceList needs consumableResource and quantity.");
            }

            if (!ResourceNames.IsValid(NameIn(one.ConsumableResource)))
            {
                throw new BatchClientException($"{member}: consumableResource '{one.ConsumableResource}' is neither a name nor an ARN of a consumable resource.");
            }

            if (one.Quantity < 0)
            {
                throw new BatchClientException($"{member}: quantity is {one.Quantity}, it must be at least 0.");
            }
        }

        if (list.DistinctBy(one => NameIn(one.ConsumableResource!)).Count() < list.Count)
        {
            throw new BatchClientException($"{member} names a consumable resource twice.");
        }
    }

    /// <summary>What a job needs: the definition's resources with the submission's quantities over them, then those that only the submission names. Both are checked.</summary>
    /// <returns>By resource, each once; null when it needs none.</returns>
    /// <exception cref="BatchClientException">One is of another scope, or there are too many.</exception>
    public static IReadOnlyList<ConsumableNeed>? Merge(ConsumableResourceProperties? defined, ConsumableResourceProperties? overriding, Scope scope)
    {
        List<ConsumableNeed> needs = [];
        foreach (var one in (defined?.ConsumableResourceList ?? []).Concat(overriding?.ConsumableResourceList ?? []))
        {
            var need = new ConsumableNeed
            {
                ResourceName = Arns.NameOf(ResourceKind.ConsumableResource, one.ConsumableResource!, scope),
                Quantity = one.Quantity!.Value,
            };
            var place = needs.FindIndex(other => other.ResourceName == need.ResourceName);
            if (place < 0)
            {
                needs.Add(need);
            }
            else
            {
                needs[place] = need;
            }
        }

        if (needs.Count > Maximum)
        {
            throw new BatchClientException($"The job needs {needs.Count} consumable resources, at most {Maximum} are allowed.");
        }

        return needs.Count == 0 ? null : needs;
    }

    /// <summary>What a job needs, as it is described; null when it needs none.</summary>
    public static ConsumableResourceProperties? Describe(IReadOnlyList<ConsumableNeed>? needs, Scope scope) => needs is not { Count: > 0 }
        ? null
        : new()
        {
            ConsumableResourceList =
            [
                .. needs.Select(need => new ConsumableResourceRequirement
                {
                    ConsumableResource = Arns.ConsumableResource(scope, need.ResourceName),
                    Quantity = need.Quantity,
                }),
            ],
        };

    private static string NameIn(string nameOrArn)
    {
        var at = nameOrArn.StartsWith("arn:", StringComparison.Ordinal) ? nameOrArn.IndexOf(ArnPart, StringComparison.Ordinal) : -1;
        return at < 0 ? nameOrArn : nameOrArn[(at + ArnPart.Length)..];
    }
}
