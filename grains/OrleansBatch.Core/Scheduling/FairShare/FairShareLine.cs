namespace OrleansBatch.Core.Scheduling.FairShare;

/// <summary>A fair-share queue's jobs in their order, and what its shares have used.</summary>
/// <remarks>
/// <para>
/// Next is a job of the share with the lowest usage × weight; where two are equal, of the one whose next job waits longest. Inside a share:
/// highest priority, then first in, first out. Priority never crosses shares.
/// </para>
/// <para>
/// Usage is taken a little ahead of now (1/64 of the window), as if what runs ran on till then: so a job that starts counts against its share
/// at once, and capacity that comes free together is not given to one share whole.
/// </para>
/// <para>
/// A queue's grain owns it, and makes it anew from the jobs' rows. Everything may be told twice. It is not safe for several threads.
/// Source: AWS Batch user guide, "Fair-share scheduling policies". AWS does not publish the curve of its decay; this one is ours.
/// </para>
/// </remarks>
public sealed class FairShareLine(FairShareSettings settings)
{
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _activeUnder = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Share, long> _idle = new();

    /// <summary>The policy in force.</summary>
    public FairShareSettings Settings { get; private set; } = settings;

    /// <summary>Jobs that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Another policy, or the same one changed. Usage is kept, as far as the windows allow.</summary>
    public void Apply(FairShareSettings changed, DateTimeOffset now)
    {
        var window = Settings.Window;
        Settings = changed;
        _activeUnder.Clear();
        _idle.Clear();
        foreach (var share in _shares.Values)
        {
            share.Enter(changed, _activeUnder);
            if (window != changed.Window)
            {
                share.Usage = share.Usage.In(changed.Window, now);
            }

            share.IsListedIdle = false;
            ListIfIdle(share);
        }
    }

    /// <summary>Takes a job that has become RUNNABLE. One that runs has to end first.</summary>
    public void Add(FairShareJob job, DateTimeOffset now)
    {
        if (_running.ContainsKey(job.JobId))
        {
            return;
        }

        var share = ShareOf(job.Share, now);
        _ = share.Pending.Remove(job.Sequence);
        Count += share.Waiting.Add(job) ? 1 : 0;
    }

    /// <summary>Lets go of a job that is not RUNNABLE any more, and did not start.</summary>
    public void Remove(FairShareJob job, DateTimeOffset now)
    {
        if (_shares.TryGetValue(job.Share, out var share))
        {
            // It may be known from before, or from after, its first attempt.
            if (share.Waiting.Remove(job) || share.Waiting.Remove(job with { TriedBefore = !job.TriedBefore }))
            {
                Count--;
                BecomesIdle(share, now);
            }
        }
    }

    /// <summary>A job is SUBMITTED or PENDING: its share is active.</summary>
    public void AddPending(string share, long sequence, DateTimeOffset now) => _ = ShareOf(share, now).Pending.Add(sequence);

    /// <summary>A job that was SUBMITTED or PENDING has ended. One that becomes RUNNABLE is only added.</summary>
    public void RemovePending(string share, long sequence, DateTimeOffset now)
    {
        if (_shares.TryGetValue(share, out var its) && its.Pending.Remove(sequence))
        {
            BecomesIdle(its, now);
        }
    }

    /// <summary>A job has taken its capacity: it does not wait any more, and its share is charged from then on.</summary>
    public void Started(FairShareJob job, DateTimeOffset at)
    {
        var share = ShareOf(job.Share, at);
        if (_running.TryAdd(job.JobId, new(share, job.Needs.VcpuMillis, at)))
        {
            share.Running++;
            share.Usage.Start(job.Needs.VcpuMillis, at);
        }

        Remove(job, at);
    }

    /// <summary>A job has given back its capacity. Whether it was known to have any.</summary>
    public bool Ended(string jobId, DateTimeOffset at)
    {
        if (!_running.Remove(jobId, out var running))
        {
            return false;
        }

        at = at < running.Since ? running.Since : at;
        running.Share.Running--;
        running.Share.Usage.End(running.VcpuMillis, at);
        BecomesIdle(running.Share, at);
        return true;
    }

    /// <summary>A job that was taken to start did not: it waits again, and its share is not charged.</summary>
    public void NotStarted(FairShareJob job, DateTimeOffset now)
    {
        if (_running.TryGetValue(job.JobId, out var running))
        {
            _ = Ended(job.JobId, running.Since);
        }

        Add(job, now);
    }

    /// <summary>A job has ended that held vCPUs from one time to another: for a line made anew from rows.</summary>
    public void Used(string share, long vcpuMillis, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        if (to > now - Settings.Window)
        {
            var its = ShareOf(share, now);
            its.Usage.Used(vcpuMillis, from, to, now);
            BecomesIdle(its, to);
        }
    }

    /// <summary>Shares that have a job that is not over, or had one within the window.</summary>
    public int ActiveShares(DateTimeOffset now)
    {
        ForgetIdle(now);
        return _shares.Count;
    }

    /// <summary>Whether a share may have a new job: it is active, or may become so.</summary>
    public bool Admits(string share, DateTimeOffset now) => ActiveShares(now) < FairShareRules.MaxActiveShares || _shares.ContainsKey(share);

    /// <summary>What is kept free now; see <see cref="FairShareRules.Reserved"/>.</summary>
    public long Reserved(long? maximumVcpuMillis, DateTimeOffset now) =>
        FairShareRules.Reserved(maximumVcpuMillis, Settings.ReservationPercent, ActiveShares(now));

    /// <summary>The jobs in order, as they would start now one after another: to ask for another says that the one before starts.</summary>
    /// <remarks>Costs one step for each share at its beginning, and then as much for each job as a heap of the shares. The line must not be changed meanwhile.</remarks>
    public IEnumerable<FairShareJob> InOrder(DateTimeOffset now)
    {
        ForgetIdle(now);
        PriorityQueue<Turn, (double Score, long Sequence)> turns = new();
        foreach (var share in _shares.Values)
        {
            if (share.Waiting.Count > 0)
            {
                Turn turn = new(share, Ahead(share, now), Factor(share));
                _ = turn.Next();
                turns.Enqueue(turn, turn.Place);
            }
        }

        while (turns.TryDequeue(out var turn, out _))
        {
            yield return turn.Job;
            turn.Charge(Lookahead);
            if (turn.Next())
            {
                turns.Enqueue(turn, turn.Place);
            }
        }
    }

    /// <summary>How each active share stands, the one whose turn it is first.</summary>
    public IReadOnlyList<ShareStanding> Standings(DateTimeOffset now)
    {
        ForgetIdle(now);
        return
        [
            .. _shares.Values
                .Select(share => new ShareStanding(
                    share.Name, share.Usage.At(now), Ahead(share, now) * Factor(share), share.Usage.RunningVcpuMillis, share.Waiting.Count))
                .OrderBy(standing => standing.Score)
                .ThenBy(standing => standing.Share, StringComparer.Ordinal),
        ];
    }

    /// <summary>Seconds that running jobs are taken to run on.</summary>
    private double Lookahead => Settings.Window.TotalSeconds / ShareUsage.Parts;

    private double Ahead(Share share, DateTimeOffset now) => share.Usage.At(now) + (share.Usage.RunningVcpuMillis / 1000.0 * Lookahead);

    /// <summary>Shares under one prefix have one allotment among them.</summary>
    private double Factor(Share share) => share.Weight * (share.Prefix is null ? 1 : _activeUnder[share.Prefix]);

    private Share ShareOf(string name, DateTimeOffset now)
    {
        ForgetIdle(now);
        if (!_shares.TryGetValue(name, out var share))
        {
            share = new(name, new(Settings.Window, now));
            share.Enter(Settings, _activeUnder);
            _shares.Add(name, share);
        }

        return share;
    }

    private void BecomesIdle(Share share, DateTimeOffset at)
    {
        share.LastEnd = at > share.LastEnd ? at : share.LastEnd;
        ListIfIdle(share);
    }

    private void ListIfIdle(Share share)
    {
        if (!share.IsOpen && !share.IsListedIdle)
        {
            share.IsListedIdle = true;
            _idle.Enqueue(share, (share.LastEnd + Settings.Window).UtcTicks);
        }
    }

    private void ForgetIdle(DateTimeOffset now)
    {
        while (_idle.TryPeek(out var share, out var until) && until <= now.UtcTicks)
        {
            _ = _idle.Dequeue();
            share.IsListedIdle = false;
            if (share.IsOpen)
            {
                continue;
            }

            if (share.LastEnd + Settings.Window > now)
            {
                // It had jobs again since it was listed.
                ListIfIdle(share);
                continue;
            }

            _ = _shares.Remove(share.Name);
            if (share.Prefix is { } prefix && --_activeUnder[prefix] == 0)
            {
                _ = _activeUnder.Remove(prefix);
            }
        }
    }

    private sealed record Running(Share Share, long VcpuMillis, DateTimeOffset Since);

    private sealed class Share(string name, ShareUsage usage)
    {
        public string Name { get; } = name;

        public ShareUsage Usage { get; set; } = usage;

        public SortedSet<FairShareJob> Waiting { get; } = new(FairShareJob.Order);

        public HashSet<long> Pending { get; } = [];

        public int Running { get; set; }

        public double Weight { get; private set; }

        public string? Prefix { get; private set; }

        public DateTimeOffset LastEnd { get; set; }

        public bool IsListedIdle { get; set; }

        public bool IsOpen => Waiting.Count + Pending.Count + Running > 0;

        public void Enter(FairShareSettings settings, Dictionary<string, int> activeUnder)
        {
            (Weight, Prefix) = settings.EntryOf(Name);
            if (Prefix is not null)
            {
                activeUnder[Prefix] = activeUnder.GetValueOrDefault(Prefix) + 1;
            }
        }
    }

    /// <summary>A share in a walk through the line.</summary>
    private sealed class Turn(Share share, double ahead, double factor)
    {
        private SortedSet<FairShareJob>.Enumerator _waiting = share.Waiting.GetEnumerator();
        private double _ahead = ahead;

        public FairShareJob Job => _waiting.Current;

        public (double Score, long Sequence) Place => (_ahead * factor, Job.Sequence);

        public bool Next() => _waiting.MoveNext();

        public void Charge(double seconds) => _ahead += Job.Needs.VcpuMillis / 1000.0 * seconds;
    }
}

/// <summary>How an active share stands.</summary>
/// <param name="Share">Its identifier.</param>
/// <param name="Usage">vCPU seconds within the window, decayed.</param>
/// <param name="Score">Usage, a little ahead, × weight: the lowest is next.</param>
/// <param name="RunningVcpuMillis">Thousandths of a vCPU that its jobs hold.</param>
/// <param name="Waiting">Its jobs that wait.</param>
public sealed record ShareStanding(string Share, double Usage, double Score, long RunningVcpuMillis, int Waiting);
