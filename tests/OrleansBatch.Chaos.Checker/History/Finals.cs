using System.Text.Json;

namespace OrleansBatch.Chaos.Checker.History;

/// <summary>What DescribeJobs said of a job at the end, as it came.</summary>
public sealed record JobRow : Entry
{
    /// <summary>The answer's object.</summary>
    public required JsonElement Row { get; init; }
}

/// <summary>An event of a job, as the listing of its events had it at the end.</summary>
public sealed record JobEvent : Entry
{
    /// <summary>The event's object.</summary>
    public required JsonElement Event { get; init; }
}

/// <summary>No more was asked, and all jobs had ended: what was still there.</summary>
public sealed record QuietReached : Entry
{
    /// <summary>vCPUs in use by environment.</summary>
    public required IReadOnlyDictionary<string, double> VcpusInUse { get; init; }

    /// <summary>Processes of jobs that were still alive.</summary>
    public required IReadOnlyList<int> Alive { get; init; }

    /// <summary>Why the harness gave up waiting; null: it did not have to.</summary>
    public string? GaveUp { get; init; }
}
