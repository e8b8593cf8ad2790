using System.Collections.Immutable;

namespace OrleansBatch.Model;

/// <summary>Variables that the operator gives to every attempt of a queue's or a compute environment's jobs: credentials, endpoints of stores.</summary>
/// <remarks>Below the job's own. Never shown by Describe.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobEnvironment")]
public sealed record JobEnvironment
{
    /// <summary>No variables.</summary>
    public static JobEnvironment None { get; } = new();

    /// <summary>The variables, by name.</summary>
    [Id(0)] public ImmutableArray<KeyValuePair<string, string>> Variables { get; init; } = [];
}

/// <summary>Replaces the operator's variables of a queue or a compute environment.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SetJobEnvironmentRequest")]
public sealed record SetJobEnvironmentRequest
{
    /// <summary>Name or ARN of the queue or environment.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>All of them, by name; an empty map takes them away.</summary>
    [Id(1)] public IReadOnlyDictionary<string, string>? Variables { get; init; }
}

/// <summary>Which variables the operator has set. Values are secrets, and not given back.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobEnvironmentNames")]
public sealed record JobEnvironmentNames
{
    /// <summary>Their names, in order.</summary>
    [Id(0)] public required IReadOnlyList<string> Names { get; init; }
}
