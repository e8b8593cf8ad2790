using System.Collections.Immutable;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.JobQueues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>JobQueueGrain</c>, with its own line: the order of RUNNABLE jobs, and the rounds.</summary>
internal sealed class QueueActor(Silo silo, string name)
{
    private const int MostPerRound = 3;

    private readonly WaitingLine _line = new();
    private readonly Gate _gate = new();
    private long _arrivals;
    private bool _isActive;
    private bool _isRunning;
    private bool _isAskedAgain;
    private (QueueEntry Job, string StatusReason)? _blocked;

    /// <summary>Stored in the configuration, not in the line: it outlives a crash.</summary>
    public JobQueueConfiguration? Configuration
    {
        get => silo.World.Queues[name];
        private set => silo.World.Queues[name] = value;
    }

    public async Task ActivateAsync()
    {
        if (_isActive)
        {
            return;
        }

        await _gate.EnterAsync();
        if (!_isActive)
        {
            await ReadLineAsync();
            _isActive = true;
            if (Configuration?.Status == "DELETING" && silo.Bug != PlantedBug.DeletionForgotten)
            {
                StartRounds();
            }
        }

        _gate.Leave();
    }

    public void Enqueue(ImmutableArray<QueueEntry> jobs)
    {
        foreach (var job in jobs)
        {
            _line.Add(InLine(job));
        }

        StartRounds();
    }

    public void Remove(ImmutableArray<QueueEntry> jobs)
    {
        foreach (var job in jobs)
        {
            _line.Remove(job);
        }

        StartRounds();
    }

    public void Wake() => StartRounds();

    /// <summary>Switches the queue off and deletes it, once what is under way has been stored.</summary>
    public async Task DeleteAsync()
    {
        await silo.Wait(Occasion.Store);
        if (Configuration is { Status: "VALID" } queue)
        {
            Configuration = queue with { State = "DISABLED", Status = "DELETING" };
            StartRounds();
        }
    }

    private async Task ReadLineAsync()
    {
        if (silo.Bug == PlantedBug.LineNotRead)
        {
            return;
        }

        foreach (var row in await silo.ReadAsync(store => store.ReadRunnable(name)))
        {
            var entry = new QueueEntry
            {
                JobId = row.JobId,
                Sequence = row.Sequence,
                TriedBefore = row.TriedBefore,
                Needs = row.Needs,
                Index = row.Index,
                ArraySize = row.ArraySize,
            };
            _line.Add(InLine(entry), row.ArraySize > 0 ? await WithoutRowsAsync(row.JobId) : null);
            if (row.HasStatusReason)
            {
                _blocked ??= (entry, string.Empty);
            }
        }
    }

    private QueueEntry InLine(QueueEntry entry) => silo.Bug == PlantedBug.LineByArrival && entry.ArraySize == 0 && entry.Index < 0
        ? entry with { Sequence = ++_arrivals }
        : entry;

    private Task<int[]> WithoutRowsAsync(string arrayJobId) => silo.ReadAsync<int[]>(store => store.ReadArray(arrayJobId) is { } array
        ? [.. array.Rows.Index().Where(child => child.Item is null).Select(child => child.Index)]
        : []);

    private void StartRounds()
    {
        _isAskedAgain = true;
        if (!_isRunning)
        {
            _isRunning = true;
            silo.Begin(RunAsync);
        }
    }

    private void StartRoundsSoon() => silo.Begin(async () =>
    {
        await silo.Wait(TimeSpan.FromSeconds(1));
        StartRounds();
    });

    private async Task RunAsync()
    {
        try
        {
            while (_isAskedAgain)
            {
                _isAskedAgain = false;
                await RoundAsync();
            }
        }
        catch (Exception exception) when (Trouble.Is(exception))
        {
            StartRoundsSoon();
        }
        finally
        {
            _isRunning = false;
        }
    }

    private async Task RoundAsync()
    {
        if (Configuration is not { Status: not "DELETING" } queue)
        {
            await EndWhatIsLeftAsync();
            return;
        }

        if (_line.IsEmpty)
        {
            return;
        }

        var looks = await LookAsync(queue);
        var plan = Matcher.Match(new()
        {
            Runnable = _line.Jobs.Select(job => new WaitingJob(job.JobId, job.Needs)),
            Environments = [.. looks.Select(look => new EnvironmentSnapshot(look.Name, look.IsValid, look.IsEnabled, look.Free, look.Maximum))],
            Limit = MostPerRound,
        });
        var taken = TakeOut(plan.Placements.Length);
        silo.World.Matched(taken, _line.Jobs);
        var head = _line.Jobs.FirstOrDefault();
        await Task.WhenAll(plan.Placements
            .Zip(taken)
            .GroupBy(pair => pair.First.Environment)
            .Select(group => PlaceAsync(group.Key, [.. group.Select(pair => pair.Second)])));
        await NoteBlockedAsync(plan, head);
        _isAskedAgain |= plan.Placements.Length == MostPerRound;
    }

    private async Task EndWhatIsLeftAsync()
    {
        if (!await EndJobsAsync() && Configuration is { } queue)
        {
            _ = await LookAsync(queue);
            _isAskedAgain |= (await silo.ReadAsync(store => store.ReadOpen(name))).Count == 0;
        }
    }

    private async Task<bool> EndJobsAsync()
    {
        var open = await silo.ReadAsync(store => store.ReadOpen(name));
        var areOver = await Task.WhenAll(open.Select(job => silo.JobAsync(job.JobId, actor => actor.EndWithQueueAsync())));
        if (areOver.Contains(false) || Configuration is null)
        {
            return false;
        }

        await silo.Wait(Occasion.Store);
        Configuration = null;
        return true;
    }

    private Task<EnvironmentLook[]> LookAsync(JobQueueConfiguration queue) =>
        Task.WhenAll(queue.Environments.Select(environment => silo.EnvironmentAsync(environment, actor => Task.FromResult(actor.Look(name, queue.Priority)))));

    private List<QueueEntry> TakeOut(int count)
    {
        var taken = _line.Jobs.Take(count).ToList();
        foreach (var job in taken)
        {
            _ = _line.TakeOut(job);
        }

        return taken;
    }

    private async Task PlaceAsync(string environment, ImmutableArray<QueueEntry> jobs)
    {
        ReserveAnswer reserved;
        try
        {
            reserved = await silo.EnvironmentAsync(environment, actor => Task.FromResult(actor.Reserve([.. jobs.Select(job => new ReserveAsk(job.JobId, job.Needs))])));
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

        var placed = await Task.WhenAll(jobs[..granted].Select((job, i) => PlaceAsync(job, Order(environment, reserved, i))));
        await silo.EnvironmentAsync(
            environment,
            actor => actor.LaunchAsync(
                [.. placed.Where(job => job.Launch is not null).Select(job => job.Launch!)],
                [.. placed.Where(job => job.Unused is not null).Select(job => job.Unused!)]));
    }

    private async Task<(LaunchOrder? Launch, string? Unused)> PlaceAsync(QueueEntry job, PlaceOrder order)
    {
        try
        {
            var answer = await silo.JobAsync(job.JobId, actor => actor.PlaceAsync(order));
            if (answer.IsStillRunnable)
            {
                _line.PutBack(job);
                _isAskedAgain = true;
            }
            else
            {
                _line.LetGo(job);
            }

            return answer.Order is null ? (null, order.ReservationId) : (answer.Order, null);
        }
        catch (Exception exception) when (Trouble.Is(exception))
        {
            _line.PutBack(job);
            StartRoundsSoon();
            return (null, null);
        }
    }

    private async Task NoteBlockedAsync(SchedulingPlan plan, QueueEntry? head)
    {
        var reason = plan.Blocked is null ? null : UnplacedReasons.StatusReason(plan.Blocked.Reason);
        var blocked = reason is null || head is null || head.JobId != plan.Blocked!.JobId ? null : ((QueueEntry, string)?)(head, reason);
        if (blocked == _blocked)
        {
            return;
        }

        if (_blocked is { } before && before.Job.JobId != blocked?.Item1.JobId)
        {
            await silo.JobAsync(before.Job.JobId, actor => actor.SetBlockedAsync(null));
        }

        if (blocked is { } now)
        {
            await silo.JobAsync(now.Item1.JobId, actor => actor.SetBlockedAsync(now.Item2));
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

    private static PlaceOrder Order(string environment, ReserveAnswer reserved, int index) => new()
    {
        Environment = new(World.Home, environment),
        ClusterName = reserved.ClusterName,
        IsFargate = reserved.IsFargate,
        Epoch = reserved.Epoch,
        ReservationId = reserved.ReservationIds[index],
        NodeId = reserved.NodeId,
        Incarnation = reserved.Incarnation,
    };
}
