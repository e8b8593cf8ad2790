using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Jobs;

/// <summary>What environment variables a user may set.</summary>
/// <remarks>Source: AWS Batch API, ContainerProperties.environment.</remarks>
public static class EnvironmentRules
{
    /// <summary>The beginning of the names that the scheduler keeps to itself.</summary>
    public const string ReservedPrefix = "AWS_BATCH";

    /// <summary>Checks variables; none are allowed.</summary>
    /// <param name="environment">The variables.</param>
    /// <param name="where">The field they stand in, such as <c>containerOverrides.environment</c>.</param>
    /// <exception cref="BatchClientException">One has no usable name, or a reserved one.</exception>
    public static void Check(IReadOnlyList<EnvironmentVariable>? environment, string where)
    {
        foreach (var variable in environment ?? [])
        {
            // The operating system takes no such name; a value ends at its first NUL.
            if (string.IsNullOrEmpty(variable?.Name) || variable.Name.AsSpan().ContainsAny('=', '\0'))
            {
                throw new BatchClientException($"{where}: an environment variable needs a name, without '='.");
            }

            if (variable.Value?.Contains('\0', StringComparison.Ordinal) == true)
            {
                throw new BatchClientException($"{where}: the value of {variable.Name} must not contain a NUL character.");
            }

            if (variable.Name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            {
                throw new BatchClientException($"{where}: the name {variable.Name} begins with {ReservedPrefix}, which is reserved.");
            }
        }
    }
}
