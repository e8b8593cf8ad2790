using System.Globalization;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a container may ask of a host.</summary>
/// <remarks>Source: AWS Batch API, ResourceRequirement and the deprecated members vcpus and memory.</remarks>
public static class ResourceRules
{
    private const int MinimumMemoryMiB = 4;

    /// <summary>What the container needs.</summary>
    /// <exception cref="BatchClientException">A need is missing, given twice, no number, or out of range.</exception>
    public static ResourceNeeds NeedsOf(ContainerProperties container, bool isFargate)
    {
        var requirements = container.ResourceRequirements ?? [];
        CheckTypes(requirements);
        CheckLegacy(container, isFargate);

        var vcpus = container.Vcpus?.ToString(CultureInfo.InvariantCulture) ?? Value(requirements, "VCPU");
        var memory = container.Memory?.ToString(CultureInfo.InvariantCulture) ?? Value(requirements, "MEMORY");
        var needs = new ResourceNeeds
        {
            VcpuMillis = VcpuMillis(vcpus, isFargate),
            MemoryMiB = MemoryMiB(memory),
            Gpus = Gpus(Value(requirements, "GPU"), isFargate),
        };

        return isFargate ? Pair(needs, vcpus, memory) : needs;
    }

    /// <summary>What the containers of a task need together.</summary>
    /// <exception cref="BatchClientException">As for one container; on Fargate only the sum must be a size that there is.</exception>
    public static ResourceNeeds NeedsOf(IReadOnlyList<TaskContainerProperties> containers, bool isFargate)
    {
        var sum = containers.Aggregate(default(ResourceNeeds), (needs, container) => needs + InTask(container.ResourceRequirements ?? [], isFargate));
        return isFargate
            ? Pair(sum, (sum.VcpuMillis / 1000m).ToString(CultureInfo.InvariantCulture), sum.MemoryMiB.ToString(CultureInfo.InvariantCulture))
            : sum;
    }

    /// <summary>What one container of a task needs.</summary>
    /// <exception cref="BatchClientException">A need is missing, given twice, no number, or out of range.</exception>
    public static ResourceNeeds InTask(IReadOnlyList<ResourceRequirement> requirements, bool isFargate)
    {
        CheckTypes(requirements);
        var vcpus = Value(requirements, "VCPU");
        return new()
        {
            VcpuMillis = isFargate ? PartOfVcpuMillis(vcpus) : VcpuMillis(vcpus, isFargate: false),
            MemoryMiB = MemoryMiB(Value(requirements, "MEMORY")),
            Gpus = Gpus(Value(requirements, "GPU"), isFargate),
        };
    }

    /// <summary>Checks that each type is one, and given once; no requirements are allowed.</summary>
    /// <exception cref="BatchClientException">A type is none, or given twice.</exception>
    public static void CheckTypes(IReadOnlyList<ResourceRequirement>? requirements)
    {
        HashSet<string> seen = [];
        foreach (var requirement in requirements ?? [])
        {
            if (requirement?.Type is not ("VCPU" or "MEMORY" or "GPU"))
            {
                throw new BatchClientException($"Type '{requirement?.Type}' in resourceRequirements is not valid. Valid types are: [VCPU, MEMORY, GPU].");
            }

            if (!seen.Add(requirement.Type))
            {
                throw new BatchClientException("Cannot provide duplicates in resourceRequirements.");
            }
        }
    }

    private static ResourceNeeds Pair(ResourceNeeds needs, string? vcpus, string? memory) =>
        FargateSizes.Has(needs.VcpuMillis, needs.MemoryMiB)
            ? needs
            : throw new BatchClientException($"Fargate resource requirements (VCPU {vcpus}, MEMORY {memory}) are not a valid pair.");

    /// <summary>A container's part of a Fargate task: a whole number of thousandths above 0.</summary>
    private static long PartOfVcpuMillis(string? text)
    {
        if (text is null)
        {
            throw new BatchClientException("vCPU is required.");
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var vcpus)
            && vcpus is > 0 and <= int.MaxValue && vcpus * 1000 == decimal.Truncate(vcpus * 1000)
            ? (long)(vcpus * 1000)
            : throw NotNumeric(text, "VCPU");
    }

    private static void CheckLegacy(ContainerProperties container, bool isFargate)
    {
        CheckLegacy("vcpus", container.Vcpus, "VCPU");
        CheckLegacy("memory", container.Memory, "MEMORY");

        void CheckLegacy(string member, int? value, string type)
        {
            if (value is null)
            {
                return;
            }

            if (isFargate)
            {
                throw new BatchClientException($"{member} is not applicable for Fargate. Use resourceRequirements.");
            }

            if (Value(container.ResourceRequirements ?? [], type) is not null)
            {
                throw new BatchClientException($"Cannot use both {member} and {type} in resourceRequirements.");
            }
        }
    }

    private static string? Value(IReadOnlyList<ResourceRequirement> requirements, string type)
    {
        foreach (var requirement in requirements)
        {
            if (requirement.Type == type)
            {
                return requirement.Value ?? "";
            }
        }

        return null;
    }

    private static long VcpuMillis(string? text, bool isFargate)
    {
        if (text is null)
        {
            throw new BatchClientException("vCPU is required.");
        }

        // The style allows no sign, no exponent and no thousands; the bound keeps the product in range.
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var vcpus) || vcpus > int.MaxValue)
        {
            throw NotNumeric(text, "VCPU");
        }

        if (isFargate)
        {
            return FargateSizes.HasVcpu((long)(vcpus * 1000)) && vcpus * 1000 == (long)(vcpus * 1000)
                ? (long)(vcpus * 1000)
                : throw new BatchClientException($"Fargate vCPU must be one of 0.25, 0.5, 1, 2, 4, 8, 16, 32, got {text}.");
        }

        if (vcpus < 1)
        {
            throw new BatchClientException($"vCPU must be at least 1, got {text}.");
        }

        return vcpus == decimal.Truncate(vcpus) ? (long)vcpus * 1000 : throw NotNumeric(text, "VCPU");
    }

    private static long MemoryMiB(string? text)
    {
        if (text is null)
        {
            throw new BatchClientException("Memory is required.");
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var memory))
        {
            throw NotNumeric(text, "MEMORY");
        }

        return memory >= MinimumMemoryMiB
            ? memory
            : throw new BatchClientException($"Memory must be at least {MinimumMemoryMiB} MiB, got {text}.");
    }

    private static int Gpus(string? text, bool isFargate)
    {
        if (text is null)
        {
            return 0;
        }

        if (isFargate)
        {
            throw new BatchClientException("GPU is not applicable for Fargate.");
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var gpus) && gpus >= 1 ? gpus : throw NotNumeric(text, "GPU");
    }

    private static BatchClientException NotNumeric(string text, string type) =>
        new($"Value {text} for type {type} in resourceRequirement is not valid. Please provide a numeric value.");
}
