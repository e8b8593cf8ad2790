using OrleansBatch.Core.Scheduling.FairShare;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>Fair share: what <see cref="FairShareLine"/> decides, told in a queue's words. Children of an array count singly.</summary>
internal sealed class ShareLine(FairShareSettings settings, TimeProvider time) : ILine
{
    /// <summary>More than the largest array has children.</summary>
    private const long PerArray = 1 << 14;

    private readonly FairShareLine _line = new(settings);
    private readonly Dictionary<long, QueueEntry> _waiting = [];

    /// <summary>With what came while it was being placed: its attempt may be over before anyone hears that it began.</summary>
    private readonly Dictionary<long, QueueEntry?> _beingPlaced = [];

    public bool IsEmpty => _line.Count == 0;

    public WaitingCounts Counts { get; } = new();

    /// <summary>How many shares are active.</summary>
    public int ActiveShares => _line.ActiveShares(Now);

    public IEnumerable<QueueEntry> InOrder(DateTimeOffset now) => _line.InOrder(now).Select(job => _waiting[job.Sequence]);

    public void Add(QueueEntry job, IEnumerable<int>? waiting = null)
    {
        if (job.ArraySize == 0)
        {
            AddOne(job);
            return;
        }

        // The parent is open as long as any child is.
        _line.AddPending(job.Share!, KeyOf(job), Now);
        foreach (var index in waiting ?? Enumerable.Range(0, job.ArraySize))
        {
            AddOne(job with { JobId = JobPartIds.Child(job.JobId, index), Index = index, ArraySize = 0 });
        }
    }

    public void Remove(QueueEntry job)
    {
        _line.RemovePending(job.Share!, KeyOf(job), Now);
        if (job.ArraySize > 0)
        {
            for (var index = 0; index < job.ArraySize; index++)
            {
                RemoveOne(job with { JobId = JobPartIds.Child(job.JobId, index), Index = index, ArraySize = 0 });
            }
        }
        else
        {
            RemoveOne(job);
        }
    }

    public bool TakeOut(QueueEntry job)
    {
        var key = KeyOf(job);
        if (!_waiting.Remove(key))
        {
            return false;
        }

        Counts.Add(job, -1);
        _line.Started(Job(job), Now);
        return _beingPlaced.TryAdd(key, null);
    }

    public void Placed(QueueEntry job)
    {
        if (_beingPlaced.Remove(KeyOf(job), out var again) && again is not null)
        {
            AddOne(again);
        }
    }

    public void LetGo(QueueEntry job)
    {
        var isKnown = _beingPlaced.Remove(KeyOf(job), out var again);
        _line.NotStarted(Job(job), Now);
        _line.Remove(Job(job), Now);
        if (isKnown && again is not null)
        {
            AddOne(again);
        }
    }

    public void PutBack(QueueEntry job)
    {
        if (_beingPlaced.Remove(KeyOf(job), out var again) && again is not null)
        {
            job = again;
        }

        Counts.Add(job, _waiting.ContainsKey(KeyOf(job)) ? 0 : 1);
        _waiting[KeyOf(job)] = job;
        _line.NotStarted(Job(job), Now);
    }

    /// <summary>A policy as it is now.</summary>
    public void Apply(FairShareSettings changed) => _line.Apply(changed, Now);

    /// <summary>A job waits for others: its share is active.</summary>
    public void AddPending(string share, long sequence) => _line.AddPending(share, KeyOf(sequence, -1), Now);

    /// <summary>A job's attempt is over.</summary>
    public void Ended(string jobId) => _ = _line.Ended(jobId, Now);

    /// <summary>Of an earlier activation: a job holds capacity since then.</summary>
    public void Runs(string jobId, string share, long vcpuMillis, DateTimeOffset since) =>
        _line.Started(new(jobId, share, 0, TriedBefore: false, Sequence: 0, new() { VcpuMillis = vcpuMillis }), since);

    /// <summary>Of an earlier activation: an attempt that is over.</summary>
    public void Used(string share, long vcpuMillis, DateTimeOffset from, DateTimeOffset to) => _line.Used(share, vcpuMillis, from, to, Now);

    /// <summary>Whether a job of this share may come in.</summary>
    public bool Admits(string share) => _line.Admits(share, Now);

    /// <summary>Thousandths of a vCPU that are kept for shares that are not active.</summary>
    public long Reserved(long maximumVcpuMillis) => _line.Reserved(maximumVcpuMillis, Now);

    private DateTimeOffset Now => time.GetUtcNow();

    private static long KeyOf(QueueEntry job) => KeyOf(job.Sequence, job.Index);

    private static long KeyOf(long sequence, int index) => (sequence * PerArray) + index + 1;

    private static FairShareJob Job(QueueEntry entry) => new(entry.JobId, entry.Share!, entry.Priority, entry.TriedBefore, KeyOf(entry), entry.Needs);

    private void AddOne(QueueEntry job)
    {
        var key = KeyOf(job);
        if (_beingPlaced.ContainsKey(key))
        {
            if (job.TriedBefore)
            {
                _beingPlaced[key] = job;
            }
        }
        else if (_waiting.TryAdd(key, job))
        {
            // Its attempt before is over, whether that was told or not.
            Counts.Add(job, 1);
            _ = _line.Ended(job.JobId, Now);
            _line.Add(Job(job), Now);
        }
    }

    private void RemoveOne(QueueEntry job)
    {
        if (_waiting.Remove(KeyOf(job), out var waiting))
        {
            Counts.Add(waiting, -1);
            _line.Remove(Job(waiting), Now);
        }
    }
}
