namespace OrleansBatch.Core.Scheduling.FairShare;

/// <summary>What one share's jobs have used within a window, recent use counting more: the sum over its jobs of ∫ vCPU · (1 − age / window) dt.</summary>
/// <remarks>
/// Kept in as many buckets of time as memory is given, each with its area and its first moment: since the weight falls in a straight
/// line, that gives the integral exactly, but for the bucket that the window's end cuts, whose weight is below 1/64. An answer takes
/// the same few operations whatever ran, as both sums over all buckets are kept too. Belongs to one owner: not safe for several threads.
/// </remarks>
public sealed class ShareUsage
{
    /// <summary>Parts that a window is cut into. It divides the ticks of a second, so that a bucket has whole ticks.</summary>
    public const int Parts = 64;

    private const int Buckets = Parts + 1;

    private readonly long _bucketTicks;
    private readonly double _windowSeconds;
    private readonly double[] _areas = new double[Buckets];
    private readonly double[] _moments = new double[Buckets];
    private long _newest;
    private long _accruedTo;
    private double _totalArea;
    private double _totalMoment;

    /// <summary>Of a share that has used nothing.</summary>
    /// <param name="window">How far back use counts; whole seconds, at least one.</param>
    /// <param name="now">The time.</param>
    public ShareUsage(TimeSpan window, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TimeSpan.FromSeconds(1));
        _bucketTicks = window.Ticks / Parts;
        _windowSeconds = Seconds(_bucketTicks * Parts);
        _accruedTo = now.UtcTicks;
        _newest = _accruedTo / _bucketTicks;
    }

    /// <summary>Thousandths of a vCPU that its jobs hold now.</summary>
    public long RunningVcpuMillis { get; private set; }

    /// <summary>vCPU seconds, decayed. Time never runs back: an earlier time counts as the latest one known.</summary>
    public double At(DateTimeOffset now)
    {
        AccrueTo(now.UtcTicks);
        var sum = Weighted(_totalArea, _totalMoment, Oldest);

        // Of the bucket that is partly too old, what is too old would count below nothing.
        var slot = Slot(Oldest);
        return Math.Max(0, sum - Math.Min(0, Weighted(_areas[slot], _moments[slot], Oldest)));
    }

    /// <summary>A job takes vCPUs. A time before the latest one known is made up for.</summary>
    public void Start(long vcpuMillis, DateTimeOffset at)
    {
        AccrueTo(at.UtcTicks);
        Add(vcpuMillis, at.UtcTicks, _accruedTo);
        RunningVcpuMillis += vcpuMillis;
    }

    /// <summary>A job gives back its vCPUs. A time before the latest one known is made up for.</summary>
    public void End(long vcpuMillis, DateTimeOffset at)
    {
        AccrueTo(at.UtcTicks);
        Add(-vcpuMillis, at.UtcTicks, _accruedTo);
        RunningVcpuMillis -= vcpuMillis;
    }

    /// <summary>A job held vCPUs from one time to another, both past.</summary>
    public void Used(long vcpuMillis, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        AccrueTo(now.UtcTicks);
        Add(vcpuMillis, from.UtcTicks, Math.Min(to.UtcTicks, _accruedTo));
    }

    /// <summary>The same use in a window of another length. What was too old before stays forgotten.</summary>
    public ShareUsage In(TimeSpan window, DateTimeOffset now)
    {
        AccrueTo(now.UtcTicks);
        ShareUsage other = new(window, new(_accruedTo, TimeSpan.Zero)) { RunningVcpuMillis = RunningVcpuMillis };
        for (var bucket = Oldest; bucket <= _newest; bucket++)
        {
            var slot = Slot(bucket);
            if (_areas[slot] > 0)
            {
                // As if all of it had been at the middle of its weight.
                other.AddPoint(_areas[slot], (bucket * _bucketTicks) + (long)(_moments[slot] / _areas[slot] * TimeSpan.TicksPerSecond));
            }
        }

        return other;
    }

    private long Oldest => _newest - Parts;

    private static double Seconds(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;

    private static int Slot(long bucket) => (int)(bucket % Buckets);

    private double Weighted(double area, double moment, long origin) =>
        (area * (1 - (Seconds(_accruedTo - (origin * _bucketTicks)) / _windowSeconds))) + (moment / _windowSeconds);

    private void AccrueTo(long now)
    {
        if (now <= _accruedTo)
        {
            return;
        }

        MoveTo(now / _bucketTicks);
        var from = _accruedTo;
        _accruedTo = now;
        Add(RunningVcpuMillis, from, now);
    }

    private void MoveTo(long bucket)
    {
        if (bucket == _newest)
        {
            return;
        }

        for (var gone = Math.Max(_newest + 1, bucket - Parts); gone <= bucket; gone++)
        {
            (_areas[Slot(gone)], _moments[Slot(gone)]) = (0, 0);
        }

        // Made anew, the sums gather no errors of rounding.
        _newest = bucket;
        (_totalArea, _totalMoment) = (0, 0);
        for (var kept = Oldest; kept <= _newest; kept++)
        {
            Sum(kept, _areas[Slot(kept)], _moments[Slot(kept)]);
        }
    }

    private void Add(long vcpuMillis, long from, long to)
    {
        from = Math.Max(from, Oldest * _bucketTicks);
        for (var bucket = from / _bucketTicks; vcpuMillis != 0 && from < to; bucket++)
        {
            var start = bucket * _bucketTicks;
            var end = Math.Min(to, start + _bucketTicks);
            var area = vcpuMillis / 1000.0 * Seconds(end - from);
            Put(bucket, area, area * Seconds(from - start + (end - start)) / 2);
            from = end;
        }
    }

    private void AddPoint(double area, long at)
    {
        // A rounding error may put it a tick beyond now.
        var bucket = Math.Min(at / _bucketTicks, _newest);
        if (bucket >= Oldest)
        {
            Put(bucket, area, area * Seconds(at - (bucket * _bucketTicks)));
        }
    }

    private void Put(long bucket, double area, double moment)
    {
        _areas[Slot(bucket)] += area;
        _moments[Slot(bucket)] += moment;
        Sum(bucket, area, moment);
    }

    private void Sum(long bucket, double area, double moment)
    {
        _totalArea += area;
        _totalMoment += moment + (area * Seconds((bucket - Oldest) * _bucketTicks));
    }
}
