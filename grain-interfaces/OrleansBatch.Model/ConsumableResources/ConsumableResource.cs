namespace OrleansBatch.Model.ConsumableResources;

/// <summary>A consumable resource as stored.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableResourceConfiguration")]
public sealed record ConsumableResourceConfiguration
{
    /// <summary>Scope and name.</summary>
    [Id(0)] public required ScopedName Name { get; init; }

    /// <summary><c>REPLENISHABLE</c>: jobs give back what they took. <c>NON_REPLENISHABLE</c>: what is taken is gone.</summary>
    [Id(1)] public required string ResourceType { get; init; }

    /// <summary>How much there is, what jobs hold now included; at least 0.</summary>
    [Id(2)] public required long TotalQuantity { get; init; }

    /// <summary>When it was created.</summary>
    [Id(3)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Tags.</summary>
    [Id(4)] public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

/// <summary>What jobs of a definition, or one job, need of consumable resources.</summary>
/// <remarks>Source: AWS Batch API, ConsumableResourceProperties.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableResourceProperties")]
public sealed record ConsumableResourceProperties
{
    /// <summary>At most 5, no resource twice.</summary>
    [Id(0)] public IReadOnlyList<ConsumableResourceRequirement>? ConsumableResourceList { get; init; }
}

/// <summary>A quantity of one resource.</summary>
/// <remarks>Source: AWS Batch API, ConsumableResourceRequirement.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableResourceRequirement")]
public sealed record ConsumableResourceRequirement
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ConsumableResource { get; init; }

    /// <summary>At least 0.</summary>
    [Id(1)] public long? Quantity { get; init; }
}

/// <summary>What each attempt of a job takes of one resource of its scope.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableNeed")]
public sealed record ConsumableNeed
{
    /// <summary>The resource's name.</summary>
    [Id(0)] public required string ResourceName { get; init; }

    /// <summary>How much; at least 0.</summary>
    [Id(1)] public required long Quantity { get; init; }
}
