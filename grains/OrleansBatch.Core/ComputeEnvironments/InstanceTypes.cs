using System.Text.RegularExpressions;
using OrleansBatch.Model;

namespace OrleansBatch.Core.ComputeEnvironments;

/// <summary>The form of what instanceTypes may hold: sizes, families and bundles, all of one CPU architecture.</summary>
/// <remarks>Source: AWS Batch API, ComputeResource.instanceTypes; the families' names tell their architecture (EC2 user guide).</remarks>
internal static partial class InstanceTypes
{
    /// <summary>Whether it stands for several families.</summary>
    public static bool IsBundle(string type) => type is "optimal" or "default_x86_64" or "default_arm64";

    /// <summary>Checks the list.</summary>
    /// <exception cref="ValidationException">It is empty, holds what is none, or mixes architectures.</exception>
    public static void Check(IReadOnlyList<string>? types)
    {
        if (types is null or [])
        {
            throw new ValidationException("Resource instanceTypes is required.");
        }

        if (types.FirstOrDefault(type => !IsBundle(type) && !SizeOrFamily().IsMatch(type)) is { } wrong)
        {
            throw new ValidationException($"Instance type {wrong} is not valid: it must be a size, a family, optimal, default_x86_64 or default_arm64.");
        }

        if (types.Select(IsArm).Distinct().Count() > 1)
        {
            throw new ValidationException("instanceTypes of different CPU architectures can not be mixed.");
        }
    }

    /// <summary>Whether it is of 64-bit Arm; otherwise it is of x86.</summary>
    public static bool IsArm(string type) => type switch
    {
        "default_arm64" => true,
        "optimal" or "default_x86_64" => false,
        // Graviton: a g right after the generation, as in m6g, c7gn or im4gn; but g4dn is a GPU family. The first generation was called a1.
        _ => type == "a1" || type.StartsWith("a1.", StringComparison.Ordinal) || ArmFamily().IsMatch(type),
    };

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,31}(\.[a-z0-9-]{1,31})?\z")]
    private static partial Regex SizeOrFamily();

    [GeneratedRegex(@"\A[a-z]+[0-9]+g")]
    private static partial Regex ArmFamily();
}
