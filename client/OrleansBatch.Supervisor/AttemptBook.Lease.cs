using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>What the book does when the lease lapses. All of it under the gate.</summary>
/// <remarks>
/// The scheduler gives the attempts to other hosts some time after the lapse. So nothing is started any more, everything is stopped and its end is that of a
/// lost host. When all is over, and written down, the supervisor goes. Its successor begins a journal with another id: whoever comes then is somebody else.
/// </remarks>
internal sealed partial class AttemptBook
{
    private bool _isLapsed;

    /// <summary>Asked before anything is started and at every look, for nobody calls when the moment has come.</summary>
    private bool IsLapsed()
    {
#if PLANTED_BUGS
        if (PlantedBugs.Planted.Is("outlive-the-lease"))
        {
            return false;
        }

#endif
        if (!_isLapsed && _lease.HasLapsed)
        {
            _isLapsed = true;
            _clerk.Take(new() { IsLapse = true, Record = new() { Kind = JournalKind.Lapsed } });
            SupervisorLog.Write($"The lease has lapsed: {_open} attempts are stopped.");
            foreach (var attempt in _history.Unsettled.Where(attempt => attempt.Stage != AttemptStage.Ended).ToArray())
            {
                BeginStop(attempt, StopCause.Lapsed);
            }

            HurryUp();
            LeaveIfLapsed();
        }

        return _isLapsed;
    }

    /// <summary>A launch brings the lease along that it is given under, so that none runs without.</summary>
    private void ExtendBy(Frame launch)
    {
        if (launch.Journal == JournalId)
        {
            _lease.Extend(launch);
        }
    }

    /// <summary>What is being stopped has no more time than the lapse leaves, also what was told to stop before.</summary>
    private void HurryUp()
    {
        var latest = After(TimeSpan.FromMilliseconds(_lease.LeftToStop));
        foreach (var attempt in _running.Values)
        {
            // Those without a deadline have been killed already.
            if (attempt.Stopping != StopCause.None && attempt.Deadline != long.MaxValue)
            {
                attempt.Deadline = Math.Min(attempt.Deadline, latest);
            }
        }
    }

    private void LeaveIfLapsed()
    {
        if (_isLapsed && _open == 0)
        {
            _clerk.Take(new() { IsLast = true });
        }
    }
}
