namespace OrleansBatch.Model.SchedulingPolicies;

/// <summary>CreateSchedulingPolicy, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, CreateSchedulingPolicy.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.CreateSchedulingPolicyRequest")]
public sealed record CreateSchedulingPolicyRequest
{
    /// <summary>Name.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>Fair share. With neither policy: fair share with its defaults.</summary>
    [Id(1)] public FairsharePolicy? FairsharePolicy { get; init; }

    /// <summary>Quota shares.</summary>
    [Id(2)] public RawJson? QuotaSharePolicy { get; init; }

    /// <summary>Tags.</summary>
    [Id(3)] public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>A policy was created.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.CreateSchedulingPolicyResponse")]
public sealed record CreateSchedulingPolicyResponse
{
    /// <summary>Name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string Arn { get; init; }
}

/// <summary>UpdateSchedulingPolicy, as it came over the wire.</summary>
/// <remarks>Source: AWS Batch API, UpdateSchedulingPolicy.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.UpdateSchedulingPolicyRequest")]
public sealed record UpdateSchedulingPolicyRequest
{
    /// <summary>ARN; a name is taken as well.</summary>
    [Id(0)] public string? Arn { get; init; }

    /// <summary>Replaces the whole policy; absent: it stays.</summary>
    [Id(1)] public FairsharePolicy? FairsharePolicy { get; init; }

    /// <summary>Quota shares.</summary>
    [Id(2)] public RawJson? QuotaSharePolicy { get; init; }
}

/// <summary>DeleteSchedulingPolicy, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DeleteSchedulingPolicyRequest")]
public sealed record DeleteSchedulingPolicyRequest
{
    /// <summary>ARN; a name is taken as well.</summary>
    [Id(0)] public string? Arn { get; init; }
}

/// <summary>DescribeSchedulingPolicies, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeSchedulingPoliciesRequest")]
public sealed record DescribeSchedulingPoliciesRequest
{
    /// <summary>1 to 100; those of no policy are left out of the answer. Names are taken as well.</summary>
    [Id(0)] public IReadOnlyList<string>? Arns { get; init; }
}

/// <summary>The policies that exist, in the order of the request.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.DescribeSchedulingPoliciesResponse")]
public sealed record DescribeSchedulingPoliciesResponse
{
    /// <summary>The policies.</summary>
    [Id(0)] public required IReadOnlyList<SchedulingPolicyDetail> SchedulingPolicies { get; init; }
}

/// <summary>A policy, as DescribeSchedulingPolicies gives it.</summary>
/// <remarks>Source: AWS Batch API, SchedulingPolicyDetail.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SchedulingPolicyDetail")]
public sealed record SchedulingPolicyDetail
{
    /// <summary>Name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>ARN.</summary>
    [Id(1)] public required string Arn { get; init; }

    /// <summary>Fair share, with its defaults.</summary>
    [Id(2)] public required FairsharePolicy FairsharePolicy { get; init; }

    /// <summary>Tags.</summary>
    [Id(3)] public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

/// <summary>ListSchedulingPolicies, as it came over the wire.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListSchedulingPoliciesRequest")]
public sealed record ListSchedulingPoliciesRequest
{
    /// <summary>1 to 100. Default: 100.</summary>
    [Id(0)] public int? MaxResults { get; init; }

    /// <summary>From the page before.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>A page of policies, by name.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ListSchedulingPoliciesResponse")]
public sealed record ListSchedulingPoliciesResponse
{
    /// <summary>The policies.</summary>
    [Id(0)] public required IReadOnlyList<SchedulingPolicyListing> SchedulingPolicies { get; init; }

    /// <summary>For the next page; null on the last.</summary>
    [Id(1)] public string? NextToken { get; init; }
}

/// <summary>A policy, as ListSchedulingPolicies gives it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SchedulingPolicyListing")]
public sealed record SchedulingPolicyListing
{
    /// <summary>ARN.</summary>
    [Id(0)] public required string Arn { get; init; }
}
