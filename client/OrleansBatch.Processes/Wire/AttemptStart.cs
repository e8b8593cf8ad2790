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

    /// <summary>Set when it cannot be started, whatever the supervisor does: it is journalled and reported as such.</summary>
    public string? Unstartable { get; init; }
}
