using System.Buffers;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>All attempts that are known: those not settled in full, settled ones by their fence.</summary>
/// <remarks>Not safe by itself: the book's gate guards it.</remarks>
internal sealed class AttemptHistory
{
    /// <summary>How many settled attempts stay known, to refuse a late repetition of their order.</summary>
    public const int SettledKept = 100_000;

    private readonly Dictionary<AttemptKey, Attempt> _attempts = [];
    private readonly Dictionary<string, long> _fences = [];
    private readonly Queue<AttemptKey> _settled = new();

    /// <summary>Every attempt that is not settled.</summary>
    public IReadOnlyCollection<Attempt> Unsettled => _attempts.Values;

    /// <summary>The attempt, if it is not settled.</summary>
    public Attempt? Find(AttemptKey key) => _attempts.GetValueOrDefault(key);

    /// <summary>Whether the fence is newer than every one known of its job.</summary>
    public bool IsNew(AttemptKey key) => !_fences.TryGetValue(key.Job, out var last) || key.Fence > last
#if PLANTED_BUGS
        || PlantedBugs.Planted.Is("skip-the-fence")
#endif
        ;

    /// <summary>Takes a new attempt in.</summary>
    public void Add(Attempt attempt)
    {
        _attempts[attempt.Key] = attempt;
        _fences[attempt.Key.Job] = Math.Max(attempt.Key.Fence, _fences.GetValueOrDefault(attempt.Key.Job, long.MinValue));
    }

    /// <summary>Lets go of an attempt but for its fence; the oldest fences go when there are too many.</summary>
    /// <returns>False when there was nothing to let go of.</returns>
    public bool Settle(AttemptKey key)
    {
        if (!_attempts.TryGetValue(key, out var attempt) || attempt.Stage != AttemptStage.Ended)
        {
            return false;
        }

        _attempts.Remove(key);
        RememberFence(key);
        return true;
    }

    /// <summary>The whole history as journal lines, as short as it can be told.</summary>
    public void Format(string journalId, ArrayBufferWriter<byte> into)
    {
        Journal.Format(new() { Kind = JournalKind.Head, Id = journalId }, into);
        Journal.Format(new() { Kind = JournalKind.Boot, Id = ProcessIdentity.BootId }, into);
        foreach (var key in _settled)
        {
            Journal.Format(new() { Kind = JournalKind.Settled, Job = key.Job, Fence = key.Fence }, into);
        }

        foreach (var attempt in _attempts.Values)
        {
            Journal.Format(attempt.ToRecord(JournalKind.Accepted), into);
            foreach (var container in attempt.Containers)
            {
                FormatSince(container, into);
            }

            FormatSince(attempt, into);
        }
    }

    /// <summary>Takes one line of an earlier supervisor in.</summary>
    public void Apply(JournalRecord record)
    {
        if (record.Job is null)
        {
            return;
        }

        var key = new AttemptKey(record.Job, record.Fence);
        switch (record.Kind)
        {
            case JournalKind.Accepted when !_attempts.ContainsKey(key):
                var accepted = new Attempt
                {
                    Key = key,
                    Reservation = record.Reservation ?? "",
                    Environment = record.Environment ?? "",
                    Log = new(record.Log ?? ""),
                };
                accepted.Containers = TaskContainer.Of(accepted, record.Containers ?? []);
                Add(accepted);
                break;
            case JournalKind.Started when Find(key) is { Stage: not AttemptStage.Ended } begun:
                BeRunning(begun, record);
                break;
            case JournalKind.ContainerStarted when FindContainer(key, record.Container) is { Stage: not AttemptStage.Ended } begun:
                BeRunning(begun, record);
                break;
            case JournalKind.ContainerEnded when FindContainer(key, record.Container) is { } over:
                BeEnded(over, record);
                break;
            case JournalKind.Ended when Find(key) is not null || IsNew(key):
                // A refusal of a fence that was never launched has no line before this one.
                Add(Find(key) ?? new Attempt { Key = key });
                BeEnded(_attempts[key], record);
                break;
            case JournalKind.Settled:
                _attempts.Remove(key);
                RememberFence(key);
                break;
        }
    }

    /// <summary>What has happened since it was accepted.</summary>
    private static void FormatSince(Attempt attempt, ArrayBufferWriter<byte> into)
    {
        if (attempt.StartedAt is not null)
        {
            Journal.Format(attempt.ToRecord(JournalKind.Started), into);
        }

        if (attempt.Stage == AttemptStage.Ended)
        {
            Journal.Format(attempt.ToRecord(JournalKind.Ended), into);
        }
    }

    private static void BeRunning(Attempt attempt, JournalRecord record)
    {
        attempt.Stage = AttemptStage.Running;
        attempt.Process = new(record.Pid, record.StartTicks);
        attempt.StartedBefore = record.StartTicksUntil;
        attempt.StartedAt = record.StartedAt;
        attempt.Unlimited = record.Unlimited;
    }

    private static void BeEnded(Attempt attempt, JournalRecord record)
    {
        attempt.Stage = AttemptStage.Ended;
        attempt.StoppedAt = record.StoppedAt;
        attempt.End = record.End ?? AttemptEnd.Lost;
        attempt.ExitCode = record.ExitCode;
        attempt.Reason = record.Reason;
        attempt.PeakMemory = record.PeakMemory;
        attempt.CpuTime = record.CpuTime;
    }

    private TaskContainer? FindContainer(AttemptKey key, int? index) =>
        Find(key) is { } attempt && index is { } i && i >= 0 && i < attempt.Containers.Length ? attempt.Containers[i] : null;

    private void RememberFence(AttemptKey key)
    {
        _fences[key.Job] = Math.Max(key.Fence, _fences.GetValueOrDefault(key.Job, long.MinValue));
        _settled.Enqueue(key);
        while (_settled.Count > SettledKept && _settled.TryDequeue(out var oldest))
        {
            // A later attempt of the job keeps the fence known.
            if (_fences.GetValueOrDefault(oldest.Job) == oldest.Fence)
            {
                _fences.Remove(oldest.Job);
            }
        }
    }
}
