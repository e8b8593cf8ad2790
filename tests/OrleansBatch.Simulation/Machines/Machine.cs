using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Simulation.Actors;

namespace OrleansBatch.Simulation.Machines;

/// <summary>A machine: the supervisor with its journal, and the processes. It knows nothing of the scheduler's crashes.</summary>
internal sealed class Machine(World world, string nodeId)
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<AttemptId, Attempt> _unsettled = [];
    private readonly Dictionary<string, long> _fences = new(StringComparer.Ordinal);
    private readonly List<Attempt> _processes = [];
    private object _supervisor = new();
    private int _boot = 1;
    private int _journal = 1;

    public string NodeId => nodeId;

    public string Incarnation => $"{nodeId}-boot-{_boot}/{_journal}";

    public AgentProgram? Agent { get; private set; }

    /// <summary>Attempts whose process is up, in the order of their start.</summary>
    public IReadOnlyList<Attempt> Processes => _processes;

    public IEnumerable<Attempt> Waiting => _unsettled.Values.Where(attempt => attempt.Stage == Stage.Accepted);

    public AgentHello Hello() => new() { NodeId = nodeId, Incarnation = Incarnation, Attempts = [.. _unsettled.Keys], Capacity = default };

    public IEnumerable<AttemptReport> Facts() => _unsettled.Values.Select(attempt => attempt.ToReport()).OfType<AttemptReport>();

    /// <summary>A new agent program takes over from the one before.</summary>
    public void StartAgent()
    {
        StopAgent();
        Agent = new(world, this);
        Agent.Start();
    }

    public void StopAgent()
    {
        if (Agent is { } agent)
        {
            agent.IsGone = true;
            world.Turns.Forget(agent);
            Agent = null;
        }
    }

    public void Launch(LaunchOrder order)
    {
        var isKnown = _unsettled.TryGetValue(order.Attempt, out var known);
        var isNew = !_fences.TryGetValue(order.Attempt.JobId, out var last) || order.Attempt.Fence > last;
        if ((isKnown || !isNew) && world.Bug != PlantedBug.FenceNotChecked)
        {
            Tell(known ?? Ended(order.Attempt, order.ReservationId, order.EnvironmentKey, AttemptOutcome.Refused));
            return;
        }

        var attempt = new Attempt(order.Attempt, order.ReservationId, order.EnvironmentKey) { Timeout = order.Timeout };
        Add(attempt);
        world.Begin(() => StartAsync(attempt));
    }

    public void Stop(StopOrder order)
    {
        var key = order.Attempt;
        if (_unsettled.TryGetValue(key, out var attempt))
        {
            BeginStop(attempt, AttemptOutcome.Exited);
        }
        else
        {
            var refused = Ended(key, "", "", AttemptOutcome.Refused);
            if (!_fences.TryGetValue(key.JobId, out var last) || key.Fence > last)
            {
                Add(refused);
            }

            Tell(refused);
        }
    }

    public void Settle(AttemptId key)
    {
        if (_unsettled.TryGetValue(key, out var attempt) && attempt.Stage == Stage.Ended)
        {
            _unsettled.Remove(key);
        }
    }

    /// <summary>A process ends by itself.</summary>
    public void Exit(int process, int exitCode) => End(_processes[process], _processes[process].Stopping ?? AttemptOutcome.Exited, exitCode);

    /// <summary>An attempt that waits for its start cannot be started.</summary>
    public void FailToStart(Attempt attempt) => End(attempt, AttemptOutcome.FailedToStart, null);

    /// <summary>What has run too long is stopped; what was told to stop and did not is killed.</summary>
    public void Elapse()
    {
        foreach (var attempt in _processes.Where(attempt => attempt.Deadline <= world.Turns.Now).ToList())
        {
            if (attempt.Stopping is { } outcome)
            {
                End(attempt, outcome, 137);
            }
            else
            {
                BeginStop(attempt, AttemptOutcome.TimedOut);
            }
        }
    }

    /// <summary>The supervisor is killed: its agent stops what it ran, and its successor calls it lost.</summary>
    public void KillSupervisor()
    {
        CallLost();
        Agent?.Hear(Facts());
    }

    /// <summary>The machine loses its power and comes again, with its disk or with a new one.</summary>
    public void LosePower(bool keepsDisk)
    {
        StopAgent();
        _boot++;
        CallLost();
        if (!keepsDisk)
        {
            _journal++;
            _unsettled.Clear();
            _fences.Clear();
        }
    }

    private async Task StartAsync(Attempt attempt)
    {
        await world.Turns.Wait(_supervisor, Occasion.Begin);
        if (attempt.Stage != Stage.Accepted)
        {
            return;
        }

        attempt.Stage = Stage.Running;
        attempt.StartedAt = world.Turns.Now;
        attempt.Deadline = world.Turns.Now + attempt.Timeout;
        _processes.Add(attempt);
        world.Watch.Started(this, attempt);
        Tell(attempt);
    }

    private void BeginStop(Attempt attempt, AttemptOutcome cause)
    {
        if (attempt.Stage == Stage.Accepted)
        {
            End(attempt, AttemptOutcome.Refused, null);
        }
        else if (attempt.Stage == Stage.Running && attempt.Stopping is null)
        {
            attempt.Stopping = cause;
            attempt.Deadline = world.Turns.Now + StopTimeout;
        }
    }

    private void End(Attempt attempt, AttemptOutcome outcome, int? exitCode)
    {
        _processes.Remove(attempt);
        attempt.Stage = Stage.Ended;
        attempt.Outcome = outcome;
        attempt.ExitCode = exitCode;
        attempt.StoppedAt = world.Turns.Now;
        Tell(attempt);
    }

    private void CallLost()
    {
        world.Turns.Forget(_supervisor);
        _supervisor = new();
        _processes.Clear();
        foreach (var attempt in _unsettled.Values.Where(attempt => attempt.Stage != Stage.Ended))
        {
            attempt.Stage = Stage.Ended;
            attempt.Outcome = AttemptOutcome.Lost;
            attempt.StoppedAt = world.Turns.Now;
        }
    }

    private void Add(Attempt attempt)
    {
        _unsettled[attempt.Key] = attempt;
        _fences[attempt.Key.JobId] = Math.Max(attempt.Key.Fence, _fences.GetValueOrDefault(attempt.Key.JobId));
    }

    private void Tell(Attempt attempt)
    {
        if (attempt.ToReport() is { } report)
        {
            Agent?.Hear([report]);
        }
    }

    private Attempt Ended(AttemptId key, string reservation, string environmentKey, AttemptOutcome outcome) =>
        new(key, reservation, environmentKey) { Stage = Stage.Ended, Outcome = outcome, StoppedAt = world.Turns.Now };
}
