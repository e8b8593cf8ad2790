using System.Collections.Concurrent;
using System.Collections.Immutable;
using CsCheck;
using OrleansBatch.Simulation.Properties;

namespace OrleansBatch.Simulation;

/// <summary>A sequence: what there is at the beginning, and what happens.</summary>
internal sealed record Sequence(Setup Setup, ImmutableArray<Command> Commands)
{
    public override string ToString() =>
        $"World.Run({Setup}, [\n    {string.Join(",\n    ", Commands.Select(Command.Text))}])";
}

/// <summary>A property that did not hold, and the shortest sequence that shows it.</summary>
internal sealed record Failure(Sequence Sequence, string What);

/// <summary>Makes sequences and tries them.</summary>
internal static class Sequences
{
    private static readonly Gen<DependencyOn> Dependency = Gen.Select(
        Gen.Frequency((4, Gen.Const(DependencyKind.Whole)), (2, Gen.Const(DependencyKind.Child)), (3, Gen.Const(DependencyKind.EachToEach)), (3, Gen.Const(DependencyKind.Sequence))),
        Gen.Int[0, 5],
        (kind, job) => new DependencyOn(kind, job));

    private static readonly Gen<Command> Submission = Gen.Select(
        Gen.Int[0, 1],
        Gen.Frequency((3, Gen.Const(1)), (2, Gen.Const(2)), (1, Gen.Const(3))),
        Gen.Int[1, 3],
        Gen.Frequency((6, Gen.Const(1)), (2, Gen.Const(2)), (1, Gen.Const(3))),
        Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true))),
        Gen.Frequency((3, Gen.Const(0)), (2, Gen.Const(1)), (2, Gen.Const(2))).SelectMany(count => Dependency.Array[count]),
        Gen.Frequency((8, Gen.Const((0, 0))), (2, Gen.Const((1, 0))), (1, Gen.Const((2, 0))), (2, Gen.Const((0, 1))), (1, Gen.Const((1, 1)))),
        (queue, size, attempts, vcpus, hasTimeout, dependsOn, needs) =>
            (Command)new Command.Submit(queue, size, attempts, vcpus, hasTimeout, [.. dependsOn], needs.Item1, needs.Item2));

    private static readonly Gen<int> Any = Gen.Int[0, 7];

    private static readonly Gen<int> Child = Gen.Int[-1, 2];

    private static readonly Gen<Command> Calm = Commands(accidents: 1);

    private static readonly Gen<Command> Rough = Commands(accidents: 5);

    private static Gen<Command> Commands(int accidents) => Gen.Frequency(
        (20, Submission),
        (1, Any.Select(call => (Command)new Command.SubmitAgain(call))),
        (3, Gen.Select(Any, Child, (job, child) => (Command)new Command.Cancel(job, child))),
        (4, Gen.Select(Any, Child, (job, child) => (Command)new Command.Terminate(job, child))),
        (1, Any.Select(job => (Command)new Command.Retag(job))),
        (1, Any.Select(queue => (Command)new Command.DeleteQueue(queue))),
        (16, Gen.Select(Any, Gen.Frequency((3, Gen.Const(0)), (2, Gen.Const(1))), (process, code) => (Command)new Command.Exit(process, code))),
        (2, Any.Select(attempt => (Command)new Command.FailToStart(attempt))),
        (40, Gen.Select(Gen.Int[1, 60], Gen.Int[0, 2], (turns, order) => (Command)new Command.Run(turns, order))),
        (4 * accidents, Gen.Int[0, 30].Select(message => (Command)new Command.Lose(message))),
        (3, Any.Select(message => (Command)new Command.Double(message))),
        (3, Gen.Frequency((2, Gen.Const(5)), (2, Gen.Const(12)), (1, Gen.Const(61)), (1, Gen.Const(100))).Select(seconds => (Command)new Command.Pass(seconds))),
        (4, Gen.Const((Command)new Command.Crash())),
        (accidents, Any.Select(machine => (Command)new Command.RestartAgent(machine))),
        (accidents, Any.Select(machine => (Command)new Command.KillSupervisor(machine))),
        (accidents, Gen.Select(Any, Gen.Bool, (machine, keepsDisk) => (Command)new Command.LosePower(machine, keepsDisk))),
        (1, Gen.Select(Any, Child, (job, child) => (Command)new Command.SplitJob(job, child))),
        (1, Any.Select(environment => (Command)new Command.SplitEnvironment(environment))),
        (1, Gen.Const((Command)new Command.Collect())));

    private static readonly Gen<Sequence> All = Gen.Frequency((2, Of(Calm)), (1, Of(Rough)));

    private static Gen<Sequence> Of(Gen<Command> command) => Gen.Select(
        Gen.Int[1, 3].Array[1, 2],
        Gen.UInt,
        Gen.Int[1, 3],
        Gen.Int[1, 9],
        command.Array[10, 60],
        (vcpus, seed, tokens, credits, commands) => new Sequence(new([.. vcpus], seed, tokens, credits), [.. commands]));

    /// <summary>The sequence with a number: always the same for one seed.</summary>
    public static Sequence Of(ulong seed, uint number) => All.Generate(new PCG(number, seed), null, out _);

    /// <summary>Tries many sequences on all processors: for each property that did not hold, the shortest that shows it.</summary>
    public static IReadOnlyDictionary<Property, Failure> Try(ulong seed, uint count, PlantedBug bug = PlantedBug.None, bool isOneEnough = false)
    {
        var failures = new ConcurrentDictionary<Property, Failure>();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (number, loop) =>
        {
            var sequence = Of(seed, (uint)number);
            foreach (var (property, what) in World.Run(sequence.Setup, sequence.Commands, bug))
            {
                failures.AddOrUpdate(property, new Failure(sequence, what), (_, known) =>
                    known.Sequence.Commands.Length <= sequence.Commands.Length ? known : new(sequence, what));
                if (isOneEnough)
                {
                    loop.Stop();
                }
            }
        });
        return failures;
    }

    /// <summary>Leaves out of a failing sequence whatever it fails without.</summary>
    public static Failure Shorten(Property property, Failure failure, PlantedBug bug = PlantedBug.None)
    {
        for (var size = failure.Sequence.Commands.Length / 2; size > 0;)
        {
            var shorter = Enumerable.Range(0, failure.Sequence.Commands.Length - size + 1)
                .Select(start => failure.Sequence with { Commands = failure.Sequence.Commands.RemoveRange(start, size) })
                .Select(sequence => World.Run(sequence.Setup, sequence.Commands, bug).TryGetValue(property, out var what) ? new Failure(sequence, what) : null)
                .FirstOrDefault(shorter => shorter is not null);
            if (shorter is null)
            {
                size /= 2;
            }
            else
            {
                failure = shorter;
                size = Math.Min(size, failure.Sequence.Commands.Length);
            }
        }

        return failure;
    }
}
