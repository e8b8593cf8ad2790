namespace OrleansBatch.Chaos.Checker.History;

/// <summary>What must never hold more than this.</summary>
public sealed record CapacityDeclared : Entry
{
    /// <summary>All witnesses of an environment together.</summary>
    public const string OfEnvironment = "environment";

    /// <summary>All witnesses of one host, as their jobs' container instances say.</summary>
    public const string OfHost = "host";

    /// <summary>All witnesses in one node's folder.</summary>
    public const string OfNode = "node";

    /// <summary>Environment, host or node.</summary>
    public required string Scope { get; init; }

    /// <summary>Its name; of a host the end of its container instance's ARN.</summary>
    public required string Name { get; init; }

    /// <summary>Whose witnesses alone count on a node; null: all.</summary>
    public string? Environment { get; init; }

    /// <summary>vCPUs.</summary>
    public required double Vcpus { get; init; }
}

/// <summary>A job is going to be submitted, and this is what its processes do.</summary>
public sealed record SubmissionPlanned : Entry
{
    /// <summary>Its name in the history, and its jobName: unique in a run.</summary>
    public required string Key { get; init; }

    /// <summary>What every repetition of the call carries.</summary>
    public required string InvocationId { get; init; }

    /// <summary>Attempts of its retry strategy.</summary>
    public required int Attempts { get; init; }

    /// <summary>Its environment.</summary>
    public required string Environment { get; init; }

    /// <summary>vCPUs of each process.</summary>
    public double Vcpus { get; init; } = 1;

    /// <summary>Children; null: no array.</summary>
    public int? Size { get; init; }

    /// <summary>Nodes; null: no multi-node job.</summary>
    public int? Nodes { get; init; }

    /// <summary>Whom it waits for.</summary>
    public IReadOnlyList<PlannedDependency> DependsOn { get; init; } = [];

    /// <summary>Exit code of each attempt that is let run to its end; the last one of all further ones.</summary>
    public IReadOnlyList<int> Exits { get; init; } = [0];

    /// <summary>Exit code after SIGTERM; null: it ignores SIGTERM.</summary>
    public int? ExitOnTerm { get; init; }

    /// <summary>How an attempt ends that is let run to its end.</summary>
    public int ExitOf(int attempt) => Exits[Math.Min(attempt, Exits.Count) - 1];
}

/// <summary>One whom a submission waits for.</summary>
/// <param name="Key">The other submission; null: an array's child waits for the one before it.</param>
/// <param name="Type">As in the request: SEQUENTIAL, N_TO_N, or null.</param>
public sealed record PlannedDependency(string? Key, string? Type);

/// <summary>A request was sent.</summary>
public sealed record CallMade : Entry
{
    /// <summary>Its number; its answer has the same.</summary>
    public required long Call { get; init; }

    /// <summary>SubmitJob, CancelJob, TerminateJob.</summary>
    public required string Operation { get; init; }

    /// <summary>A submission's key, or a job's id.</summary>
    public required string Subject { get; init; }

    /// <summary>The same for all repetitions.</summary>
    public string? InvocationId { get; init; }

    /// <summary>Reason given with a cancel or terminate.</summary>
    public string? Reason { get; init; }

    /// <summary>Which silo was asked.</summary>
    public string? Door { get; init; }
}

/// <summary>What became of a request.</summary>
public sealed record CallAnswered : Entry
{
    /// <summary>Its number.</summary>
    public required long Call { get; init; }

    /// <summary>HTTP status; null: none came, and nobody knows whether it was done.</summary>
    public int? Status { get; init; }

    /// <summary>Id of the submitted job.</summary>
    public string? JobId { get; init; }

    /// <summary>An error's text.</summary>
    public string? Error { get; init; }

    /// <summary>Whether it was acknowledged.</summary>
    public bool IsAcknowledged => Status is >= 200 and < 300;
}

/// <summary>What DescribeJobs said of a job while the run went on.</summary>
public sealed record JobSeen : Entry
{
    /// <summary>When the read was sent; <see cref="Entry.At"/> is when its answer had come.</summary>
    public required long Asked { get; init; }

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>Its status; null: DescribeJobs knew nothing of it.</summary>
    public string? Status { get; init; }

    /// <summary>Its reason.</summary>
    public string? StatusReason { get; init; }

    /// <summary>When it stopped, milliseconds since 1970.</summary>
    public long? StoppedAt { get; init; }

    /// <summary>How many attempts were over.</summary>
    public int Attempts { get; init; }

    /// <summary>Which silo was asked.</summary>
    public string? Door { get; init; }
}

/// <summary>A job as a listing of the whole queue had it at the end.</summary>
public sealed record JobListed : Entry
{
    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>Its name: the key of its submission.</summary>
    public required string JobName { get; init; }
}
