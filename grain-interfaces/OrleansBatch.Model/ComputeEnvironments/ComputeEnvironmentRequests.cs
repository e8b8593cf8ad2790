namespace OrleansBatch.Model.ComputeEnvironments;

/// <summary>CreateComputeEnvironment, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.CreateComputeEnvironmentRequest")]
public sealed record CreateComputeEnvironmentRequest
{
    /// <summary>Name.</summary>
    [Id(0)] public string? ComputeEnvironmentName { get; init; }

    /// <summary>MANAGED or UNMANAGED.</summary>
    [Id(1)] public string? Type { get; init; }

    /// <summary>ENABLED.</summary>
    [Id(2)] public string? State { get; init; }

    /// <summary>UNMANAGED only.</summary>
    [Id(3)] public int? UnmanagedvCpus { get; init; }

    /// <summary>MANAGED only.</summary>
    [Id(4)] public ComputeResource? ComputeResources { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(5)] public string? ServiceRole { get; init; }

    /// <summary>Tags.</summary>
    [Id(6)] public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>EKS only.</summary>
    [Id(7)] public RawJson? EksConfiguration { get; init; }

    /// <summary>Kept.</summary>
    [Id(8)] public string? Context { get; init; }

    /// <summary>Kept.</summary>
    [Id(9)] public EcsSettings? EcsSettings { get; init; }
}

/// <summary>Settings of the modelled ECS cluster.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EcsSettings")]
public sealed record EcsSettings
{
    /// <summary>ENABLED, ENHANCED or DISABLED.</summary>
    [Id(0)] public string? ContainerInsights { get; init; }
}

/// <summary>What becomes of running jobs in an infrastructure update.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UpdatePolicy")]
public sealed record UpdatePolicy
{
    /// <summary>Default false.</summary>
    [Id(0)] public bool? TerminateJobsOnUpdate { get; init; }

    /// <summary>1 to 7200, default 30.</summary>
    [Id(1)] public long? JobExecutionTimeoutMinutes { get; init; }
}

/// <summary>An environment was created or updated.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ComputeEnvironmentResponse")]
public sealed record ComputeEnvironmentResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string ComputeEnvironmentName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string ComputeEnvironmentArn { get; init; }
}

/// <summary>UpdateComputeEnvironment, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UpdateComputeEnvironmentRequest")]
public sealed record UpdateComputeEnvironmentRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ComputeEnvironment { get; init; }

    /// <summary>ENABLED or DISABLED.</summary>
    [Id(1)] public string? State { get; init; }

    /// <summary>UNMANAGED only.</summary>
    [Id(2)] public int? UnmanagedvCpus { get; init; }

    /// <summary>What changes.</summary>
    [Id(3)] public ComputeResource? ComputeResources { get; init; }

    /// <summary>Kept, not resolved.</summary>
    [Id(4)] public string? ServiceRole { get; init; }

    /// <summary>Kept.</summary>
    [Id(5)] public UpdatePolicy? UpdatePolicy { get; init; }

    /// <summary>Kept.</summary>
    [Id(6)] public string? Context { get; init; }

    /// <summary>Kept.</summary>
    [Id(7)] public EcsSettings? EcsSettings { get; init; }
}

/// <summary>DeleteComputeEnvironment, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DeleteComputeEnvironmentRequest")]
public sealed record DeleteComputeEnvironmentRequest
{
    /// <summary>Name or ARN.</summary>
    [Id(0)] public string? ComputeEnvironment { get; init; }
}

/// <summary>DescribeComputeEnvironments, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeComputeEnvironmentsRequest")]
public sealed record DescribeComputeEnvironmentsRequest
{
    /// <summary>At most 100 names or ARNs; none: all.</summary>
    [Id(0)] public IReadOnlyList<string>? ComputeEnvironments { get; init; }

    /// <summary>1 to 100.</summary>
    [Id(1)] public int? MaxResults { get; init; }

    /// <summary>From the page before.</summary>
    [Id(2)] public string? NextToken { get; init; }
}

/// <summary>A page of environments, by name.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeComputeEnvironmentsResponse")]
public sealed record DescribeComputeEnvironmentsResponse
{
    /// <summary>The environments.</summary>
    [Id(0)] public required IReadOnlyList<ComputeEnvironmentDetail> ComputeEnvironments { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>An environment, as DescribeComputeEnvironments gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ComputeEnvironmentDetail")]
public sealed record ComputeEnvironmentDetail
{
    /// <summary>Name.</summary>
    [Id(0)] public required string ComputeEnvironmentName { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string ComputeEnvironmentArn { get; init; }

    /// <summary>UNMANAGED only.</summary>
    [Id(2)] public int? UnmanagedvCpus { get; init; }

    /// <summary>Modelled cluster.</summary>
    [Id(3)] public string? EcsClusterArn { get; init; }

    /// <summary>Tags.</summary>
    [Id(4)] public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>MANAGED or UNMANAGED.</summary>
    [Id(5)] public required string Type { get; init; }

    /// <summary>ENABLED or DISABLED.</summary>
    [Id(6)] public required string State { get; init; }

    /// <summary>Such as VALID.</summary>
    [Id(7)] public required string Status { get; init; }

    /// <summary>Such as <c>ComputeEnvironment Healthy</c>.</summary>
    [Id(8)] public string? StatusReason { get; init; }

    /// <summary>With the live desiredvCpus.</summary>
    [Id(9)] public ComputeResource? ComputeResources { get; init; }

    /// <summary>As given.</summary>
    [Id(10)] public string? ServiceRole { get; init; }

    /// <summary>As given.</summary>
    [Id(11)] public UpdatePolicy? UpdatePolicy { get; init; }

    /// <summary><c>ECS</c>.</summary>
    [Id(12)] public string? ContainerOrchestrationType { get; init; }

    /// <summary>Unique over all time.</summary>
    [Id(13)] public string? Uuid { get; init; }

    /// <summary>As given.</summary>
    [Id(14)] public string? Context { get; init; }

    /// <summary>As given.</summary>
    [Id(15)] public EcsSettings? EcsSettings { get; init; }

    /// <summary>Of ours: what it has and costs.</summary>
    [Id(16)] public EnvironmentRuntimeDetail? OrleansBatch { get; init; }
}

/// <summary>What an environment has and costs.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EnvironmentRuntimeDetail")]
public sealed record EnvironmentRuntimeDetail
{
    /// <summary>How many hosts it has.</summary>
    [Id(0)] public required int Hosts { get; init; }

    /// <summary>vCPUs that jobs hold.</summary>
    [Id(1)] public required decimal UsedVcpus { get; init; }

    /// <summary>What its hosts have cost, those that have ended included, in USD.</summary>
    [Id(2)] public required decimal CostUsd { get; init; }
}

/// <summary>An environment as stored.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ComputeEnvironmentConfiguration")]
public sealed record ComputeEnvironmentConfiguration
{
    /// <summary>Scope and name.</summary>
    [Id(0)] public required ScopedName Name { get; init; }

    /// <summary>Unique over all time.</summary>
    [Id(1)] public required string Uuid { get; init; }

    /// <summary>MANAGED or UNMANAGED.</summary>
    [Id(2)] public required string Type { get; init; }

    /// <summary>ENABLED or DISABLED.</summary>
    [Id(3)] public required string State { get; init; }

    /// <summary>VALID, or UPDATING while hosts are replaced.</summary>
    [Id(4)] public required string Status { get; init; }

    /// <summary>Why.</summary>
    [Id(5)] public string? StatusReason { get; init; }

    /// <summary>UNMANAGED only.</summary>
    [Id(6)] public int? UnmanagedvCpus { get; init; }

    /// <summary>MANAGED only.</summary>
    [Id(7)] public ComputeResource? ComputeResources { get; init; }

    /// <summary>As given.</summary>
    [Id(8)] public string? ServiceRole { get; init; }

    /// <summary>As given.</summary>
    [Id(9)] public UpdatePolicy? UpdatePolicy { get; init; }

    /// <summary>Tags.</summary>
    [Id(10)] public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>As given.</summary>
    [Id(11)] public string? Context { get; init; }

    /// <summary>As given.</summary>
    [Id(12)] public EcsSettings? EcsSettings { get; init; }
}
