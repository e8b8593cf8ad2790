using System.Diagnostics;
using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Chaos.Members;
using OrleansBatch.Chaos.Network;
using OrleansBatch.Chaos.Witnesses;

namespace OrleansBatch.Chaos.Faults;

/// <summary>Does what a schedule says, sees whether it struck, and writes it down. Each fault is over before the next begins.</summary>
internal sealed class FaultInjector(Topology topology, LifeWatch lives, HistoryRecorder recorder, Action<string> tell)
{
    private const int MostTries = 3;

    /// <summary>Nanoseconds.</summary>
    private const long LongerThanMost = 2_500_000_000;

    /// <summary>What Orleans says when a silo ends itself because the others have given it up, as they do with one that was stopped or cut off.</summary>
    private const string GivenUp = "told I am dead, so this silo will stop";

    /// <summary>How long a program may take to stop in order, on a machine that has other things to do.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(2);

    /// <summary>How long it waits for somebody whom a fault can strike.</summary>
    private static readonly TimeSpan TargetPatience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a schedule.</summary>
    public async Task RunAsync(IReadOnlyList<Fault> schedule, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        foreach (var fault in schedule)
        {
            if (fault.After - since.Elapsed is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, cancellationToken);
            }

            await OneAsync(fault);
        }
    }

    private async Task OneAsync(Fault fault)
    {
        var began = BootClock.Now;
        var (target, struck, evidence) = fault.Kind switch
        {
            FaultKind.KillSilo => await KillAsync(topology.Silos, fault),
            FaultKind.PauseSilo => await PauseAsync(topology.Silos, fault),
            FaultKind.RollingRestart => await RollAsync(),
            FaultKind.KillDatabase => await KillAsync([topology.Database!], fault),
            FaultKind.RestartDatabase => await RestartAsync(topology.Database!, fault.For),
            FaultKind.KillAgent => await KillAsync(topology.Agents, fault),
            FaultKind.KillAgentBeyondLease => await KillAsync([BusyAgent(fault)], fault),
            FaultKind.PauseAgentBeyondLease => await PauseAsync([BusyAgent(fault)], fault),
            FaultKind.KillJob => await KillJobAsync(fault),
            FaultKind.KillSupervisor => await KillSupervisorAsync(fault),
            FaultKind.CutSilos => await CutSilosAsync(fault),
            FaultKind.CutAgent => await CutAsync(BusyAgent(fault), topology.Silos, fault.For),
            FaultKind.CutDatabase => await CutAsync(Pick(topology.Silos, fault), [topology.Database!], fault.For),
            _ => throw new InvalidOperationException($"There is no fault {fault.Kind}."),
        };
        recorder.Add(new FaultInjected { At = began, Until = BootClock.Now, Kind = $"{fault.Kind}", Target = target, Struck = struck, Evidence = evidence });
        tell($"{fault.Kind} of {target}: {evidence}");
    }

    private static T Pick<T>(IReadOnlyList<T> all, Fault fault) => all[fault.Target % all.Count];

    /// <summary>An agent with a job that runs for longer than most, and so will when its lease has lapsed, if nobody stops it; none: any.</summary>
    private ChildProgram BusyAgent(Fault fault)
    {
        var longRunning = lives.Open.Where(process => BootClock.Now - process.At > LongerThanMost).OrderByDescending(process => process.At);
        return longRunning.Select(process => topology.Agents.FirstOrDefault(agent => agent.Name == process.Node)).OfType<ChildProgram>().FirstOrDefault()
            ?? Pick(topology.Agents, fault);
    }

    private static async Task<(string, bool, string)> KillAsync(IReadOnlyList<ChildProgram> all, Fault fault)
    {
        var program = Pick(all, fault);
        var (struck, evidence) = await StrikeAsync(program, program.KillAsync);
        await Task.Delay(fault.For);
        program.Start();
        await program.ReadyAsync();
        return (program.Name, struck, evidence);
    }

    /// <summary>A program that runs; one that was just about to end by itself, for the others had given it up, once more when it is up again.</summary>
    private static async Task<(bool Struck, string Evidence)> StrikeAsync(ChildProgram program, Func<Task<(bool Struck, string Evidence)>> strike)
    {
        for (var tries = 1; ; tries++)
        {
            await program.ReadyAsync();
            var (struck, evidence) = await strike();
            if (struck || tries == MostTries || !program.HasSaid(GivenUp))
            {
                return (struck, evidence);
            }

            program.Start();
        }
    }

    private static async Task<(string, bool, string)> PauseAsync(IReadOnlyList<ChildProgram> all, Fault fault)
    {
        var program = Pick(all, fault);
        var (struck, evidence) = await StrikeAsync(program, program.PauseAsync);
        await Task.Delay(fault.For);
        // Somebody else may have continued it: then it did not last.
        struck &= Proc.IsStopped(program.Pid);
        program.Resume();
        await program.ReadyAsync();
        return (program.Name, struck, evidence);
    }

    private async Task<(string, bool, string)> RollAsync()
    {
        List<string> seen = [];
        var struck = true;
        foreach (var silo in topology.Silos)
        {
            var (_, once, evidence) = await RestartAsync(silo, TimeSpan.Zero);
            struck &= once;
            seen.Add(evidence);
        }

        return (string.Join(", ", topology.Silos.Select(silo => silo.Name)), struck, string.Join("; ", seen));
    }

    private static async Task<(string, bool, string)> RestartAsync(ChildProgram program, TimeSpan pause)
    {
        var (struck, evidence) = await StrikeAsync(program, () => program.StopAsync(StopPatience));
        await Task.Delay(pause);
        program.Start();
        await program.ReadyAsync();
        return (program.Name, struck, evidence);
    }

    private async Task<(string, bool, string)> KillJobAsync(Fault fault)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < TargetPatience;)
        {
            var open = lives.Open;
            if (open.Count > 0)
            {
                var victim = Pick(open, fault);
                recorder.Add(new ProcessSignalled { At = BootClock.Now, Pid = victim.Pid, Signal = Proc.Kill });
                if (Proc.Signal(victim.Pid, Proc.Kill) && await IsGoneAsync(victim.Pid))
                {
                    return ($"{victim.JobId} attempt {victim.Attempt}", true, $"process {victim.Pid} is gone");
                }
            }

            await Task.Delay(10);
        }

        return ("a job", false, $"none ran within {TargetPatience}, or all had ended before the signal");
    }

    private async Task<(string, bool, string)> KillSupervisorAsync(Fault fault)
    {
        var (node, folder) = Pick([.. topology.Nodes], fault);
        for (var since = Stopwatch.StartNew(); since.Elapsed < TargetPatience; await Task.Delay(50))
        {
            if (Proc.Of(folder, "OrleansBatch.Supervisor") is [var pid, ..] && Proc.Signal(pid, Proc.Kill) && await IsGoneAsync(pid))
            {
                return ($"the supervisor of {node}", true, $"process {pid} is gone");
            }
        }

        return ($"the supervisor of {node}", false, "there was none");
    }

    private async Task<(string, bool, string)> CutSilosAsync(Fault fault)
    {
        var one = fault.Target % topology.Silos.Count;
        var other = (one + 1 + (fault.Target / topology.Silos.Count % (topology.Silos.Count - 1))) % topology.Silos.Count;
        return await CutAsync(topology.Silos[one], [topology.Silos[other]], fault.For);
    }

    private async Task<(string, bool, string)> CutAsync(ChildProgram one, IReadOnlyList<ChildProgram> others, TimeSpan time)
    {
        List<Hub.Cut> cuts = [];
        foreach (var other in others)
        {
            cuts.Add(await topology.Hub!.CutAsync(one.Name, other.Name));
        }

        var since = Stopwatch.StartNew();
        long dropped;
        do
        {
            await Task.Delay(time - since.Elapsed is { Ticks: > 0 } left ? left : BetweenLooks);
            dropped = (await Task.WhenAll(cuts.Select(cut => cut.DroppedAsync()))).Sum();
        }
        // Two that have nothing to say to each other are not cut off yet.
        while (dropped == 0 && since.Elapsed < time + TargetPatience);

        foreach (var cut in cuts)
        {
            await cut.HealAsync();
        }

        return ($"{one.Name} and {string.Join(", ", others.Select(other => other.Name))}", dropped > 0, $"{dropped} packets were dropped");
    }

    private static async Task<bool> IsGoneAsync(int pid)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < StopPatience && Proc.IsAlive(pid);)
        {
            await Task.Delay(5);
        }

        return !Proc.IsAlive(pid);
    }
}
