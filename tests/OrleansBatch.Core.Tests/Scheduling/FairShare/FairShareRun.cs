using OrleansBatch.Core.Scheduling.FairShare;
using static OrleansBatch.Core.Tests.Scheduling.FairShare.AShare;

namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>Runs jobs in the order of a line, with one of each share waiting, and counts by itself, exactly, what the shares use.</summary>
internal sealed class FairShareRun
{
    private static readonly string[] Names = ["s0", "s1", "s2", "s3"];

    private readonly FairShareSetup _setup;
    private readonly FairShareMistake _mistake;
    private readonly List<Work>[] _ran;
    private readonly int[] _forgotten;
    private readonly int[] _held;
    private readonly FairShareJob?[] _waiting;
    private readonly PriorityQueue<(FairShareJob Job, int Share, int From), int> _running = new();
    private FairShareLine _line;
    private int _free;
    private int _now;
    private long _sequence;
    private uint _random;

    private FairShareRun(FairShareSetup setup, FairShareMistake mistake)
    {
        (_setup, _mistake, _random, _free) = (setup, mistake, setup.Seed | 1, setup.Vcpus);
        var shares = setup.Weights.Length;
        (_ran, _forgotten, _held, _waiting) = ([.. setup.Weights.Select(_ => new List<Work>())], new int[shares], new int[shares], new FairShareJob?[shares]);
        _line = NewLine();
    }

    /// <summary>Of the starts the one that was furthest from its turn: how much lower another's weighted use was, less what the line may be wrong. At most 0: each was in its turn.</summary>
    public double OutOfTurn { get; private set; } = double.NegativeInfinity;

    /// <summary>Of how far apart two weighted uses may be at the end, the part that they were.</summary>
    /// <remarks>
    /// At its last start the share that is ahead was not: its use, a little ahead, was no more than the other's, and that is at most all vCPUs × the look-ahead
    /// more than what that one had used. From then on it can still use what its jobs do that run, at most all vCPUs for as long as the longest job takes. The other
    /// loses by decay no more than all vCPUs in each second, and waits no longer than the longest job, for then everything has come free.
    /// After that what is ahead only decays, and what is behind gets all that there is.
    /// </remarks>
    public double Apart { get; private set; }

    /// <summary>Seconds that running jobs are taken to run on, so that what comes free together is not given to one share whole.</summary>
    private double Lookahead => _setup.Window / (double)ShareUsage.Parts;

    public static FairShareRun Of(FairShareSetup setup, FairShareMistake mistake = FairShareMistake.None)
    {
        var run = new FairShareRun(setup, mistake);
        run.Run();
        return run;
    }

    private void Run()
    {
        for (var share = 0; share < _waiting.Length; share++)
        {
            Submit(share);
        }

        var end = _setup.Idle is { } idle ? idle.To + _setup.Window : int.MaxValue;
        var isAsBefore = true;
        for (var starts = 0; _now < end && starts < _setup.Starts;)
        {
            if ((isAsBefore && starts == _setup.RestartAt) || _mistake == FairShareMistake.NotDecayed)
            {
                MakeLineAnew();
                isAsBefore = false;
            }

            var job = _line.InOrder(At(_now)).First();
            if (job.Needs.VcpuMillis > _free * 1000L)
            {
                // It blocks the rest, as in a queue.
                Wait();
                continue;
            }

            Start(job);
            starts++;
        }

        CheckDistances();
    }

    private void Submit(int share)
    {
        if (_setup.Idle is { } idle && share == 0 && _now >= idle.From && _now < idle.To)
        {
            _waiting[share] = null;
            return;
        }

        var job = Job(Names[share], _sequence++, vcpus: 1 + Draw(Math.Min(3, _setup.Vcpus)));
        _waiting[share] = job;
        _line.Add(job, At(_now));
    }

    private void Start(FairShareJob job)
    {
        var share = Array.IndexOf(Names, job.Share);
        CheckTurn(share);
        var vcpus = (int)(job.Needs.VcpuMillis / 1000);
        _line.Started(_mistake == FairShareMistake.SizesIgnored ? job with { Needs = AQueue.Needs(1) } : job, At(_now));
        if (_mistake == FairShareMistake.NeverCharged)
        {
            _ = _line.Ended(job.JobId, At(_now));
        }

        var length = 1 + Draw(_setup.Longest);
        _running.Enqueue((job, share, _now), _now + length);
        _ran[share].Add(new(_now, _now + length, vcpus));
        _held[share] += vcpus;
        _free -= vcpus;
        Submit(share);
    }

    /// <summary>Until the next job ends or the idle share comes back.</summary>
    private void Wait()
    {
        _ = _running.TryPeek(out _, out var end);
        var isBack = _setup.Idle is { } idle && _now < idle.To && idle.To <= end;
        _now = isBack ? _setup.Idle!.Value.To : end;
        while (_running.TryPeek(out var ended, out end) && end <= _now)
        {
            _ = _running.Dequeue();
            _ = _line.Ended(ended.Job.JobId, At(_now));
            var vcpus = (int)(ended.Job.Needs.VcpuMillis / 1000);
            _held[ended.Share] -= vcpus;
            _free += vcpus;
        }

        if (isBack)
        {
            ComeBack(_setup.Idle!.Value);
        }
    }

    private void ComeBack((int From, int To) idle)
    {
        for (var share = 1; _mistake == FairShareMistake.IdleTimePaidBack && share < _waiting.Length; share++)
        {
            _line.Used(Names[share], _setup.Vcpus * 1000L, At(_now - idle.To + idle.From), At(_now), At(_now));
        }

        if (_waiting[0] is null)
        {
            Submit(0);
        }
    }

    private FairShareLine NewLine() => new(Policy(_setup.Window, shares: [.. _setup.Weights.Select((weight, i) => (Names[i], _mistake switch
    {
        FairShareMistake.WeightsIgnored => 1,
        FairShareMistake.WeightsTheWrongWayRound => 1 / weight,
        _ => weight,
    }))]));

    /// <summary>As a queue that activates: from the rows of what has run, what runs, and what waits.</summary>
    private void MakeLineAnew()
    {
        _line = NewLine();
        foreach (var (job, _, from) in _running.UnorderedItems.Select(item => item.Element))
        {
            _line.Started(job, At(from));
        }

        for (var share = 0; share < _ran.Length; share++)
        {
            foreach (var work in _ran[share].Where(work => work.To <= _now))
            {
                // Undecayed: as if all had been just now.
                var later = _mistake == FairShareMistake.NotDecayed ? _now - work.To : 0;
                _line.Used(Names[share], work.Vcpus * 1000L, At(work.From + later), At(work.To + later), At(_now));
            }

            if (_waiting[share] is { } waiting)
            {
                _line.Add(waiting, At(_now));
            }
        }
    }

    private void CheckTurn(int taken)
    {
        var lowest = double.PositiveInfinity;
        for (var share = 0; share < _ran.Length; share++)
        {
            if (share != taken && _waiting[share] is not null)
            {
                lowest = Math.Min(lowest, _setup.Weights[share] * (Use(share) + Ahead(share) + MayBeWrong));
            }
        }

        OutOfTurn = Math.Max(OutOfTurn, (_setup.Weights[taken] * (Use(taken) + Ahead(taken) - MayBeWrong)) - lowest - 1e-6);
    }

    private void CheckDistances()
    {
        for (var one = 0; one < _ran.Length; one++)
        {
            for (var other = 0; other < _ran.Length; other++)
            {
                var (ahead, behind) = (_setup.Weights[one], _setup.Weights[other]);
                var most = _setup.Vcpus * ((ahead * _setup.Longest) + (behind * (_setup.Longest + Lookahead)));
                Apart = Math.Max(Apart, ((ahead * Use(one)) - (behind * Use(other))) / most);
            }
        }
    }

    /// <summary>What the line may count too little: the bucket that the window's end cuts reaches at most 1/64 of a window beyond it, and use there weighs 0 to -1/64.</summary>
    private double MayBeWrong => _setup.Vcpus * Lookahead / (2 * ShareUsage.Parts);

    private double Ahead(int share) => _held[share] * Lookahead;

    /// <summary>vCPU seconds, each counted less the longer ago it is: the integral of 1 - age ÷ window.</summary>
    private double Use(int share)
    {
        var (ran, oldest, sum) = (_ran[share], _now - _setup.Window, 0.0);
        while (_forgotten[share] < ran.Count && ran[_forgotten[share]].To <= oldest)
        {
            _forgotten[share]++;
        }

        for (var i = _forgotten[share]; i < ran.Count; i++)
        {
            var (from, to) = (Math.Max(ran[i].From, oldest), Math.Min(ran[i].To, _now));
            sum += from < to ? ran[i].Vcpus * (double)(to - from) * (from + to - (2 * oldest)) : 0;
        }

        return sum / (2 * _setup.Window);
    }

    private int Draw(int count)
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return (int)(_random % (uint)count);
    }

    private readonly record struct Work(int From, int To, int Vcpus);
}
