using System.Diagnostics;
using OrleansBatch.Chaos.Checker;
using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Faults;
using OrleansBatch.Chaos.Load;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Chaos.Members;
using OrleansBatch.Chaos.Witnesses;

namespace OrleansBatch.Chaos;

/// <summary>One run: programs, load and faults, then quiet, the history, and the judgement.</summary>
public static class ChaosRun
{
    /// <summary>How many of the starts are of works that surely have them. Retries and dependents are the others; should they be fewer, the load goes on for longer.</summary>
    private const double SureShare = 0.6;

    private static readonly TimeSpan QuietPatience = TimeSpan.FromMinutes(10);

    /// <summary>With a planted bug it may never come to be quiet, and that is enough.</summary>
    private static readonly TimeSpan QuietPatienceWithBug = TimeSpan.FromMinutes(1);

    /// <summary>Where no lease can lapse, long jobs are those that others wait for.</summary>
    private static readonly TimeSpan NoLoss = TimeSpan.FromSeconds(3);

    /// <summary>Why this machine can have no cluster; null: it can.</summary>
    public static string? WhyNoCluster => PostgresMember.WhyNot;

    /// <summary>Runs it.</summary>
    /// <param name="options">What it is to be.</param>
    /// <param name="tell">Takes lines about its progress.</param>
    /// <param name="cancellationToken">Ends it at once; all its programs end.</param>
    public static async Task<ChaosResult> RunAsync(ChaosOptions options, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var folder = await RunFolder.CreateAsync();
        folder.IsKept = options.Keep;
        await using var watcher = new Watcher(folder.FullPath);
        using var spawner = new Spawner(options.Bug);
        tell($"Folder {folder.FullPath}");
        using var recorder = new HistoryRecorder(options.History ?? Path.Combine(folder.FullPath, "history"));
        recorder.Add(new RunBegan { At = BootClock.Now, Seed = options.Seed, BootedAt = BootClock.BootedAt, Command = options.Command });
        var (topology, leftOut) = await Topologies.MakeAsync(options, spawner, folder);
        var result = await RunAsync(options, topology, recorder, folder, tell, cancellationToken) with { LeftOut = leftOut };
        folder.IsKept = options.Keep || result.Violations.Count > 0;
        return result with { Folder = folder.IsKept ? folder.FullPath : null };
    }

    private static async Task<ChaosResult> RunAsync(
        ChaosOptions options, Topology topology, HistoryRecorder recorder, RunFolder folder, Action<string> tell, CancellationToken cancellationToken)
    {
        var witness = Path.Combine(folder.FullPath, "witness.sh");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Witnesses", "witness.sh"), witness);
        Declare(topology, recorder);
        await topology.StartAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = topology.KeepUpAsync(ended.Token);
        tell($"Up: {string.Join(", ", topology.Programs.Select(program => program.Name))}");

        var lives = new LifeWatch(recorder, topology.Nodes);
        using var caller = new Caller(recorder, [.. topology.Silos.Select(silo => silo.Name).Zip(topology.Doors)], options.Seed);
        var submitter = new Submitter(caller, recorder, witness, options.Seed);
        await submitter.SetUpAsync(topology.EnvironmentRequest, cancellationToken);
        var watching = Task.Run(() => lives.RunAsync(ended.Token), CancellationToken.None);
        var telling = TellAsync(submitter, lives, tell, ended.Token);

        using (var calm = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var looking = submitter.LookAsync(calm.Token);
            var faults = FaultSchedule.Make(options.Seed, options.Time, Around(topology));
            var injector = new FaultInjector(topology, lives, recorder, tell);
            var injecting = injector.RunAsync(faults, cancellationToken);
            var since = Stopwatch.StartNew();
            var load = LoadPlan.Make(options.Seed, (int)(options.Jobs * SureShare), options.Time, (topology.Loss ?? NoLoss) * 2);
            bool HasStarted() => since.Elapsed >= options.Time && lives.Starts >= options.Jobs;
            await submitter.RunAsync(load, () => lives.Starts, HasStarted, () => HasStarted() && injecting.IsCompleted, cancellationToken);
            await injecting;
            await calm.CancelAsync();
            await looking;
        }

        tell("Load and faults are over; waiting until all is quiet");
        var collector = new Collector(caller, recorder, lives, tell);
        await collector.QuietAsync((options.Bug is null ? QuietPatience : QuietPatienceWithBug) + ((topology.Loss ?? TimeSpan.Zero) * 2), cancellationToken);
        lives.Look();
        await collector.CollectAsync(cancellationToken);
        await ended.CancelAsync();
        await Task.WhenAll(watching, telling, keeping);
        var history = new RunHistory(recorder.Entries);
        return new() { Options = options, History = history, Violations = HistoryChecker.Check(history), Calls = caller.Counts, OwnEnds = OwnEnds(topology) };
    }

    private static IReadOnlyList<string> OwnEnds(Topology topology) =>
        [.. topology.Programs.SelectMany(program => program.OwnEnds.CountBy(code => code).Select(code => $"{program.Name} {code.Value} times with {code.Key}"))];

    private static void Declare(Topology topology, HistoryRecorder recorder)
    {
        recorder.Add(new CapacityDeclared { At = BootClock.Now, Scope = CapacityDeclared.OfEnvironment, Name = Topology.Environment, Vcpus = topology.MaxVcpus });
        recorder.Add(new CapacityDeclared { At = BootClock.Now, Scope = CapacityDeclared.OfEnvironment, Name = Topology.NodesEnvironment, Vcpus = Topology.NodesVcpus });
        foreach (var node in topology.VcpusOfNode is null ? [] : topology.Nodes.Keys)
        {
            // Hosts of a managed environment are modelled: it uses a machine for as many as it likes.
            recorder.Add(new CapacityDeclared
            {
                At = BootClock.Now,
                Scope = CapacityDeclared.OfNode,
                Name = node,
                Environment = Topology.Environment,
                Vcpus = topology.VcpusOfNode!.Value,
            });
        }
    }

    private static FaultSurroundings Around(Topology topology) => new(
        topology.Silos.Count, topology.Agents.Count, topology.Database is not null, topology.Hub is not null, topology.Lease ?? TimeSpan.Zero, topology.Loss ?? TimeSpan.Zero);

    private static async Task TellAsync(Submitter submitter, LifeWatch lives, Action<string> tell, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
                tell($"{submitter.Answered} submissions answered, {lives.Starts} starts, {lives.Open.Count} processes alive");
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
