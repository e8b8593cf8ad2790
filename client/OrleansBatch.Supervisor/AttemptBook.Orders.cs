using System.Buffers;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>What the book does with orders. All of it under the gate.</summary>
internal sealed partial class AttemptBook
{
    // A limit of a century is none, and can still be counted in the clock's ticks.
    private const long LongestLimit = 100L * 365 * 24 * 3600 * 1000;

    private List<Attempt> Accept(AttemptStart[] starts, string? journalId)
    {
        List<Attempt> accepted = [];
        var lines = new ArrayBufferWriter<byte>();
        foreach (var start in starts)
        {
            var key = new AttemptKey(start.Job, start.Fence);
            if (_history.Find(key) is { } known)
            {
                _clerk.Take(new() { Fact = known.ToFact() });
            }
            else if (_isLapsed || (journalId is not null && journalId != JournalId))
            {
                // Meant for a journal that ends or is gone, and with it the knowledge whether this was started before.
                _clerk.Take(new() { Fact = Answer(AttemptEnd.Lost, key, start.Reservation, start.Environment) });
            }
            else if (!_history.IsNew(key))
            {
                _clerk.Take(new() { Fact = Answer(AttemptEnd.Refused, key, start.Reservation, start.Environment) });
            }
            else
            {
                var attempt = new Attempt
                {
                    Key = key,
                    Reservation = start.Reservation,
                    Environment = start.Environment,
                    Log = new(start.Log),
                    Timeout = start.Timeout is { } timeout ? Limited(timeout) : null,
                    StopTimeout = Limited(start.StopTimeout),
                    Start = start,
                };
                if (start.Containers is { Length: > 0 } containers)
                {
                    attempt.Containers = TaskContainer.Of(attempt, containers, Limited);
                    attempt.Start = null;
                }

                _history.Add(attempt);
                _open++;
                accepted.Add(attempt);
                Journal.Format(attempt.ToRecord(JournalKind.Accepted), lines);
            }
        }

        try
        {
            _journal.Append(lines.WrittenSpan);
        }
        catch (IOException problem)
        {
            // What is not written down must not run: a later supervisor could not find it.
            accepted.ForEach(attempt => End(attempt, AttemptEnd.FailedToStart, null, $"CannotStartContainerError: journal: {problem.Message}"));
            return [];
        }

        // Of several containers each goes to the starting threads when its turn comes.
        foreach (var task in accepted.Where(attempt => attempt.Containers.Length > 0))
        {
            BeginTask(task);
        }

        accepted.RemoveAll(attempt => attempt.Containers.Length > 0);
        return accepted;
    }

    private void Stop(AttemptKey[] keys)
    {
        foreach (var key in keys)
        {
            if (_history.Find(key) is { } attempt)
            {
                BeginStop(attempt, StopCause.Ordered);
            }
            else if (_history.IsNew(key))
            {
                var refused = new Attempt { Key = key };
                _history.Add(refused);
                _open++;
                End(refused, AttemptEnd.Refused, exitCode: null, reason: null);
            }
            else
            {
                _clerk.Take(new() { Fact = Answer(AttemptEnd.Refused, key, "", "") });
            }
        }
    }

    private void Settle(AttemptKey[] keys)
    {
        foreach (var key in keys)
        {
            if (_history.Settle(key))
            {
                _clerk.Take(new() { Record = new() { Kind = JournalKind.Settled, Job = key.Job, Fence = key.Fence } });
            }
        }
    }

    private AttemptFact Answer(AttemptEnd end, AttemptKey key, string reservation, string environment) => new()
    {
        Job = key.Job,
        Fence = key.Fence,
        Reservation = reservation,
        Environment = environment,
        Phase = AttemptPhase.Ended,
        End = end,
        StoppedAt = Now(),
    };

    private static TimeSpan Limited(long milliseconds) => TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, LongestLimit));
}
