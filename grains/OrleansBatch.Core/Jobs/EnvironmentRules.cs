using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Jobs;

/// <summary>What environment variables a user may set.</summary>
/// <remarks>Source: AWS Batch API, ContainerProperties.environment.</remarks>
public static class EnvironmentRules
{
    /// <summary>The beginning of the names that the scheduler keeps to itself.</summary>
    public const string ReservedPrefix = "AWS_BATCH";

    private const int MostOfOperator = 100;
    private const int LongestOfOperator = 32 * 1024;

    /// <summary>Checks variables; none are allowed.</summary>
    /// <param name="environment">The variables.</param>
    /// <param name="where">The field they stand in, such as <c>containerOverrides.environment</c>.</param>
    /// <exception cref="BatchClientException">One has no usable name, or a reserved one.</exception>
    public static void Check(IReadOnlyList<EnvironmentVariable>? environment, string where)
    {
        foreach (var variable in environment ?? [])
        {
            Check(variable?.Name, variable?.Value, where);
        }
    }

    /// <summary>Checks the operator's variables of a queue or compute environment.</summary>
    /// <exception cref="BatchClientException">They are missing, too many or too long, or one cannot be set.</exception>
    public static JobEnvironment CheckOperators(SetJobEnvironmentRequest request)
    {
        var variables = request.Variables ?? throw new BatchClientException("variables is required; an empty map takes all away.");
        if (variables.Count > MostOfOperator)
        {
            throw new BatchClientException($"variables: at most {MostOfOperator} are allowed, got {variables.Count}.");
        }

        foreach (var (name, value) in variables)
        {
            Check(name, value, "variables");
        }

        var length = variables.Sum(variable => variable.Key.Length + variable.Value.Length);
        return length <= LongestOfOperator
            ? new() { Variables = [.. variables.OrderBy(variable => variable.Key, StringComparer.Ordinal)] }
            : throw new BatchClientException($"variables: names and values together may have {LongestOfOperator} characters, got {length}.");
    }

    /// <summary>What may be told of them.</summary>
    public static JobEnvironmentNames Names(JobEnvironment environment) =>
        new() { Names = [.. environment.Variables.Select(variable => variable.Key)] };

    private static void Check(string? name, string? value, string where)
    {
        // The operating system takes no such name; a value ends at its first NUL.
        if (string.IsNullOrEmpty(name) || name.AsSpan().ContainsAny('=', '\0'))
        {
            throw new BatchClientException($"{where}: an environment variable needs a name, without '='.");
        }

        if (value?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new BatchClientException($"{where}: the value of {name} must not contain a NUL character.");
        }

        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw new BatchClientException($"{where}: the name {name} begins with {ReservedPrefix}, which is reserved.");
        }
    }
}
