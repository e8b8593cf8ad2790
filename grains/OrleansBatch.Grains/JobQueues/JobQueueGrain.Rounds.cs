using System.Collections.Immutable;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>The matching rounds: they run when something has happened, never by the clock, and cost what they place.</summary>
internal sealed partial class JobQueueGrain
{
    private const int MostPerRound = 1_000;

    /// <summary>Groups of jobs with equal needs that environments are told of at most.</summary>
    private const int MostGroups = 16;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private bool _isRunning;
    private bool _isAskedAgain;
    private IGrainTimer? _retry;
    private IGrainTimer? _limit;
    private TaskCompletionSource? _nextRound;

    /// <summary>The job at the head that could run on no environment, as the last round saw it.</summary>
    private string? _stuck;

    /// <summary>Whether environments may think that something waits here: from an earlier activation, too.</summary>
    private bool _hasDemand = true;

    /// <summary>The job whose row says that it blocks the queue, and what it says.</summary>
    private Blocking? _blocked;

    /// <summary>The job at the head that was last seen to be RUNNABLE by its row.</summary>
    private string? _checkedHead;

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
                var looked = _nextRound;
                _nextRound = null;
                try
                {
                    await RoundAsync(CancellationToken.None);
                }
                finally
                {
                    looked?.TrySetResult();
                }
            }
        }
        catch (Exception exception)
        {
            // Whatever went wrong, the jobs are still in the line.
            LogRoundFailed(exception, Name.Key);
            StartRoundsSoon();

            // Who asked for a round while this one ran waits for no other: one who waits in a call of its own turn would keep the next one from beginning.
            _nextRound?.TrySetResult();
            _nextRound = null;
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
            new() { DueTime = AfterFailure, Period = Timeout.InfiniteTimeSpan, KeepAlive = true, Interleave = true });
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
            await ForgetDemandAsync(queue, cancellationToken);
            return;
        }

        await ApplyPolicyAsync(queue, cancellationToken);
        var consumables = await LookAtConsumablesAsync(cancellationToken);
        var head = Head;
        var looks = await LookAsync(queue.Environments, queue.Priority, head, HoldsUpHosts(head, consumables), cancellationToken);
        List<QueueEntry> read = [];
        var plan = Matcher.Match(new()
        {
            Runnable = _line.InOrder(time.GetUtcNow()).Select(job =>
            {
                read.Add(job);
                return new WaitingJob(job.JobId, job.Needs, job.Consumables) { Gang = job.Gang };
            }),
            Environments = [.. looks.Select(Snapshot)],
            AskedFor = head?.Gang,
            Limit = MostPerRound,
            ReservedVcpuMillis = _line is ShareLine shares ? shares.Reserved(looks.Sum(look => look.Maximum.VcpuMillis)) : 0,
            Consumables = consumables.ToDictionary(look => look.Key, look => look.Value.Limit - look.Value.Taken),
        });

        // Out of the line before the next await: a job is never dispatched twice.
        _stuck = plan.Blocked is { Reason: not (UnplacedReason.NoFreeCapacity or UnplacedReason.KeptForOtherShares or UnplacedReason.ConsumablesInUse) } stuck ? stuck.JobId : null;
        var taken = read.Take(plan.Placements.Length).ToList();
        taken.ForEach(job => _ = _line.TakeOut(job));
        var nextSequence = plan.Blocked is null ? long.MaxValue : read[^1].Sequence;
        await Task.WhenAll(plan.Placements
            .Zip(taken)
            .GroupBy(pair => pair.First.Environment)
            .Select(group => PlaceAsync(group.Key, [.. group.Select(pair => pair.Second)], consumables, nextSequence, cancellationToken)));
        await NoteBlockedAsync(queue, plan, plan.Blocked is null ? null : read[^1], cancellationToken);
        NoteFront();

        // More may fit where this round stopped at its limit.
        _isAskedAgain |= plan.Placements.Length == MostPerRound;
    }

    private async Task EndWhatIsLeftAsync(CancellationToken cancellationToken)
    {
        if (!await EndJobsAsync(cancellationToken) && Configuration is { } queue)
        {
            // Those that run are being stopped; the release of their capacity wakes this queue.
            _ = await LookAsync(queue.Environments, queue.Priority, Head, wantsNoHosts: true, cancellationToken);
            var last = await store.ReadOpenAsync(Name, 0, 1, cancellationToken);
            _isAskedAgain |= last.Count == 0;
        }
    }

    private QueueEntry? Head => _line.InOrder(time.GetUtcNow()).FirstOrDefault();

    /// <summary>Looks at the environments one after another: what finds no place on one waits for the next.</summary>
    private async Task<EnvironmentLook[]> LookAsync(IReadOnlyList<string> environments, int priority, QueueEntry? head, bool wantsNoHosts, CancellationToken cancellationToken)
    {
        // A head that can run nowhere must not let those behind it have hosts launched that they cannot use.
        var waiting = head is null || wantsNoHosts ? [] : _line.Counts.Groups(head, head.JobId == _stuck ? 1 : MostGroups);
        var looks = new EnvironmentLook[environments.Count];
        for (var index = 0; index < looks.Length; index++)
        {
            looks[index] = await Environment(environments[index]).Look(Name.Key, priority, head?.Sequence ?? long.MaxValue, waiting, cancellationToken);
            waiting = looks[index].Unmet;
        }

        _hasDemand = head is not null && !wantsNoHosts;
        return looks;
    }

    /// <summary>Nothing waits any more: environments keep no hosts for it.</summary>
    private async Task ForgetDemandAsync(JobQueueConfiguration queue, CancellationToken cancellationToken)
    {
        if (_hasDemand)
        {
            _ = await LookAsync(queue.Environments, queue.Priority, Head, wantsNoHosts: true, cancellationToken);
        }
    }

    /// <summary>What the head takes of consumable resources is not there: no host would help it, nor those behind it.</summary>
    private static bool HoldsUpHosts(QueueEntry? head, Dictionary<string, ConsumableLook> consumables) =>
        consumables.Count > 0 && head?.Consumables is { } needs
        && needs.Any(need => !consumables.TryGetValue(need.ResourceName, out var look) || need.Quantity > look.Limit - look.Taken);

    private static EnvironmentSnapshot Snapshot(EnvironmentLook look) => new(look.Name, look.IsValid, look.IsEnabled, look.Hosts, look.Maximum)
    {
        Coming = look.Coming,
        Largest = look.Largest,
        Shortages = look.Shortages,
        GangOutlook = look.GangOutlook,
    };

    /// <summary>Reserves, places and launches jobs on one environment, in their order; from the first on that got no reservation they go back into the line.</summary>
    private async Task PlaceAsync(
        string environment, ImmutableArray<QueueEntry> jobs, Dictionary<string, ConsumableLook> consumables, long nextSequence, CancellationToken cancellationToken)
    {
        while (!jobs.IsEmpty)
        {
            // Multi-node jobs each ask for themselves, the others together.
            var alike = jobs[0].Gang is null ? [.. jobs.TakeWhile(job => job.Gang is null)] : jobs[..1];
            jobs = jobs[alike.Length..];
            var isPlaced = false;
            try
            {
                isPlaced = alike[0].Gang is { } gang
                    ? await PlaceGangAsync(environment, alike[0], gang, consumables, nextSequence, cancellationToken)
                    : await PlaceSinglesAsync(environment, alike, consumables, nextSequence, cancellationToken);
            }
            finally
            {
                if (!isPlaced)
                {
                    PutBack(jobs);
                    jobs = [];
                }
            }
        }
    }

    private async Task<bool> PlaceGangAsync(
        string environment, QueueEntry job, GangNeeds gang, Dictionary<string, ConsumableLook> consumables, long nextSequence, CancellationToken cancellationToken)
    {
        var grain = Environment(environment);
        GangPlaceOrder? reserved;
        try
        {
            reserved = await grain.ReserveGang(job.JobId, gang, Name.Key, nextSequence, cancellationToken);
        }
        catch
        {
            PutBack([job]);
            throw;
        }

        if (reserved is null)
        {
            // Others have taken hosts since the look.
            PutBack([job]);
            StartRoundsSoon();
            return false;
        }

        failpoints.Reach(Failpoint.Reserved);
        var order = reserved with { Claims = Claims(job, consumables) };
        var answer = await PlaceAsync(job, () => GrainFactory.Refer<IJobGrain>(job.JobId).PlaceGang(order, cancellationToken));
        failpoints.Reach(Failpoint.StartingNotLaunched);
        if (answer is not null)
        {
            ImmutableArray<string> reservations = [.. order.Nodes.Select(node => node.ReservationId)];
            await (answer.Order is { } main
                ? grain.Launch([main], [], reservations.Remove(main.ReservationId), cancellationToken)
                : grain.Launch([], reservations, [], cancellationToken));
        }

        return true;
    }

    /// <returns>Whether all got a reservation.</returns>
    private async Task<bool> PlaceSinglesAsync(
        string environment, ImmutableArray<QueueEntry> jobs, Dictionary<string, ConsumableLook> consumables, long nextSequence, CancellationToken cancellationToken)
    {
        var grain = Environment(environment);
        ReserveAnswer reserved;
        try
        {
            reserved = await grain.Reserve([.. jobs.Select(job => new ReserveAsk(job.JobId, job.Needs))], Name.Key, nextSequence, cancellationToken);
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
            return false;
        }

        failpoints.Reach(Failpoint.Reserved);
        var key = new ScopedName(Name.Scope, environment);
        var placed = await Task.WhenAll(jobs[..granted].Select((job, i) => PlaceAsync(job, Order(key, reserved, i, Claims(job, consumables)), cancellationToken)));
        failpoints.Reach(Failpoint.StartingNotLaunched);
        await grain.Launch(
            [.. placed.Where(job => job.Launch is not null).Select(job => job.Launch!)],
            [.. placed.Where(job => job.Unused is not null).Select(job => job.Unused!)],
            [],
            cancellationToken);
        return granted == jobs.Length;
    }

    private async Task<(LaunchOrder? Launch, string? Unused)> PlaceAsync(QueueEntry job, PlaceOrder order, CancellationToken cancellationToken) =>
        await PlaceAsync(job, () => GrainFactory.Refer<IJobGrain>(job.JobId).Place(order, cancellationToken)) is { } answer
            ? (answer.Order, answer.Order is null ? order.ReservationId : null)
            : (null, null);

    /// <summary>Asks a job to take its place; null when nobody knows whether it did.</summary>
    private async Task<PlaceAnswer?> PlaceAsync(QueueEntry job, Func<Task<PlaceAnswer>> place)
    {
        try
        {
            var answer = await place();
            if (answer.IsStillRunnable)
            {
                // The environment has begun a new epoch meanwhile: the job looks for a place there.
                _line.PutBack(job);
                _isAskedAgain = true;
            }
            else if (answer.Order is null)
            {
                _line.LetGo(job);
            }
            else
            {
                _line.Placed(job);
            }

            return answer;
        }
        catch (Exception exception)
        {
            // Nobody knows whether STARTING was stored. The job goes back: if it was, the next Place is refused.
            // The reservation stays: the environment settles it by the job's row.
            LogNotPlaced(exception, job.JobId, Name.Key);
            _line.PutBack(job);
            StartRoundsSoon();
            return null;
        }
    }

    /// <summary>Says in the row of the job at the head why it cannot be placed, and ends it when it has stood there for too long.</summary>
    private async Task NoteBlockedAsync(JobQueueConfiguration queue, SchedulingPlan plan, QueueEntry? job, CancellationToken cancellationToken)
    {
        if (job is not null && job.JobId != _checkedHead && !await IsRunnableAsync(job, cancellationToken))
        {
            _isAskedAgain = true;
            return;
        }

        var now = time.GetUtcNow();
        var before = _blocked;
        var head = job is null ? null : BlockedHead.Next(before?.Head, job.JobId, plan.Blocked!.StatusReason, now);
        _blocked = head is null ? null : new(job!, head);
        if (before is not null && before.Head.JobId != head?.JobId)
        {
            await Job(before.Head.JobId).SetBlocked(null, now, cancellationToken);
        }

        if (head is not null && head != before?.Head)
        {
            await Job(head.JobId).SetBlocked(head.StatusReason, head.Since, cancellationToken);
        }

        var decision = TimeLimits.Decide(head, queue.JobStateTimeLimitActions, now);
        _limit?.Dispose();
        _limit = decision.LookAgainAt is not { } due ? null : this.RegisterGrainTimer(
            _ =>
            {
                StartRounds();
                return Task.CompletedTask;
            },
            new() { DueTime = due - now, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        if (decision.CancelReason is { } reason)
        {
            // The queue is told to let go of it, and looks at the next.
            await Job(head!.JobId).Cancel(Name.Scope, reason, cancellationToken);
        }
    }

    /// <summary>Whether the job at the head is RUNNABLE by its row. Its removal may have overtaken it: then it must not hold up the others.</summary>
    private async Task<bool> IsRunnableAsync(QueueEntry job, CancellationToken cancellationToken)
    {
        // As for a placement: what is said of it meanwhile is kept.
        if (!_line.TakeOut(job))
        {
            return false;
        }

        JobRecord? row;
        try
        {
            row = await store.ReadAsync(job.JobId, cancellationToken);
        }
        catch
        {
            _line.PutBack(job);
            throw;
        }

        if (row is not { State.Status: JobStatus.Runnable })
        {
            _line.LetGo(job);
            return false;
        }

        _line.PutBack(job);
        _checkedHead = job.JobId;
        return true;
    }

    private IJobGrain Job(string jobId) => GrainFactory.Refer<IJobGrain>(jobId);

    private void PutBack(ImmutableArray<QueueEntry> jobs)
    {
        foreach (var job in jobs)
        {
            _line.PutBack(job);
        }
    }

    private static PlaceOrder Order(ScopedName environment, ReserveAnswer reserved, int index, ImmutableArray<ConsumableClaim> claims) => new()
    {
        Claims = claims,
        Environment = environment,
        ClusterName = reserved.ClusterName,
        Epoch = reserved.Epoch,
        ReservationId = reserved.ReservationIds[index],
        NodeId = reserved.Nodes[index].NodeId,
        Incarnation = reserved.Nodes[index].Incarnation,
        Host = reserved.HostOf(index),
        UsdPerHour = reserved.PriceOf(index),
        Fargate = reserved.FargateOf(index),
        Gpus = reserved.GpusOf(index),
    };

    /// <summary>The job that blocks the queue.</summary>
    private sealed record Blocking(QueueEntry Job, BlockedHead Head);
}
