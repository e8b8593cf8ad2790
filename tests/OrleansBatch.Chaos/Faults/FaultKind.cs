namespace OrleansBatch.Chaos.Faults;

/// <summary>What can be done to a run.</summary>
internal enum FaultKind
{
    /// <summary>kill -9 of a silo, which is started again.</summary>
    KillSilo,

    /// <summary>SIGSTOP of a silo, SIGCONT later.</summary>
    PauseSilo,

    /// <summary>All silos stopped by SIGTERM and started again, one after another.</summary>
    RollingRestart,

    /// <summary>kill -9 of the database, which is started again.</summary>
    KillDatabase,

    /// <summary>The database stopped by SIGTERM and started again.</summary>
    RestartDatabase,

    /// <summary>kill -9 of an agent, back within its lease.</summary>
    KillAgent,

    /// <summary>kill -9 of an agent, not back before its lease has lapsed.</summary>
    KillAgentBeyondLease,

    /// <summary>SIGSTOP of an agent until its lease has lapsed.</summary>
    PauseAgentBeyondLease,

    /// <summary>SIGKILL of the process of a job.</summary>
    KillJob,

    /// <summary>SIGKILL of a supervisor.</summary>
    KillSupervisor,

    /// <summary>No packets between two silos.</summary>
    CutSilos,

    /// <summary>No packets between an agent and all silos, until its lease has lapsed.</summary>
    CutAgent,

    /// <summary>No packets between a silo and the database.</summary>
    CutDatabase,
}

/// <summary>A fault of the schedule.</summary>
/// <param name="After">When it comes, from the begin of the load.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">Whom it is for: an index among those that it can be for.</param>
/// <param name="For">How long it lasts.</param>
internal sealed record Fault(TimeSpan After, FaultKind Kind, int Target, TimeSpan For);
