using System.Collections.Concurrent;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent.Telemetry;

/// <summary>Tells of attempts as spans of their jobs' traces: how long until a process was up, how long it ran, how long until its report was acknowledged.</summary>
/// <remarks>
/// Without a listener nothing is kept. A span is told once, when what ends it is known; an agent that was started anew does not know when an order came, nor when the former
/// heard of a start, and tells what it does know.
/// </remarks>
internal sealed class AttemptTraces(string nodeId, TimeProvider time)
{
    private readonly ConcurrentDictionary<AttemptId, Moments> _open = [];

    /// <summary>An order to start it has come.</summary>
    public void Ordered(AttemptId attempt)
    {
        if (JobTraces.IsOn)
        {
            // A repetition is no other start.
            _ = _open.TryAdd(attempt, new() { OrderedAt = time.GetUtcNow() });
        }
    }

    /// <summary>The supervisor has told a fact, perhaps not for the first time.</summary>
    public void Heard(AttemptFact fact)
    {
        if (!JobTraces.IsOn || fact.Phase == AttemptPhase.Accepted)
        {
            return;
        }

        var (attempt, now) = (new AttemptId(fact.Job, fact.Fence), time.GetUtcNow());
        var moments = _open.GetOrAdd(attempt, _ => new());
        lock (moments)
        {
            if (moments.OrderedAt is { } ordered)
            {
                moments.OrderedAt = null;
                var up = fact.StartedAt is { } started ? DateTimeOffset.FromUnixTimeMilliseconds(started) : now;
                JobTraces.Tell("agent.launch", attempt.JobId, ordered, up, Fence(attempt), Node, new("orleansbatch.attempt.reason", fact.StartedAt is null ? fact.Reason : null));
            }

            if (fact.End is null)
            {
                moments.StartHeardAt ??= now;
            }
            else
            {
                moments.EndHeardAt ??= now;
            }
        }
    }

    /// <summary>A report was acknowledged: what it says is stored.</summary>
    public void Acknowledged(AttemptReport report)
    {
        if (!_open.TryGetValue(report.Attempt, out var moments))
        {
            return;
        }

        var isEnd = report.Outcome != AttemptOutcome.Started;
        lock (moments)
        {
            if (isEnd && report is { StartedAt: { } started, StoppedAt: { } stopped })
            {
                JobTraces.Tell("agent.run", report.Attempt.JobId, started, stopped, Fence(report.Attempt), Node, new("orleansbatch.attempt.exit_code", report.ExitCode));
            }

            if ((isEnd ? moments.EndHeardAt : moments.StartHeardAt) is { } heard)
            {
                JobTraces.Tell(
                    "agent.report", report.Attempt.JobId, heard, time.GetUtcNow(), Fence(report.Attempt), Node, new("orleansbatch.attempt.outcome", report.Outcome.ToString()));
            }

            moments.StartHeardAt = null;
        }

        if (isEnd)
        {
            _ = _open.TryRemove(report.Attempt, out _);
        }
    }

    private KeyValuePair<string, object?> Node => new("orleansbatch.node.id", nodeId);

    private static KeyValuePair<string, object?> Fence(AttemptId attempt) => new("orleansbatch.attempt.fence", attempt.Fence);

    private sealed class Moments
    {
        /// <summary>Until its process was up.</summary>
        public DateTimeOffset? OrderedAt { get; set; }

        /// <summary>Until that was acknowledged.</summary>
        public DateTimeOffset? StartHeardAt { get; set; }

        public DateTimeOffset? EndHeardAt { get; set; }
    }
}
