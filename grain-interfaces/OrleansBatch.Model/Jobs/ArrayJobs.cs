namespace OrleansBatch.Model.Jobs;

/// <summary>Makes a job an array of children that differ in their index alone.</summary>
/// <remarks>Source: AWS Batch API, ArrayProperties.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ArrayProperties")]
public sealed record ArrayProperties
{
    /// <summary>Children, 2 to 10,000.</summary>
    [Id(0)] public int? Size { get; init; }
}

/// <summary>What a job waits for.</summary>
/// <remarks>Source: AWS Batch API, JobDependency.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.JobDependency")]
public sealed record JobDependency
{
    /// <summary>The job that must SUCCEED; null in an array whose children wait for one another.</summary>
    [Id(0)] public string? JobId { get; init; }

    /// <summary><c>SEQUENTIAL</c> or <c>N_TO_N</c>; null: the whole job waits for the whole job.</summary>
    [Id(1)] public string? Type { get; init; }
}

/// <summary>An array of jobs as DescribeJobs and ListJobs show it: its size and counts, or a child's index.</summary>
/// <remarks>Source: AWS Batch API, ArrayPropertiesDetail and ArrayPropertiesSummary.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ArrayPropertiesDetail")]
public sealed record ArrayPropertiesDetail
{
    /// <summary>Of a parent: how many of its children are in each of the seven statuses.</summary>
    [Id(0)] public IReadOnlyDictionary<string, int>? StatusSummary { get; init; }

    /// <summary>Of a parent: children.</summary>
    [Id(1)] public int? Size { get; init; }

    /// <summary>Of a child: which, from 0.</summary>
    [Id(2)] public int? Index { get; init; }

    /// <summary>Of a parent: when a count changed last, epoch milliseconds.</summary>
    [Id(3)] public long? StatusSummaryLastUpdatedAt { get; init; }
}

/// <summary>An array's children by status, as stored: moved in the transactions of the children.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ArrayCounts")]
public sealed record ArrayCounts
{
    /// <summary>By <see cref="JobStatus"/> as a number.</summary>
    [Id(0)] public required IReadOnlyList<int> ByStatus { get; init; }

    /// <summary>When one changed last.</summary>
    [Id(1)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the first child reached RUNNING; null before.</summary>
    [Id(2)] public DateTimeOffset? FirstStartedAt { get; init; }

    /// <summary>When the last child so far ended; null before.</summary>
    [Id(3)] public DateTimeOffset? LastStoppedAt { get; init; }

    /// <summary>Children in a status.</summary>
    public int Of(JobStatus status) => ByStatus[(int)status];

    /// <summary>Children in any status: always the array's size.</summary>
    public int Total => ByStatus.Sum();

    /// <summary>Whether all have ended.</summary>
    public bool IsOver => Of(JobStatus.Succeeded) + Of(JobStatus.Failed) == Total;
}

/// <summary>Which child of which array a job is.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ArrayChild")]
public sealed record ArrayChild
{
    /// <summary>The parent's id.</summary>
    [Id(0)] public required string ParentId { get; init; }

    /// <summary>Which child, from 0.</summary>
    [Id(1)] public required int Index { get; init; }

    /// <summary>The version of the parent's row as it was read: a child starts only while the parent still has it.</summary>
    [Id(2)] public required long ParentVersion { get; init; }
}
