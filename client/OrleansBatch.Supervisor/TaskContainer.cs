using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>One container of an attempt that has several: started, watched, limited and stopped like an attempt of its own, which it is within its task.</summary>
internal sealed class TaskContainer : Attempt
{
    /// <summary>The attempt.</summary>
    public required Attempt Task { get; init; }

    /// <summary>Its place among the containers.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    public bool IsEssential { get; init; }

    public ContainerWait[] DependsOn { get; init; } = [];

    /// <summary>From its start: by then it must have ended, if another waits for that. Null: no limit.</summary>
    public TimeSpan? StartTimeout { get; init; }

    /// <summary>Whether it has been given to the starting threads.</summary>
    public bool IsQueued { get; set; }

    /// <summary>When its start timeout is over; a timestamp of the clock.</summary>
    public long LateAt { get; set; } = long.MaxValue;

    /// <summary>Whether its start timeout is over.</summary>
    public bool IsLate { get; set; }

    /// <summary>The containers of an order.</summary>
    public static TaskContainer[] Of(Attempt task, ContainerStart[] starts, Func<long, TimeSpan> limited) =>
    [
        .. starts.Select((start, index) => new TaskContainer
        {
            Key = task.Key,
            Task = task,
            Index = index,
            Name = start.Name,
            IsEssential = start.IsEssential,
            // What points nowhere is waited for in vain, which the plan says.
            DependsOn = Array.ConvertAll(start.DependsOn, wait => wait.Container >= 0 && wait.Container < starts.Length ? wait : wait with { Container = index }),
            Log = new(start.Log),
            StartTimeout = start.StartTimeout is { } timeout ? limited(timeout) : null,
            StopTimeout = limited(start.StopTimeout),
            Start = new()
            {
                Job = task.Key.Job,
                Fence = task.Key.Fence,
                Command = start.Command,
                // The first of a name is what a program finds.
                Variables = [$"{AttemptKey.ContainerVariable}={start.Name}", .. start.Variables],
                Log = start.Log,
                Limits = start.Limits,
                Unstartable = start.Unstartable,
            },
        }),
    ];

    /// <summary>The containers that an earlier supervisor wrote down.</summary>
    public static TaskContainer[] Of(Attempt task, JournalContainer[] containers) =>
    [
        .. containers.Select((container, index) => new TaskContainer
        {
            Key = task.Key,
            Task = task,
            Index = index,
            Name = container.Name,
            IsEssential = container.IsEssential,
            Log = new(container.Log ?? ""),
        }),
    ];

    /// <summary>It will never be started.</summary>
    public void GiveUp(string? reason)
    {
        Stage = AttemptStage.Ended;
        End = AttemptEnd.Refused;
        Reason = reason;
        Start = null;
    }

    /// <summary>What the others must know of it.</summary>
    public ContainerState ToState() => new()
    {
        Name = Name,
        IsEssential = IsEssential,
        DependsOn = DependsOn,
        Phase = Stage switch
        {
            AttemptStage.Accepted => IsQueued ? ContainerPhase.Starting : ContainerPhase.Waiting,
            AttemptStage.Starting => ContainerPhase.Starting,
            AttemptStage.Ended when StartedAt is null => ContainerPhase.NeverStarted,
            AttemptStage.Ended => ContainerPhase.Ended,
            _ => ContainerPhase.Running,
        },
        ExitCode = Stage == AttemptStage.Ended ? ExitCode : null,
        Reason = Reason,
        IsLate = IsLate && Stage == AttemptStage.Running,
    };

    /// <summary>What can be said of it.</summary>
    public ContainerFact ToContainerFact() => new()
    {
        Name = Name,
        IsEssential = IsEssential,
        StartedAt = StartedAt,
        StoppedAt = StartedAt is null ? null : StoppedAt,
        ExitCode = Stage == AttemptStage.Ended ? ExitCode : null,
        Reason = Reason,
    };

    /// <summary>Its part in the journal's line of its attempt.</summary>
    public JournalContainer ToJournal() => new() { Name = Name, IsEssential = IsEssential, Log = Log.Path };

    /// <inheritdoc/>
    public override JournalRecord ToRecord(string kind) => base.ToRecord(kind) with
    {
        Kind = kind == JournalKind.Started ? JournalKind.ContainerStarted : JournalKind.ContainerEnded,
        Container = Index,
    };
}
