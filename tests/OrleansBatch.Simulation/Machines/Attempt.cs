using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Simulation.Machines;

/// <summary>How far an attempt is.</summary>
internal enum Stage
{
    Accepted,
    Running,
    Ended,
}

/// <summary>An attempt as a supervisor's journal knows it.</summary>
internal sealed class Attempt(AttemptId key, string reservation, string environmentKey)
{
    public AttemptId Key => key;

    public Stage Stage { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? StoppedAt { get; set; }

    public AttemptOutcome Outcome { get; set; }

    public int? ExitCode { get; set; }

    public TimeSpan? Timeout { get; set; }

    public AttemptOutcome? Stopping { get; set; }

    /// <summary>When it is stopped, or killed if it is being stopped.</summary>
    public DateTimeOffset? Deadline { get; set; }

    public AttemptReport? ToReport() => Stage == Stage.Accepted ? null : new()
    {
        Attempt = key,
        ReservationId = reservation,
        EnvironmentKey = environmentKey,
        Outcome = Stage == Stage.Running ? AttemptOutcome.Started : Outcome,
        StartedAt = StartedAt,
        StoppedAt = StoppedAt,
        ExitCode = ExitCode,
    };
}
