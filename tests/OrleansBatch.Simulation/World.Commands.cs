using OrleansBatch.Model.Jobs;
using OrleansBatch.Simulation.Actors;
using OrleansBatch.Simulation.Machines;

namespace OrleansBatch.Simulation;

/// <summary>What the commands do.</summary>
internal sealed partial class World
{
    private bool _hasLostAJournal;
    private bool _hasLostAttempts;
    private bool _wasSplit;

    /// <summary>Runs a sequence, lets everything come to rest, and says what broke.</summary>
    public static IReadOnlyDictionary<Properties.Property, string> Run(Setup setup, IReadOnlyList<Command> commands, PlantedBug bug = PlantedBug.None)
    {
        if (SynchronizationContext.Current is not null || TaskScheduler.Current != TaskScheduler.Default)
        {
            // Only where nobody collects continuations do they run at once.
            return Task.Run(() => Run(setup, commands, bug)).GetAwaiter().GetResult();
        }

        var world = new World(setup, bug);
        foreach (var command in commands)
        {
            world.Do(command);
        }

        world.Rest();
        return world.Fault is null ? world.Watch.Violations : throw new InvalidOperationException("The simulation fell over.", world.Fault);
    }

    public void Do(Command command)
    {
        if (command is not (Command.Exit or Command.Pass or Command.Crash or Command.LosePower or Command.KillSupervisor))
        {
            StartSilo();
        }

        switch (command)
        {
            case Command.Submit c:
                Client.Submit(c);
                break;
            case Command.SubmitAgain c:
                Client.SubmitAgain(c.Call);
                break;
            case Command.Cancel c when Find(c.Job, c.Child) is { } jobId:
                Client.End(jobId, isTerminate: false);
                break;
            case Command.Terminate c when Find(c.Job, c.Child) is { } jobId:
                Client.End(jobId, isTerminate: true);
                break;
            case Command.Retag c when Find(c.Job, -1) is { } jobId:
                Begin(() => Silo!.JobAsync(jobId, job => job.ChangeTagsAsync(new Dictionary<string, string> { ["tag"] = $"{Turns.Taken}" })));
                break;
            case Command.DeleteQueue c:
                Begin(() => Silo!.QueueAsync($"queue-{c.Queue % 2}", queue => queue.DeleteAsync()));
                break;
            case Command.Exit c:
                Exit(c.Process, c.Code);
                break;
            case Command.FailToStart c:
                var waiting = _machines.SelectMany(machine => machine.Waiting.Select(attempt => (machine, attempt))).ToList();
                if (waiting.Count > 0)
                {
                    var (machine, attempt) = waiting[c.Attempt % waiting.Count];
                    machine.FailToStart(attempt);
                }

                break;
            case Command.Run c:
                RunTurns(c.Turns, c.Order);
                break;
            case Command.Lose c:
                TakeMarked(c.Message, turn => turn.Occasion is Occasion.Request or Occasion.Reply or Occasion.Store, turn => turn.IsLost = true);
                break;
            case Command.Double c:
                TakeMarked(c.Message, turn => turn.Occasion is Occasion.Post, turn => turn.IsDoubled = true);
                break;
            case Command.Pass c:
                Pass(TimeSpan.FromSeconds(c.Seconds));
                break;
            case Command.Crash:
                Crash();
                break;
            case Command.RestartAgent c:
                _machines[c.Machine % _machines.Length].StartAgent();
                break;
            case Command.KillSupervisor c:
                _machines[c.Machine % _machines.Length].KillSupervisor();
                break;
            case Command.LosePower c:
                var lost = _machines[c.Machine % _machines.Length];
                // With the journal is gone who would repeat what was just being told.
                _hasLostAJournal |= !c.KeepsDisk;
                _hasLostAttempts |= !c.KeepsDisk && Store.Leaves.Any(job => job.State.Placement?.NodeId == lost.NodeId);
                lost.LosePower(c.KeepsDisk);
                if (Silo is not null)
                {
                    lost.StartAgent();
                }

                break;
            case Command.SplitJob c when Find(c.Job, c.Child) is { } jobId:
                _wasSplit = true;
                Silo!.SplitJob(jobId);
                break;
            case Command.SplitEnvironment c:
                _wasSplit = true;
                Silo!.SplitEnvironment($"environment-{c.Environment % _machines.Length}");
                break;
            case Command.Collect:
                Silo!.Collect();
                break;
        }
    }

    /// <summary>Everything pending is delivered, nothing goes wrong any more, and the keeper has looked. Then nothing may be left that could move.</summary>
    private void Rest()
    {
        StartSilo();
        Silo!.Heal();
        if (_hasLostAttempts && !_wasSplit)
        {
            // Before the restart, for with it each agent says anew what it has, and what is not among that is told as lost once more.
            DeliverAll();
            Watch.LossesTold();
        }

        if (_hasLostAJournal || _wasSplit)
        {
            // What a former activation was told, the one that stays may never hear: that it stays is for the cluster to end.
            Crash();
            StartSilo();
        }

        DeliverAll();
        Watch.Stopped();
        var quiet = 0;
        for (var minute = 0; minute < 60 && quiet < 2 && Fault is null; minute++)
        {
            var before = Store.Leaves.Count(job => job.State.Status.IsTerminal());
            var processes = 0;
            foreach (var machine in _machines)
            {
                while (machine.Processes.Count > 0)
                {
                    processes++;
                    machine.Exit(0, 0);
                }
            }

            Drain();
            Pass(TimeSpan.FromSeconds(61));
            Drain();
            quiet = processes == 0 && before == Store.Leaves.Count(job => job.State.Status.IsTerminal()) ? quiet + 1 : 0;
        }

        Watch.AtRest();
    }

    /// <summary>What is pending, what is repeated, and what the keeper finds.</summary>
    private void DeliverAll()
    {
        for (var minute = 0; minute < 2; minute++)
        {
            Drain();
            Pass(TimeSpan.FromSeconds(61));
        }

        Drain();
    }

    private void Drain()
    {
        for (var turns = 0; Turns.Ready.Count > 0 && Fault is null; turns++)
        {
            if (turns > 20_000)
            {
                Watch.Violate(Properties.Property.ComesToRest, "something goes on for ever");
                return;
            }

            Turns.Take(0);
        }
    }

    private void StartSilo()
    {
        if (Silo is not null)
        {
            return;
        }

        Silo = new(this);
        foreach (var machine in _machines)
        {
            machine.StartAgent();
        }

        Silo.Begin(Silo.Keeper.RunAsync);
        foreach (var (name, queue) in Queues)
        {
            // Sooner or later someone asks for the queue, and activates it.
            if (queue is { Status: "DELETING" })
            {
                Begin(() => AskForAsync(Silo, name));
            }
        }
    }

    private static async Task AskForAsync(Silo silo, string queue)
    {
        while (true)
        {
            try
            {
                _ = await silo.QueueAsync(queue, actor => Task.FromResult(actor.Configuration));
                return;
            }
            catch (Exception exception) when (Trouble.Is(exception))
            {
                await silo.Wait(TimeSpan.FromSeconds(1));
            }
        }
    }

    private void Crash()
    {
        if (Silo is null)
        {
            return;
        }

        Turns.Forget(Silo);
        Silo = null;
        foreach (var machine in _machines)
        {
            machine.StopAgent();
        }

        Store.Crash();
    }

    private void Pass(TimeSpan time)
    {
        Turns.Pass(time);
        foreach (var machine in _machines)
        {
            machine.Elapse();
        }
    }

    private void RunTurns(int count, int order)
    {
        for (; count > 0 && Turns.Ready.Count > 0; count--)
        {
            Turns.Take((order % 3) switch { 0 => 0, 1 => Turns.Ready.Count - 1, _ => Choose(Turns.Ready.Count) });
        }
    }

    private void TakeMarked(int message, Func<Turn, bool> isMeant, Action<Turn> mark)
    {
        var meant = Turns.Ready.Index().Where(turn => isMeant(turn.Item)).ToList();
        if (meant.Count > 0)
        {
            var (index, turn) = meant[message % meant.Count];
            mark(turn);
            Turns.Take(index);
        }
    }

    private void Exit(int process, int code)
    {
        var count = _machines.Sum(machine => machine.Processes.Count);
        if (count == 0)
        {
            return;
        }

        process %= count;
        foreach (var machine in _machines)
        {
            if (process < machine.Processes.Count)
            {
                machine.Exit(process, code);
                return;
            }

            process -= machine.Processes.Count;
        }
    }

    private string? Find(int job, int child)
    {
        if (Store.Ids.Count == 0)
        {
            return null;
        }

        var id = Store.Ids[job % Store.Ids.Count];
        return child >= 0 && Store.Read(id)!.Spec.ArraySize is { } size ? JobPartIds.Child(id, child % size) : id;
    }
}
