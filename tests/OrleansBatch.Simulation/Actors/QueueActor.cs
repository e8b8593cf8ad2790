using System.Collections.Immutable;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.JobQueues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>JobQueueGrain</c>, with its own line: the order of RUNNABLE jobs, and the rounds.</summary>
internal sealed class QueueActor(Silo silo, string name)
{
    private const int MostPerRound = 3;

    private static readonly IReadOnlyDictionary<string, long> Nothing = new Dictionary<string, long>();

    private readonly WaitingLine _line = new();
    private readonly Gate _gate = new();
    private long _arrivals;
    private bool _isActive;
    private bool _isRunning;
    private bool _isAskedAgain;

    /// <summary>Each who waits for the next round has a task of its own: of several who wait for one, some would go on in another thread.</summary>
    private List<TaskCompletionSource> _nextRound = [];

    private BlockedHead? _blocked;

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

    /// <summary>Takes in what is tried again and never came into the line.</summary>
    public async Task SettleAsync()
    {
        var rows = await silo.ReadAsync(store => store.ReadRunnable(name));
        foreach (var row in silo.Bug == PlantedBug.RequeueForgotten ? [] : rows.TakeWhile(row => row.TriedBefore))
        {
            _line.Add(Entry(row));
        }

        await WakeAsync();
    }

    /// <summary>Completes when a round has looked.</summary>
    public Task WakeAsync()
    {
        var looked = new TaskCompletionSource();
        _nextRound.Add(looked);
        StartRounds();
        return looked.Task;
    }

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
            _line.Add(InLine(Entry(row)), row.ArraySize > 0 ? await WithoutRowsAsync(row.JobId) : null);
            if (row.HasStatusReason)
            {
                _blocked ??= new(row.JobId, string.Empty, silo.Now);
            }
        }
    }

    private static QueueEntry Entry(RunnableJob row) => new()
    {
        JobId = row.JobId,
        Sequence = row.Sequence,
        TriedBefore = row.TriedBefore,
        Needs = row.Needs,
        Index = row.Index,
        ArraySize = row.ArraySize,
        Consumables = row.Consumables,
    };

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
                (var looked, _nextRound) = (_nextRound, []);
                try
                {
                    await RoundAsync();
                }
                finally
                {
                    looked.ForEach(one => one.SetResult());
                }
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
        var left = silo.Store.HasConsumables ? await silo.ReadAsync(store => store.ConsumablesLeft) : Nothing;
        List<QueueEntry> read = [];
        var plan = Matcher.Match(new()
        {
            Runnable = _line.InOrder(silo.Now).Select(job =>
            {
                read.Add(job);
                return new WaitingJob(job.JobId, job.Needs, job.Consumables);
            }),
            Environments = [.. looks.Select(look => new EnvironmentSnapshot(look.Name, look.IsValid, look.IsEnabled, look.Hosts, look.Maximum) { Coming = look.Coming })],
            Limit = MostPerRound,
            Consumables = left,
        });
        var taken = read.Take(plan.Placements.Length).ToList();
        taken.ForEach(job => _ = _line.TakeOut(job));
        var nextSequence = plan.Blocked is null ? long.MaxValue : read[^1].Sequence;
        silo.World.Matched(taken, _line.InOrder(silo.Now));
        await Task.WhenAll(plan.Placements
            .Zip(taken)
            .GroupBy(pair => pair.First.Environment)
            .Select(group => PlaceAsync(group.Key, [.. group.Select(pair => pair.Second)], nextSequence)));
        await NoteBlockedAsync(plan, plan.Blocked is null ? null : read[^1]);
        _isAskedAgain |= plan.Placements.Length == MostPerRound;
    }

    private async Task EndWhatIsLeftAsync()
    {
        if (!await EndJobsAsync() && Configuration is { } queue)
        {
            _ = await LookAsync(queue);
            var open = await silo.ReadAsync(store => store.ReadOpen(name));
            _isAskedAgain |= open.Count == 0;
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
        Task.WhenAll(queue.Environments.Select(environment => silo.EnvironmentAsync(environment, actor => Task.FromResult(actor.Look(name, queue.Priority, _line.InOrder(silo.Now).FirstOrDefault()?.Sequence ?? long.MaxValue)))));

    private async Task PlaceAsync(string environment, ImmutableArray<QueueEntry> jobs, long nextSequence)
    {
        ReserveAnswer reserved;
        try
        {
            reserved = await silo.EnvironmentAsync(environment, actor => Task.FromResult(actor.Reserve([.. jobs.Select(job => new ReserveAsk(job.JobId, job.Needs))], name, nextSequence)));
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

        var placed = await Task.WhenAll(jobs[..granted].Select((job, i) => PlaceAsync(job, Order(environment, reserved, i, job))));
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
            else if (answer.Order is null)
            {
                _line.LetGo(job);
            }
            else
            {
                _line.Placed(job);
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

    private async Task NoteBlockedAsync(SchedulingPlan plan, QueueEntry? job)
    {
        if (job is not null && silo.Bug != PlantedBug.GhostsBlock && !await IsRunnableAsync(job))
        {
            _isAskedAgain = true;
            return;
        }

        var before = _blocked;
        var head = plan.Blocked is { } blocked ? BlockedHead.Next(before, blocked.JobId, blocked.Reason.StatusReason(), silo.Now) : null;
        _blocked = head;
        if (before is not null && before.JobId != head?.JobId)
        {
            await silo.JobAsync(before.JobId, actor => actor.SetBlockedAsync(null));
        }

        if (head is not null && head != before)
        {
            await silo.JobAsync(head.JobId, actor => actor.SetBlockedAsync(head.StatusReason));
        }
    }

    private async Task<bool> IsRunnableAsync(QueueEntry job)
    {
        if (!_line.TakeOut(job))
        {
            return false;
        }

        var row = await silo.ReadAsync(store => store.Read(job.JobId));
        if (row is not { State.Status: JobStatus.Runnable })
        {
            _line.LetGo(job);
            return false;
        }

        _line.PutBack(job);
        return true;
    }

    private void PutBack(ImmutableArray<QueueEntry> jobs)
    {
        foreach (var job in jobs)
        {
            _line.PutBack(job);
        }
    }

    private PlaceOrder Order(string environment, ReserveAnswer reserved, int index, QueueEntry job) => new()
    {
        Claims = Consumables.Claims(silo.World.Setup, job.Consumables),
        Environment = new(World.Home, environment),
        ClusterName = reserved.ClusterName,
        Epoch = reserved.Epoch,
        ReservationId = reserved.ReservationIds[index],
        NodeId = reserved.Nodes[index].NodeId,
        Incarnation = reserved.Nodes[index].Incarnation,
    };
}
