using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.ComputeEnvironments;

/// <summary>What launchTemplate may hold. Nothing here resolves it.</summary>
/// <remarks>Source: AWS Batch API, LaunchTemplateSpecification and LaunchTemplateSpecificationOverride.</remarks>
internal static class LaunchTemplateRules
{
    /// <summary>Checks a launch template and its overrides.</summary>
    /// <exception cref="ValidationException">A value that is not allowed.</exception>
    public static void Check(LaunchTemplateSpecification? template, IReadOnlyList<string> instanceTypes)
    {
        if (template is null)
        {
            return;
        }

        if (string.IsNullOrEmpty(template.LaunchTemplateId) == string.IsNullOrEmpty(template.LaunchTemplateName))
        {
            throw new ValidationException("LaunchTemplate should have either LaunchTemplateId or LaunchTemplateName");
        }

        CheckVersion(template.Version);
        CheckUserdata(template.UserdataType);
        var overrides = template.Overrides ?? [];
        if (overrides.Count > 10)
        {
            throw new ValidationException($"LaunchTemplate.overrides has {overrides.Count} entries, at most 10 are allowed.");
        }

        foreach (var one in overrides)
        {
            CheckOverride(one, instanceTypes);
        }

        var targets = overrides.SelectMany(one => one.TargetInstanceTypes!).ToList();
        if (targets.Distinct(StringComparer.Ordinal).Count() < targets.Count)
        {
            throw new ValidationException("LaunchTemplate.overrides have duplicate targetInstanceTypes");
        }
    }

    private static void CheckOverride(LaunchTemplateSpecificationOverride one, IReadOnlyList<string> instanceTypes)
    {
        if (string.IsNullOrEmpty(one.LaunchTemplateId) == string.IsNullOrEmpty(one.LaunchTemplateName))
        {
            throw new ValidationException("LaunchTemplate.overrides should have either LaunchTemplateId or LaunchTemplateName");
        }

        CheckVersion(one.Version);
        CheckUserdata(one.UserdataType);
        if (one.TargetInstanceTypes is null or [])
        {
            throw new ValidationException("LaunchTemplate.overrides need targetInstanceTypes.");
        }

        if (one.TargetInstanceTypes.FirstOrDefault(type => InstanceTypes.IsBundle(type) || !IsPartOf(type, instanceTypes)) is { } wrong)
        {
            throw new ValidationException($"LaunchTemplate.overrides targetInstanceTypes {wrong} is not among instanceTypes.");
        }
    }

    // A size is among them also when its family is, or when a bundle is, for that can hold it.
    private static bool IsPartOf(string type, IReadOnlyList<string> instanceTypes) => instanceTypes.Any(one =>
        one == type
        || InstanceTypes.IsBundle(one)
        || type.StartsWith(one + ".", StringComparison.Ordinal));

    private static void CheckVersion(string? version)
    {
        if (version is not (null or "" or "$Default" or "$Latest") && !version.All(char.IsAsciiDigit))
        {
            throw new ValidationException($"LaunchTemplate version {version} is not valid: it must be $Default, $Latest or a number.");
        }
    }

    private static void CheckUserdata(string? userdataType)
    {
        if (userdataType is not (null or "EKS_BOOTSTRAP_SH" or "EKS_NODEADM"))
        {
            throw new ValidationException($"userdataType {userdataType} is not valid. Valid values are: [EKS_BOOTSTRAP_SH, EKS_NODEADM]");
        }
    }
}
