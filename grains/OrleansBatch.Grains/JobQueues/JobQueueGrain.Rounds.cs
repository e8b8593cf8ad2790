using System.Collections.Immutable;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>The matching rounds: they run when something has happened, never by the clock, and cost what they place.</summary>
internal sealed partial class JobQueueGrain
{
    private const int MostPerRound = 1_000;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private bool _isRunning;
    private bool _isAskedAgain;
    private IGrainTimer? _retry;

    /// <summary>The job whose row says that it blocks the queue, and what it says.</summary>
    private (QueueEntry Job, string StatusReason)? _blocked;

    /// <summary>Runs rounds until there is nothing to do. Returns at once: nobody waits for a round.</summary>
    private void StartRounds()
    {
        _isAskedAgain = true;
        if (!_isRunning)
        {
            _isRunning = true;
            _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (_isAskedAgain)
            {
                _isAskedAgain = false;
                await RoundAsync(CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            // Whatever went wrong, the jobs are still in the line.
            LogRoundFailed(exception, Name.Key);
            StartRoundsSoon();
        }
        finally
        {
            _isRunning = false;
        }
    }

    /// <summary>Looks again after a failure: not at once, or a lasting one would spin.</summary>
    private void StartRoundsSoon()
    {
        _retry?.Dispose();
        _retry = this.RegisterGrainTimer(
            _ =>
            {
                StartRounds();
                return Task.CompletedTask;
            },
            new() { DueTime = AfterFailure, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        if (Configuration is not { Status: not "DELETING" } queue)
        {
            await EndWhatIsLeftAsync(cancellationToken);
            return;
        }

        if (_line.IsEmpty)
        {
            return;
        }

        var looks = await LookAsync(queue.Environments, queue.Priority, cancellationToken);
        var plan = Matcher.Match(new()
        {
            Runnable = _line.Jobs.Select(job => new WaitingJob(job.JobId, job.Needs)),
            Environments = [.. looks.Select(look => new EnvironmentSnapshot(look.Name, look.IsValid, look.IsEnabled, look.Free, look.Maximum))],
            Limit = MostPerRound,
        });

        // Out of the line before the next await: a job is never dispatched twice.
        var taken = TakeOut(plan.Placements.Length);
        var head = _line.Jobs.FirstOrDefault();
        await Task.WhenAll(plan.Placements
            .Zip(taken)
            .GroupBy(pair => pair.First.Environment)
            .Select(group => PlaceAsync(group.Key, [.. group.Select(pair => pair.Second)], cancellationToken)));
        await NoteBlockedAsync(plan, head, cancellationToken);

        // More may fit where this round stopped at its limit.
        _isAskedAgain |= plan.Placements.Length == MostPerRound;
    }

    private async Task EndWhatIsLeftAsync(CancellationToken cancellationToken)
    {
        if (!await EndJobsAsync(cancellationToken) && Configuration is { } queue)
        {
            // Those that run are being stopped; the release of their capacity wakes this queue.
            _ = await LookAsync(queue.Environments, queue.Priority, cancellationToken);
            var last = await store.ReadOpenAsync(Name, 0, 1, cancellationToken);
            _isAskedAgain |= last.Count == 0;
        }
    }

    private Task<EnvironmentLook[]> LookAsync(IEnumerable<string> environments, int priority, CancellationToken cancellationToken) =>
        Task.WhenAll(environments.Select(environment => Environment(environment).Look(Name.Key, priority, cancellationToken)));

    private List<QueueEntry> TakeOut(int count)
    {
        var taken = _line.Jobs.Take(count).ToList();
        foreach (var job in taken)
        {
            _ = _line.TakeOut(job);
        }

        return taken;
    }

    /// <summary>Reserves, places and launches jobs on one environment; what got no reservation goes back into the line.</summary>
    private async Task PlaceAsync(string environment, ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken)
    {
        var grain = Environment(environment);
        ReserveAnswer reserved;
        try
        {
            reserved = await grain.Reserve([.. jobs.Select(job => new ReserveAsk(job.JobId, job.Needs))], cancellationToken);
        }
        catch
        {
            PutBack(jobs);
            throw;
        }

        var granted = reserved.ReservationIds.Length;
        PutBack(jobs[granted..]);
        if (granted == 0)
        {
            return;
        }

        failpoints.Reach(Failpoint.Reserved);
        var key = new ScopedName(Name.Scope, environment);
        var placed = await Task.WhenAll(jobs[..granted].Select((job, i) => PlaceAsync(job, Order(key, reserved, i), cancellationToken)));
        failpoints.Reach(Failpoint.StartingNotLaunched);
        await grain.Launch(
            [.. placed.Where(job => job.Launch is not null).Select(job => job.Launch!)],
            [.. placed.Where(job => job.Unused is not null).Select(job => job.Unused!)],
            cancellationToken);
    }

    private async Task<(LaunchOrder? Launch, string? Unused)> PlaceAsync(QueueEntry job, PlaceOrder order, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await GrainFactory.Refer<IJobGrain>(job.JobId).Place(order, cancellationToken);
            if (answer.IsStillRunnable)
            {
                // The environment has begun a new epoch meanwhile: the job looks for a place there.
                _line.PutBack(job);
                _isAskedAgain = true;
            }
            else
            {
                _line.LetGo(job);
            }

            return answer.Order is null ? (null, order.ReservationId) : (answer.Order, null);
        }
        catch (Exception exception)
        {
            // Nobody knows whether STARTING was stored. The job goes back: if it was, the next Place is refused.
            // The reservation stays: the environment settles it by the job's row.
            LogNotPlaced(exception, job.JobId, Name.Key);
            _line.PutBack(job);
            StartRoundsSoon();
            return (null, null);
        }
    }

    private async Task NoteBlockedAsync(SchedulingPlan plan, QueueEntry? head, CancellationToken cancellationToken)
    {
        var reason = plan.Blocked is null ? null : UnplacedReasons.StatusReason(plan.Blocked.Reason);
        var blocked = reason is null || head is null || head.JobId != plan.Blocked!.JobId ? null : ((QueueEntry, string)?)(head, reason);
        if (blocked == _blocked)
        {
            return;
        }

        if (_blocked is { } before && before.Job.JobId != blocked?.Item1.JobId)
        {
            await GrainFactory.Refer<IJobGrain>(before.Job.JobId).SetBlocked(null, cancellationToken);
        }

        if (blocked is { } now)
        {
            await GrainFactory.Refer<IJobGrain>(now.Item1.JobId).SetBlocked(now.Item2, cancellationToken);
        }

        _blocked = blocked;
    }

    private void PutBack(ImmutableArray<QueueEntry> jobs)
    {
        foreach (var job in jobs)
        {
            _line.PutBack(job);
        }
    }

    private static PlaceOrder Order(ScopedName environment, ReserveAnswer reserved, int index) => new()
    {
        Environment = environment,
        ClusterName = reserved.ClusterName,
        IsFargate = reserved.IsFargate,
        Epoch = reserved.Epoch,
        ReservationId = reserved.ReservationIds[index],
        NodeId = reserved.NodeId,
        Incarnation = reserved.Incarnation,
    };
}
