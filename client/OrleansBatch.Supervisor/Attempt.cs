using OrleansBatch.Processes;
using OrleansBatch.Processes.Cgroups;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>One attempt, from its acceptance until it is settled. Guarded by the book's gate; its log guards itself.</summary>
internal class Attempt
{
    public required AttemptKey Key { get; init; }

    public string Reservation { get; init; } = "";

    public string Environment { get; init; } = "";

    public AttemptLog Log { get; init; } = new("");

    /// <summary>How long it may run; null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>From SIGTERM to SIGKILL.</summary>
    public TimeSpan StopTimeout { get; init; }

    /// <summary>Its containers, if it has several: then these have processes, logs, groups and directories, and it has none.</summary>
    public TaskContainer[] Containers { get; set; } = [];

    /// <summary>What its containers have come to; null: nothing yet, or it has none.</summary>
    public ContainerVerdict? Verdict { get; set; }

    /// <summary>The order, until its process is up.</summary>
    public AttemptStart? Start { get; set; }

    public AttemptStage Stage { get; set; }

    /// <summary>Why it is being stopped; the first cause stays.</summary>
    public StopCause Stopping { get; set; }

    /// <summary>When its time is over, or if it is being stopped its stop timeout; a timestamp of the clock.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Its main process, with the earliest tick at which it can have been started.</summary>
    public ProcessIdentity Process { get; set; }

    /// <summary>The latest tick at which its main process can have been started.</summary>
    public long StartedBefore { get; set; }

    /// <summary>The directory it was given; null until then.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>The group that all its processes are in; null until then, and without limits.</summary>
    public Cgroup? Group { get; set; }

    /// <summary>Why its limits are not enforced; null when they are.</summary>
    public string? Unlimited { get; set; }

    public long? PeakMemory { get; set; }

    /// <summary>Without a group: the peak that its main process had had when it was last looked at, in bytes; 0: never. The lookout's to write.</summary>
    public long SeenPeak { get; set; }

    public long? CpuTime { get; set; }

    public long? StartedAt { get; set; }

    public long? StoppedAt { get; set; }

    public AttemptEnd? End { get; set; }

    public int? ExitCode { get; set; }

    public string? Reason { get; set; }

    /// <summary>What can be said of it now.</summary>
    public AttemptFact ToFact() => new()
    {
        Job = Key.Job,
        Fence = Key.Fence,
        Reservation = Reservation,
        Environment = Environment,
        Phase = Stage switch
        {
            AttemptStage.Ended => AttemptPhase.Ended,
            AttemptStage.Running or AttemptStage.Leaving => AttemptPhase.Running,
            _ => AttemptPhase.Accepted,
        },
        End = End,
        StartedAt = StartedAt,
        StoppedAt = StoppedAt,
        // Being found out until it has ended.
        ExitCode = Stage == AttemptStage.Ended ? ExitCode : null,
        Reason = Reason,
        PeakMemory = Stage == AttemptStage.Ended ? PeakMemory : null,
        CpuTime = Stage == AttemptStage.Ended ? CpuTime : null,
        Unlimited = Unlimited,
        Containers = Stage == AttemptStage.Ended && Containers.Length > 0 ? Array.ConvertAll(Containers, container => container.ToContainerFact()) : null,
    };

    /// <summary>The journal's line of one kind.</summary>
    public virtual JournalRecord ToRecord(string kind) => kind switch
    {
        JournalKind.Accepted => new()
        {
            Kind = kind,
            Job = Key.Job,
            Fence = Key.Fence,
            Reservation = Reservation,
            Environment = Environment,
            Log = Log.Path,
            Containers = Containers.Length > 0 ? Array.ConvertAll(Containers, container => container.ToJournal()) : null,
        },
        JournalKind.Started => new()
        {
            Kind = kind,
            Job = Key.Job,
            Fence = Key.Fence,
            Pid = Process.Pid,
            StartTicks = Process.StartTicks,
            StartTicksUntil = StartedBefore,
            StartedAt = StartedAt,
            Unlimited = Unlimited,
        },
        _ => new()
        {
            Kind = kind,
            Job = Key.Job,
            Fence = Key.Fence,
            StoppedAt = StoppedAt,
            End = End,
            ExitCode = ExitCode,
            Reason = Reason,
            PeakMemory = PeakMemory,
            CpuTime = CpuTime,
        },
    };
}

/// <summary>How far an attempt is.</summary>
internal enum AttemptStage
{
    /// <summary>Journalled; waits for a starting thread.</summary>
    Accepted,

    /// <summary>In a starting thread's hands.</summary>
    Starting,

    /// <summary>Its process is up and not yet reaped.</summary>
    Running,

    /// <summary>Its process has ended; what that had started is being killed.</summary>
    Leaving,

    /// <summary>Over; kept until settled.</summary>
    Ended,
}

/// <summary>Why an attempt is being stopped.</summary>
internal enum StopCause
{
    None,
    Ordered,
    TimedOut,

    /// <summary>The lease has lapsed: whatever it exits with, its host is lost.</summary>
    Lapsed,
}
