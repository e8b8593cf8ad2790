using System.Buffers;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Decides what happens to attempts: which order is followed, which is refused, what is stopped when.</summary>
/// <remarks>One gate guards all; it is held for moments, never while a program is loaded.</remarks>
internal sealed partial class AttemptBook
{
    // Amazon ECS' words: clients match on them.
    private const string OutOfMemory = "OutOfMemoryError: Container killed due to memory usage";

    private readonly Lock _gate = new();
    private readonly AttemptHistory _history;
    private readonly Journal _journal;
    private readonly Clerk _clerk;
    private readonly StartQueue _queue;
    private readonly WorkingDirectories _directories;
    private readonly AttemptGroups _groups;
    private readonly Leavings _leavings;
    private readonly Lease _lease;
    private readonly TimeProvider _time;
    private readonly Dictionary<int, Attempt> _running = [];
    private readonly HashSet<Attempt> _starting = [];
    private readonly Bell _begun = new();
    private AgentConnection? _agent;
    private int _open;
    private bool _reaperWaits;

    public AttemptBook(
        string journalId,
        AttemptHistory history,
        Journal journal,
        Clerk clerk,
        StartQueue queue,
        WorkingDirectories directories,
        AttemptGroups groups,
        Lease lease,
        TimeProvider time)
    {
        JournalId = journalId;
        _history = history;
        _journal = journal;
        _clerk = clerk;
        _queue = queue;
        _directories = directories;
        _groups = groups;
        _leavings = new(Left);
        _lease = lease;
        _time = time;
        clerk.Compact = Compact;
        clerk.Leave = Leave;
    }

    /// <summary>What attempts that are over have left behind.</summary>
    public Leavings Leavings => _leavings;

    /// <summary>Part of every mark.</summary>
    public string JournalId { get; }

    /// <summary>Whether an agent is connected, or any attempt waits, starts or runs.</summary>
    public bool IsNeeded
    {
        get
        {
            lock (_gate)
            {
                return _agent is not null || _open > 0;
            }
        }
    }

    /// <summary>Ends this program, unless an agent or an attempt needs it. Ends that are not settled stay in the journal, for the next supervisor to tell.</summary>
    public void LeaveIfUnneeded()
    {
        lock (_gate)
        {
            if (_agent is null && _open == 0)
            {
                Leave();
            }
        }
    }

    /// <summary>Makes this the agent that is heard and told, and gives it all that is not settled.</summary>
    /// <returns>The one before, which is heard no more.</returns>
    public AgentConnection? Welcome(AgentConnection agent)
    {
        lock (_gate)
        {
            var former = _agent;
            _agent = agent;
            var hello = new Frame
            {
                Kind = FrameKind.Hello,
                Version = Frame.CurrentVersion,
                Journal = JournalId,
                Pid = Environment.ProcessId,
                Program = AppContext.BaseDirectory,
                LimitedBy = _groups.LimitedBy,
                Unlimited = _groups.Problem,
                IsLapsed = IsLapsed(),
                Facts = [.. _history.Unsettled.Select(attempt => attempt.ToFact())],
            };
            _clerk.Take(new() { Agent = agent, Hello = hello });
            return former;
        }
    }

    /// <summary>An agent is gone.</summary>
    public void Farewell(AgentConnection agent)
    {
        lock (_gate)
        {
            if (_agent == agent)
            {
                _agent = null;
            }
        }
    }

    /// <summary>Follows one frame of orders, if it comes from the newest agent.</summary>
    public void Follow(AgentConnection agent, Frame orders)
    {
        List<Attempt> accepted = [];
        lock (_gate)
        {
            if (agent != _agent)
            {
                return;
            }

            // An order that has lain in a frozen supervisor is no younger than its lease.
            _ = IsLapsed();
            switch (orders.Kind)
            {
                // What was meant for a former journal, and is sent again, means nothing for this one.
                case FrameKind.Lease when orders.Journal == JournalId:
                    _lease.Extend(orders);
                    break;
                case FrameKind.Lapse when orders.Journal == JournalId:
                    _lease.End();
                    _ = IsLapsed();
                    break;
                case FrameKind.Launch:
                    ExtendBy(orders);
                    accepted = Accept(orders.Starts ?? [], orders.Journal);
                    break;
                case FrameKind.Stop:
                    Stop(orders.Attempts ?? []);
                    break;
                case FrameKind.Settle:
                    Settle(orders.Attempts ?? []);
                    break;
                case FrameKind.Leave when _open == 0:
                    Leave();
                    break;
                default:
                    break;
            }

            if (orders.Sequence is { } sequence)
            {
                _clerk.Take(new() { Agent = agent, Confirmed = sequence });
            }
        }

        _queue.Add(accepted);
    }

    /// <summary>Whether an attempt that came out of the queue may still be started.</summary>
    public bool BeginStart(Attempt attempt)
    {
        lock (_gate)
        {
            if (IsLapsed() || attempt.Stage != AttemptStage.Accepted)
            {
                return false;
            }

            attempt.Stage = AttemptStage.Starting;
            _starting.Add(attempt);
            return true;
        }
    }

    /// <summary>Its process is up, and has been started not later than a tick.</summary>
    public void Started(Attempt attempt, ProcessIdentity process, long startedBefore)
    {
        lock (_gate)
        {
            attempt.Stage = AttemptStage.Running;
            attempt.Process = process;
            attempt.StartedBefore = startedBefore;
            attempt.Start = null;
            attempt.StartedAt = Now();
            _running.Add(process.Pid, attempt);
            _clerk.Take(new() { Record = attempt.ToRecord(JournalKind.Started), Fact = FactOf(attempt) });
            if (attempt.Stopping != StopCause.None)
            {
                SendTerminate(attempt);
            }
            else if (attempt.Timeout is { } timeout)
            {
                attempt.Deadline = After(timeout);
            }

            if (attempt is TaskContainer container)
            {
                BeUp(container);
            }

            StartIsOver(attempt);
        }
    }

    /// <summary>It could not be started.</summary>
    public void FailedToStart(Attempt attempt, string reason)
    {
        lock (_gate)
        {
            End(attempt, AttemptEnd.FailedToStart, exitCode: null, reason);
            StartIsOver(attempt);
        }
    }

    /// <summary>Blocks until there is a process to wait for.</summary>
    public void WaitForProcess()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_running.Count > 0)
                {
                    return;
                }

                _reaperWaits = true;
            }

            _begun.Wait();
        }
    }

    /// <summary>A child has ended and waits to be reaped: an attempt's main process, or an orphan that we adopted.</summary>
    public void Reap(int pid)
    {
        if (TakeEnded(pid) is { } attempt)
        {
            // Not reaped yet, so that its number still means its group and no other.
            ProcessSignal.SendToGroup(pid, ProcessSignal.Kill);
            attempt.ExitCode = ChildProcess.Reap(pid, out var usage);
            attempt.CpuTime = usage.CpuMicroseconds;
            attempt.PeakMemory = usage.LargestBytes > ProcessMemory.OwnPeak() ? usage.LargestBytes : attempt.SeenPeak > 0 ? attempt.SeenPeak : null;
            BeOver(attempt);
        }
        else
        {
            _ = ChildProcess.Reap(pid);
        }
    }

    /// <summary>The attempt whose main process has ended: from here on only who takes it touches it. Null when it is no attempt's.</summary>
    private Attempt? TakeEnded(int pid)
    {
        List<Attempt>? suspects = null;
        while (true)
        {
            lock (_gate)
            {
                if (_running.Remove(pid, out var attempt))
                {
                    attempt.Stage = AttemptStage.Leaving;
                    return attempt;
                }

                // It may be one of those whose starting threads have not yet come back to say so; later ones have other numbers.
                suspects ??= [.. _starting];
                suspects.RemoveAll(suspect => suspect.Stage != AttemptStage.Starting);
                if (suspects.Count == 0)
                {
                    return null;
                }

                _reaperWaits = true;
            }

            _begun.Wait();
        }
    }

    /// <summary>Begins the stop sequence of those that have run too long.</summary>
    /// <returns>Those whose stop timeout is over and that no control group holds together: all that they started must be found and killed.</returns>
    public List<Attempt> TakeOverdue()
    {
        List<Attempt> overdue = [];
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (IsLapsed())
            {
                HurryUp();
            }

            foreach (var attempt in _running.Values)
            {
                if (attempt.Deadline > now)
                {
                    continue;
                }

                if (attempt.Stopping == StopCause.None)
                {
                    BeginStop(attempt, StopCause.TimedOut);
                }
                else
                {
                    attempt.Deadline = long.MaxValue;
                    ProcessSignal.SendToGroup(attempt.Process.Pid, ProcessSignal.Kill);
                    if (attempt.Group is { } group)
                    {
                        _ = group.Kill();
                    }
                    else
                    {
                        overdue.Add(attempt);
                    }
                }
            }

            if (_tasks.Count > 0)
            {
                LookAtTasks(now);
            }
        }

        return overdue;
    }

    /// <summary>Those whose processes are up, into a list that is used again.</summary>
    public void CopyRunning(List<Attempt> into)
    {
        into.Clear();
        lock (_gate)
        {
            into.AddRange(_running.Values);
        }
    }

    /// <summary>Whether a process with this mark belongs to an attempt, and of its several containers to one, that is not over. No mark belongs to any.</summary>
    public bool IsWanted(string? mark, string? container)
    {
        lock (_gate)
        {
            if (mark is null || !mark.StartsWith(JournalId + "/", StringComparison.Ordinal))
            {
                return _open > 0;
            }

            var end = mark.LastIndexOf('/');
            var job = end > JournalId.Length ? mark[(JournalId.Length + 1)..end] : "";
            return long.TryParse(mark.AsSpan(end + 1), out var fence)
                && _history.Find(new(job, fence)) is { Stage: not AttemptStage.Ended } attempt
                && Array.Find(attempt.Containers, each => each.Name == container) is null or { Stage: not AttemptStage.Ended };
        }
    }

    private void BeginStop(Attempt attempt, StopCause cause)
    {
        if (attempt.Containers.Length > 0)
        {
            StopTask(attempt, cause);
        }
        else if (attempt.Stage == AttemptStage.Accepted)
        {
            End(attempt, cause == StopCause.Lapsed ? AttemptEnd.Lost : AttemptEnd.Refused, exitCode: null, reason: null);
        }
        else if (attempt.Stage is AttemptStage.Starting or AttemptStage.Running && attempt.Stopping == StopCause.None)
        {
            attempt.Stopping = cause;
            if (attempt.Stage == AttemptStage.Running)
            {
                SendTerminate(attempt);
            }
        }
    }

    private void SendTerminate(Attempt attempt)
    {
        ProcessSignal.Send(attempt.Process.Pid, ProcessSignal.Terminate);
        attempt.Deadline = After(_isLapsed ? TimeSpan.FromMilliseconds(Math.Min(attempt.StopTimeout.TotalMilliseconds, _lease.LeftToStop)) : attempt.StopTimeout);
    }

    /// <summary>The main process has ended. The attempt has not before all that it started is gone, too.</summary>
    private void BeOver(Attempt attempt)
    {
        if (attempt.Group is { } group && group.Kill())
        {
            _leavings.Add(attempt);
        }
        else
        {
            Left(attempt);
        }
    }

    private void Left(Attempt attempt)
    {
        string? reason = null;
        if (attempt.Group?.TakeUsage() is { } usage)
        {
            attempt.PeakMemory = usage.PeakMemoryBytes;
            attempt.CpuTime = usage.CpuMicroseconds ?? attempt.CpuTime;
            reason = usage.IsOutOfMemory && attempt.ExitCode != 0 && attempt.Stopping == StopCause.None ? OutOfMemory : null;
        }

        lock (_gate)
        {
            var end = attempt.Stopping switch
            {
                StopCause.TimedOut => AttemptEnd.TimedOut,
                StopCause.Lapsed => AttemptEnd.Lost,
                _ => AttemptEnd.Exited,
            };
            End(attempt, end, end == AttemptEnd.Lost ? null : attempt.ExitCode, reason);
        }
    }

    private void End(Attempt attempt, AttemptEnd end, int? exitCode, string? reason)
    {
        attempt.Stage = AttemptStage.Ended;
        attempt.Start = null;
        attempt.StoppedAt = Now();
        attempt.End = end;
        attempt.ExitCode = exitCode;
        attempt.Reason = reason;
        _open -= attempt is TaskContainer ? 0 : 1;
        _clerk.Take(new() { Ended = attempt, Record = attempt.ToRecord(JournalKind.Ended), Fact = FactOf(attempt) });
        if (attempt.WorkingDirectory is { } directory)
        {
            attempt.WorkingDirectory = null;
            _directories.Release(directory);
        }

        if (attempt.Group is { } group)
        {
            attempt.Group = null;
            _groups.Release(group);
        }

        if (attempt is TaskContainer container)
        {
            Advance(container.Task);
        }

        LeaveIfLapsed();
    }

    /// <summary>What the agent is told: of attempts, not of one of their containers.</summary>
    private static AttemptFact? FactOf(Attempt attempt) => attempt is TaskContainer ? null : attempt.ToFact();

    private void StartIsOver(Attempt attempt)
    {
        _starting.Remove(attempt);
        if (_reaperWaits)
        {
            _reaperWaits = false;
            _begun.Ring();
        }
    }

    private void Compact()
    {
        lock (_gate)
        {
            var lines = new ArrayBufferWriter<byte>();
            _history.Format(JournalId, lines);
            if (_isLapsed)
            {
                Journal.Format(new() { Kind = JournalKind.Lapsed }, lines);
            }

            _journal.Replace(lines.WrittenSpan);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _groups.RemoveAll();
            Environment.Exit(0);
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private long After(TimeSpan delay) => _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
}
