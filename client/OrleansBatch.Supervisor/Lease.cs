using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Until when attempts may run on this host without another word from the scheduler. Guarded by the book's gate.</summary>
/// <remarks>Who has none runs as long as it likes: the scheduler on one machine. Who had one and let it lapse never gets another.</remarks>
/// <param name="bootTime">Milliseconds since boot by a clock that runs through suspension.</param>
internal sealed class Lease(Func<long> bootTime)
{
    /// <summary>From the lapse to SIGKILL when the agent does not say.</summary>
    private const long UsualStop = 30_000;

    private long _until = long.MaxValue;
    private long _stopWithin = UsualStop;

    /// <summary>Whether it has lapsed.</summary>
    public bool HasLapsed => bootTime() >= _until;

    /// <summary>Milliseconds until everything that has not obeyed is killed; 0 when that is over, for instance after a suspension.</summary>
    public long LeftToStop => Math.Max(0, _until + _stopWithin - bootTime());

    /// <summary>Takes what the agent says. Not for one that has lapsed.</summary>
    public void Extend(Frame frame)
    {
        if (HasLapsed || frame.LeaseUntil is not { } until || (frame.IsFirst == true && _until != long.MaxValue))
        {
            return;
        }

        // An older renewal that was sent again shortens nothing.
        _until = _until == long.MaxValue ? until : Math.Max(_until, until);
        _stopWithin = frame.StopWithin ?? UsualStop;
    }

    /// <summary>Lets it lapse now.</summary>
    public void End() => _until = Math.Min(_until, bootTime());
}
