namespace OrleansBatch.Processes.Wire;

/// <summary>An order to start an attempt, with all that its process needs.</summary>
public sealed record AttemptStart
{
    /// <summary>Job id.</summary>
    public required string Job { get; init; }

    /// <summary>Fence of the attempt.</summary>
    public required long Fence { get; init; }

    /// <summary>Comes back in facts.</summary>
    public string Reservation { get; init; } = "";

    /// <summary>Comes back in facts.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Program and arguments.</summary>
    public string[] Command { get; init; } = [];

    /// <summary>Its environment as <c>NAME=value</c>; of two with one name the program finds the first.</summary>
    public string[] Variables { get; init; } = [];

    /// <summary>Absolute path of its log.</summary>
    public string Log { get; init; } = "";

    /// <summary>Milliseconds from its start to its stop sequence; null: no limit.</summary>
    public long? Timeout { get; init; }

    /// <summary>Milliseconds from SIGTERM to SIGKILL.</summary>
    public long StopTimeout { get; init; }

    /// <summary>What it may use; null: it runs without limits, also where they could be set.</summary>
    public AttemptLimits? Limits { get; init; }

    /// <summary>Set when it cannot be started, whatever the supervisor does: it is journalled and reported as such.</summary>
    public string? Unstartable { get; init; }

    /// <summary>The containers of an attempt that has several: then of the above only names and <see cref="Timeout"/> mean anything. Null: the one command.</summary>
    /// <remarks>A supervisor that does not know of them looks at <see cref="Unstartable"/>, which therefore says so.</remarks>
    public ContainerStart[]? Containers { get; init; }
}

/// <summary>What one attempt may use.</summary>
public sealed record AttemptLimits
{
    /// <summary>Hard limit of memory in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Swap beside it in bytes.</summary>
    public long Swap { get; init; }

    /// <summary>Weight against other attempts when processors are short: 1024 for each vCPU.</summary>
    public long CpuShares { get; init; }

    /// <summary>Whether the shares are also the most that it gets.</summary>
    public bool IsCpuCapped { get; init; }

    /// <summary>Processes and threads at a time; null: no limit.</summary>
    public long? Processes { get; init; }
}
